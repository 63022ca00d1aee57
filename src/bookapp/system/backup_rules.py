"""Decisions about scheduled backups: what a file is called, when one is due, which ones go."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

KIND = "backup"
"""What the job is called."""
EVERY: dict[str, timedelta] = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
"""How often one is due, by the words of BOOKAPP_BACKUPS."""
Often = Literal["off", "daily", "weekly"]
_NAME = re.compile(r"bookapp-([0-9]{8}-[0-9]{6})\.zip")
_UNFINISHED = re.compile(rf"\.{_NAME.pattern}\..+")
_FORMAT = "%Y%m%d-%H%M%S"


def file_name(moment: datetime) -> str:
    """What the backup of that moment is called; in the order of the alphabet the newest is the last."""
    return f"bookapp-{moment.astimezone(UTC):{_FORMAT}}.zip"


def made_at(name: str) -> datetime | None:
    """When the backup of that name was begun; None for names that are not ours."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], _FORMAT).replace(tzinfo=UTC) if found else None
    except ValueError:  # the thirty-first of February
        return None


def is_unfinished(name: str) -> bool:
    """Whether that is the folder of a backup that was never finished."""
    return _UNFINISHED.fullmatch(name) is not None


def too_many(names: Iterable[str], kept: int) -> list[str]:
    """Which of these files go when so many of our backups are kept: the oldest ones, and never what is not ours."""
    ours = sorted(name for name in names if made_at(name))
    return ours[: max(len(ours) - kept, 0)]
