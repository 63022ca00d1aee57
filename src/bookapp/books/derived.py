"""What follows from the facts of a book, for whoever writes one: the columns to sort by, and what search reads."""

from collections.abc import Iterable
from typing import TypedDict

from bookapp.books import rules
from bookapp.books.models import UNKNOWN_YEAR
from bookapp.core.text import sort_key
from bookapp.search.documents import Document


class Derived(TypedDict):
    """The columns of `book` that nobody types."""

    title_sort: str
    year_sort: int
    series_sort: float


def columns(title: str, year: int | None, series_position: str | None) -> Derived:
    """The columns that follow from others."""
    return {
        "title_sort": sort_key(title),
        "year_sort": UNKNOWN_YEAR if year is None else year,
        "series_sort": rules.series_sort(series_position),
    }


def document(
    book_id: int, title: str, authors: Iterable[str], series: str | None, subjects: Iterable[str], isbn: str | None
) -> Document:
    """The book as search reads it."""
    more = (series, *subjects, isbn)
    return Document(book_id, title, " ".join(authors), " ".join(part for part in more if part))
