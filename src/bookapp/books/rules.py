"""Decisions of the catalogue that need no database."""

import random
import re
from collections.abc import Iterable
from typing import Any, Literal

from bookapp.books.results import BookName
from bookapp.core.text import fold, sort_key

Size = Literal["small", "large"]
"""The sizes that a cover is kept in."""
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_MEAN, _WEIGHT = 3.5, 50
LARGEST_KEY = 2**62
"""What stays below it fits the column of every database."""


def isbn13(text: str) -> str:
    """The ISBN-13 of a typed ISBN-10 or ISBN-13, without hyphens.

    Source: ISO 2108; ISBN-10 weights its digits 10..1 modulo 11, ISBN-13 weights 1 and 3 modulo 10.
    Raises ValueError when the length or the check digit is wrong.
    """
    digits = re.sub(r"[\s\-\u2010-\u2015]", "", text).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits, re.ASCII):
        if sum((10 - i) * (10 if d == "X" else int(d)) for i, d in enumerate(digits)) % 11:
            raise ValueError("is not a valid ISBN: the last digit does not fit the others")
        digits = f"978{digits[:9]}"
        return digits + str(-_weighted(digits) % 10)
    if not re.fullmatch(r"97[89][0-9]{10}", digits, re.ASCII):
        raise ValueError("must be an ISBN of 10 or 13 digits")
    if _weighted(digits) % 10:
        raise ValueError("is not a valid ISBN: the last digit does not fit the others")
    return digits


def isbn_asked(q: str) -> str | None:
    """The thirteen digits of a query that is an ISBN in any spelling; None for every other query."""
    try:
        return isbn13(q)
    except ValueError:
        return None


def _weighted(digits: str) -> int:
    return sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))


def author_sort(name: str) -> str:
    """Where an author stands in the alphabet: by surname, which is the last word that is not a suffix."""
    words = fold(name).split()
    last = max((i for i, word in enumerate(words) if word not in _SUFFIXES), default=None)
    if last is None:
        return sort_key(name)
    return " ".join([words[last], *words[:last], *words[last + 1 :]])[:200]


def author_written(name: str) -> str:
    """An author's name as one begins to type it."""
    return fold(name)[:200]


def series_sort(position: str | None) -> float:
    """The place in a series as a number: `2`, `0.5`, `1-3` (its first) and, last, what holds no number."""
    match = re.search(r"[0-9]{1,6}(?:\.[0-9]{1,3})?", position or "", re.ASCII)
    return float(match.group()) if match else 1e9


def score(average: float | None, count: int) -> float:
    """Average rating drawn towards the middle while few have rated, so that one five is not better than a thousand 4.8.

    Source: the Bayesian average, with 50 imagined ratings of 3.5 stars.
    """
    return 0.0 if average is None or count == 0 else drawn(average * count, count)


def drawn(stars: Any, count: Any) -> Any:
    """The score of so many ratings with that sum of stars, as a number or, for columns, as SQL."""
    return (stars + _MEAN * _WEIGHT) / (count + _WEIGHT)


def together(world: float | None, count: int, quarters: int, here: int) -> tuple[float | None, int]:
    """Average and number of all ratings: those of the wide world, and `here` more whose sum is in quarter stars."""
    whole = count + here
    if whole == 0:
        return None, 0
    return ((world or 0.0) * count + quarters / 4) / whole, whole


def random_key() -> int:
    """A number that gives a book its place in a shuffled order."""
    return random.randrange(LARGEST_KEY)


def decade_of(year: int) -> int:
    """The first year of the decade: 1994 is in 1990, -44 in -50."""
    return year // 10 * 10


def decade_label(decade: int) -> str:
    """A decade as people say it."""
    return f"{decade}s" if decade >= 0 else f"{-decade}–{-decade - 9} BCE"


def book_url(book_id: int) -> str:
    """The address of a book."""
    return f"/books/{book_id}"


def book_name(book_id: int, title: str) -> BookName:
    """A book as it is named beside what is about it."""
    return BookName(book_id, title, book_url(book_id))


def author_url(author_id: int) -> str:
    """The address of an author."""
    return f"/authors/{author_id}"


def cover_url(book_id: int, cover: str | None) -> str:
    """The address of a book's cover; a new picture has a new address, so a browser may keep the old one for ever."""
    return f"/books/{book_id}/cover" + (f"?v={cover[:12]}" if cover else "")


def subjects_line(names: Iterable[str]) -> str:
    """Subjects as a person types them."""
    return ", ".join(names)
