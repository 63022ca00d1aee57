"""Decisions about tasks that need no database: what a typed date means, and what is due when."""

import hmac
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookapp.lists.results import Due, Group

MOST = 2000
"""So many tasks one person may have."""
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Where a task without a date stands among those that have one."""
SOON = timedelta(days=7)
KEPT, MOST_KEPT = timedelta(days=1), 50
"""How long, and how many, deleted tasks can be brought back."""
FIRST_YEAR, LAST_YEAR = 1900, 2999
WRONG_DATE = "must be a date such as 2026-03-31, or a moment such as 2026-03-31T18:00"
_END = time(23, 59, 59)
_MINUTES, _HOURS, _DAYS = 60, 3600, 86_400

Typed = datetime | date
"""A date as it was typed: a day, a moment on somebody's clock, or a moment with its offset."""


def typed_date(text: str) -> Typed:
    """What somebody typed as a date: ISO 8601, or day/month/year with a time.

    Raises ValueError for anything else, and for years that nobody means.
    """
    text = text.strip()
    if len(text) > 40 or not text.isascii():
        raise ValueError(WRONG_DATE)
    try:
        meant = _read(text)
    except ValueError:
        raise ValueError(WRONG_DATE) from None
    if not FIRST_YEAR <= meant.year <= LAST_YEAR:
        raise ValueError(f"must be between the years {FIRST_YEAR} and {LAST_YEAR}")
    return meant


def _read(text: str) -> Typed:
    if re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}", text):
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S")  # whose clock it is on, `moment` decides
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return date.fromisoformat(text)
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]", text):
        raise ValueError
    return datetime.fromisoformat(text.upper())


def moment(typed: Typed, zone: ZoneInfo, *, end_of_day: bool = False) -> datetime:
    """The moment that is meant, in UTC: without an offset it is on the person's own clock.

    A plain day is its beginning or, with `end_of_day`, its last second.
    """
    if not isinstance(typed, datetime):
        # Where the clock goes back at midnight a day has two last seconds, and the second one is the end.
        local = datetime.combine(typed, _END, zone).replace(fold=1) if end_of_day else _begins(typed, zone)
        return local.astimezone(UTC)
    return (typed if typed.tzinfo else typed.replace(tzinfo=zone)).astimezone(UTC)


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def span(due: Due, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime]:
    """From when until before when something falls due that is `overdue`, or due `today`, or this `week`, or never.

    Days and weeks are those of the calendar on the person's wall, Monday to Sunday.
    """
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    match due:
        case "overdue":
            return None, now
        case "today":
            first, after = today, today + timedelta(days=1)
        case "week":
            first, after = monday, monday + timedelta(days=7)
        case "none":
            return NEVER, NEVER + timedelta(seconds=1)
    return _begins(first, zone).astimezone(UTC), _begins(after, zone).astimezone(UTC)


def group_of(due: datetime | None, completed: bool, now: datetime, zone: ZoneInfo) -> Group:
    """Under which heading a task stands; each stands under one."""
    if completed:
        return "done"
    if due is None:
        return "none"
    if due < now:
        return "overdue"
    for name in ("today", "week"):
        if due < span(name, now, zone)[1]:
            return name
    return "later"


def due_words(due: datetime | None, completed: bool, now: datetime, zone: ZoneInfo) -> str:
    """When something is due, as people say it; empty when it is not."""
    if due is None:
        return ""
    local, here = due.astimezone(zone), now.astimezone(zone)
    if completed:
        return f"was due {exact(due, zone)}"
    if due < now:
        late = (now - due).total_seconds()
        return f"{_long(late, (here.date() - local.date()).days)} overdue" if late >= _MINUTES else "due now"
    days = (local.date() - here.date()).days
    at = "" if is_whole_day(due, zone) else f" at {local:%H:%M}"
    if days == 0:
        return f"today{at}"
    if days == 1:
        return f"tomorrow{at}"
    if days < 7:
        return f"on {local:%A}{at}"
    return f"in {_long(days * _DAYS, days)}"


def _long(seconds: float, days: int) -> str:
    if days < 1:
        many, unit = (int(seconds // _HOURS), "hour") if seconds >= _HOURS else (int(seconds // _MINUTES), "minute")
    elif days < 14:
        many, unit = days, "day"
    elif days < 60:
        many, unit = days // 7, "week"
    elif days < 730:
        many, unit = days // 30, "month"
    else:
        many, unit = days // 365, "year"
    return f"{many} {unit}{'' if many == 1 else 's'}"


def exact(due: datetime, zone: ZoneInfo) -> str:
    """A date in full, with the time when it is not simply the end of the day."""
    local = due.astimezone(zone)
    day = f"{local.day} {local:%B %Y}"
    return day if is_whole_day(due, zone) else f"{day}, {local:%H:%M}"


def as_typed(due: datetime | None, zone: ZoneInfo) -> str:
    """A date as a form shows it, on the person's clock."""
    if due is None:
        return ""
    local = due.astimezone(zone)
    return local.date().isoformat() if is_whole_day(due, zone) else f"{local:%Y-%m-%d %H:%M}"


def is_whole_day(due: datetime, zone: ZoneInfo) -> bool:
    """Whether a day is meant, and not one moment of it."""
    return due.astimezone(zone).time().replace(microsecond=0) == _END


def tasks_url(username: str) -> str:
    """The address of a person's tasks."""
    return f"/accounts/{username}/tasks"


def task_url(username: str, task_id: int) -> str:
    """The address of a task."""
    return f"{tasks_url(username)}/{task_id}"


def renewal_url(username: str) -> str:
    """The address to which a POST renews a person's calendar feed."""
    return f"/accounts/{username}/feed"


def feed_key(secret: bytes, account_id: int, number: int) -> str:
    """What makes the address of a person's calendar feed secret; another `number` makes another address."""
    return f"{account_id}-{hmac.digest(secret, f'tasks:{account_id}:{number}'.encode(), 'sha256').hex()}"


def feed_owner(key: str) -> int:
    """Whose feed a key is for, should it be a true one; 0 for nobody's."""
    owner = key.partition("-")[0]
    return int(owner) if re.fullmatch(r"[1-9][0-9]{0,17}", owner) else 0


def is_feed_key(given: str, secret: bytes, account_id: int, number: int) -> bool:
    """Whether that is the key, found out in a time that tells nothing about it."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), feed_key(secret, account_id, number).encode())
