"""What a merge of two authors or two books has to remember, and how one speaks of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Kept = dict[str, Any]
"""Everything that undoing needs, as JSON."""
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Moved:
    """What was merged: the two names, and what to remember."""

    from_name: str
    into_name: str
    kept: Kept


def left_alone(titles: Sequence[str], why: str) -> list[str]:
    """A sentence for each thing that stays as it is, and one for all that are too many to name."""
    said = [f"“{title}” {why}." for title in titles[:_NAMED]]
    rest = len(titles) - _NAMED
    return [*said, f"So it is with {rest} more."] if rest > 0 else said


EMPTY: dict[str, object] = {"world_count": 0}
"""What a book's columns hold that know nothing; the others hold NULL then."""
GROUPS: dict[str, tuple[str, ...]] = {
    "ISBN": ("isbn",),
    "year": ("year",),
    "language": ("language",),
    "number of pages": ("pages",),
    "description": ("description",),
    "series": ("series_id", "series_position"),
    "cover": ("cover",),
    "rating": ("world_count", "world_average"),
}
"""What one book can have and the other lack; the first column of each tells."""
_ONCE = {"rating_count": "world_count", "rating_average": "world_average"}
"""How merges that were made before the readers here could rate call what they gave."""


def is_empty(column: str, value: object) -> bool:
    """Whether a column of a book says nothing."""
    return value == EMPTY.get(column)


def missing(has: object, lacks: object) -> dict[str, Any]:
    """The columns that the first book can give to the second."""
    return {
        column: getattr(has, column)
        for first, *more in GROUPS.values()
        if is_empty(first, getattr(lacks, first)) and not is_empty(first, getattr(has, first))
        for column in (first, *more)
    }


def given_back(book: object, given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the columns of a book say when it gives back what it was given, and names of what was changed since."""
    given = {_ONCE.get(column, column): value for column, value in given.items()}
    back: dict[str, Any] = {}
    changed = []
    for name, columns in GROUPS.items():
        if columns[0] not in given:
            continue
        if all(getattr(book, column) == given[column] for column in columns):
            back |= {column: EMPTY.get(column) for column in columns}
        else:
            changed.append(name)
    return back, changed
