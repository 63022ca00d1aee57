"""Decisions about covers from outside that need no database: which pictures will do, and when to ask for one."""

from datetime import UTC, datetime, time, timedelta
from typing import Literal

NIGHTLY, SOON = "covers", "cover"
"""What the jobs are called: the one of each night, and the one for those that somebody waits for."""
TITLES = {NIGHTLY: "Covers from Open Library", SOON: "Covers that were asked for"}
OFF = "This place asks nobody outside for covers (BOOKAPP_OPENLIBRARY is off)."
SILENT = "Open Library does not answer just now. What is here stays; the next night goes on."
MOST = 1000
"""So many books are asked for in one run. Open Library wants no crawlers: a night is to be a quiet hour of it."""
SILENCES = 5
"""After so many questions in a row without an answer a run ends: whoever asks more is in somebody's way."""
AGAIN, SOON_AGAIN = timedelta(days=30), timedelta(days=1)
"""How long nobody asks for a cover again by himself: after an answer, and after none."""
_HOUR = time(3, tzinfo=UTC)
_LEAST_HEIGHT = 200
_FLATTEST, _TALLEST = 0.6, 2.5
"""Height by width: books for children are broader than high, and whatever is beyond is a spine or a banner."""
LARGEST_ID = 10**10
"""Numbers of pictures have eight digits so far."""

Outcome = Literal["found", "none", "silent"]
State = Literal["there", "off", "waiting", "unknown", "none", "silent", "new"]
SAYS: dict[State, str] = {
    "there": "This book has a cover.",
    "off": OFF,
    "waiting": "Open Library is being asked for a cover. That takes some seconds.",
    "unknown": "No cover is known: the book has no ISBN, and nobody told which one Open Library has.",
    "none": "Open Library was asked, and has no cover of this book that can be used.",
    "silent": "Open Library was asked, and did not answer.",
    "new": "Open Library may have a cover of this book.",
}
"""What there is to say of a book and its cover."""


def is_good(width: int, height: int) -> bool:
    """Whether a picture of so many pixels may be a cover: neither too small nor of strange proportions."""
    return height >= _LEAST_HEIGHT and width > 0 and _FLATTEST <= height / width <= _TALLEST


def last_night(now: datetime) -> datetime:
    """When the last night's work was due: three o'clock, UTC."""
    hour = datetime.combine(now.astimezone(UTC).date(), _HOUR)
    return hour if hour <= now else hour - timedelta(days=1)


def state_of(*, has_cover: bool, is_online: bool, is_waiting: bool, is_known: bool, outcome: str | None) -> State:
    """What there is to say of a book; `is_known` says that there is something to ask by."""
    if has_cover:
        return "there"
    if not is_online:
        return "off"
    if is_waiting:
        return "waiting"
    if not is_known:
        return "unknown"
    if outcome == "none":
        return "none"
    return "silent" if outcome == "silent" else "new"
