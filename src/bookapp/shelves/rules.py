"""Decisions about a person and their books that need no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import quote

from bookapp.circles.visibility import MEMBERS
from bookapp.core.text import fold
from bookapp.shelves.results import State

STATES: tuple[State, ...] = ("want", "reading", "read", "stopped")
TITLES: dict[str, str] = {
    "want": "Want to read",
    "reading": "Reading",
    "read": "Read",
    "stopped": "Stopped",
    "all": "All books",
}
"""What the shelves are called that everybody has; the last one holds the books of all the others."""
MOST_SHELVES, MOST_TAGS = 100, 20
"""So many shelves of their own one person may have, and so many tags one book."""
QUARTERS = 4
_NOT_SLUGS = frozenset({*TITLES, "new", "edit", "delete"})
_LONGEST_SLUG = 72
_PARTS = ("", "¼", "½", "¾")


class Keep(Enum):
    """That something stays as it is, where None would mean something else."""

    KEEP = 0


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose about who sees their books, as it is stored."""

    default: int = MEMBERS
    shelves: Mapping[State, int | None] = field(default_factory=dict)
    """For each of the four shelves; None, or nothing, for the default."""

    def of_shelf(self, state: str | None) -> int:
        """Who sees what stands on that shelf, or on none of the four."""
        chosen = None if state is None else self.shelves.get(state)  # type: ignore[call-overload]  # any text may be asked
        return self.default if chosen is None else chosen


def effective(own: int | None, state: str | None, choices: Choices) -> int:
    """Who sees a thing: what was chosen for it alone, else for its shelf, else for everything."""
    return choices.of_shelf(state) if own is None else own


def stars_words(quarters: int | None) -> str:
    """A rating as people say it: "3½ of 5 stars"; empty without one."""
    if quarters is None:
        return ""
    whole, rest = divmod(quarters, QUARTERS)
    return f"{whole or ''}{_PARTS[rest]} of 5 stars"


def stars(quarters: int | None) -> float | None:
    """A rating in stars."""
    return None if quarters is None else quarters / QUARTERS


def slug(name: str, taken: Iterable[str]) -> str:
    """The place of a new shelf in an address, made from its name; never one of `taken`, or of ours."""
    plain = "-".join(fold(name).split())[:_LONGEST_SLUG].strip("-") or "shelf"
    used = _NOT_SLUGS.union(taken)
    found, number = plain, 2
    while found in used:
        found, number = f"{plain}-{number}", number + 1
    return found


def progress(page: int | None, percent: int | None, pages: int | None) -> int | None:
    """How much of a book is read, in percent; None when nobody knows."""
    if percent is not None:
        return percent
    return None if page is None or not pages else min(100, page * 100 // pages)


def progress_words(page: int | None, percent: int | None, pages: int | None) -> str:
    """How far somebody is, as people say it; empty when nobody knows."""
    if page is not None:
        return f"page {page:,} of {pages:,}" if pages else f"page {page:,}"
    return "" if percent is None else f"{percent} %"


def shelves_url(username: str) -> str:
    """The address of a person's shelves."""
    return f"/accounts/{username}/shelves"


def shelf_url(username: str, shelf: str) -> str:
    """The address of one of a person's shelves."""
    return f"{shelves_url(username)}/{quote(shelf)}"


def settings_url(username: str) -> str:
    """The address of how a person wants to be seen as a reader."""
    return f"/accounts/{username}/reading-settings"


def mine_url(book_id: int) -> str:
    """The address of what a person has to do with a book."""
    return f"/books/{book_id}/mine"
