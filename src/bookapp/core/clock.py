"""The one place that looks at the clock, so that tests can stop it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that IANA name; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")
