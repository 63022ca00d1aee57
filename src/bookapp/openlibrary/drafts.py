"""What Open Library tells of an ISBN, as somebody might have typed it: checked, bounded, or left out."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bookapp.core.text import clean

_LONGEST_TITLE, _LONGEST_NAME, _LONGEST_SUBJECT = 500, 200, 40
_SUBJECTS, _LOOKED_AT = 5, 40
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A book as it could be added, from outside."""

    isbn: str
    title: str
    author: str | None
    """The first of them; None when nobody is named."""
    year: int | None
    """Of this edition."""
    pages: int | None
    publisher: str | None
    subjects: tuple[str, ...]


def draft_of(isbn: str, told: object) -> Draft | None:
    """What an answer of the Books API (`jscmd=data`) says of an ISBN; None when it knows no such book.

    Each field is believed only as far as it is what it should be: a title that is no text is no title.
    Raises ValueError for an answer that is not one of that API.
    """
    if not isinstance(told, dict):
        raise ValueError("no object")
    book = told.get(f"ISBN:{isbn}")
    if not isinstance(book, dict):
        return None
    title, subtitle = _line(book.get("title"), _LONGEST_TITLE), _line(book.get("subtitle"), _LONGEST_TITLE)
    if title is None:
        return None
    return Draft(
        isbn=isbn,
        title=f"{title}: {subtitle}"[:_LONGEST_TITLE] if subtitle else title,
        author=_first(_names(book.get("authors"), _LONGEST_NAME)),
        year=_year(book.get("publish_date")),
        pages=_pages(book.get("number_of_pages")),
        publisher=_first(_names(book.get("publishers"), _LONGEST_NAME)),
        subjects=_subjects(book.get("subjects")),
    )


def kept_of(draft: Draft) -> dict[str, Any]:
    """A draft as it is kept."""
    return asdict(draft) | {"subjects": list(draft.subjects)}


def draft_again(kept: Mapping[str, Any]) -> Draft:
    """A draft out of what was kept; fields that an older release did not know are empty."""
    told = {field.name: kept.get(field.name) for field in fields(Draft)}
    return Draft(**told | {"subjects": tuple(kept.get("subjects") or ())})


def _line(value: object, most: int) -> str | None:
    """One line of text that says something, or None."""
    if not isinstance(value, str):
        return None
    try:
        text = clean(" ".join(value[: 4 * most].split()))
    except ValueError:
        return None
    return text[:most].strip() or None


def _names(value: object, most: int) -> list[str]:
    rows = value[:_LOOKED_AT] if isinstance(value, list) else []
    named = (_line(row.get("name"), most) for row in rows if isinstance(row, dict))
    return [name for name in named if name is not None]


def _first(names: list[str]) -> str | None:
    return names[0] if names else None


def _subjects(value: object) -> tuple[str, ...]:
    # In a form subjects stand on one line with commas between; the long ones are shelf marks and not words of readers.
    told = (name for name in _names(value, 2 * _LONGEST_SUBJECT) if "," not in name and len(name) <= _LONGEST_SUBJECT)
    return tuple({name.casefold(): name for name in told}.values())[:_SUBJECTS]


def _year(value: object) -> int | None:
    found = re.search(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])", value[:100]) if isinstance(value, str) else None
    return int(found.group()) if found else None


def _pages(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_PAGES
    return value if is_count else None  # type: ignore[return-value]  # it is a whole number
