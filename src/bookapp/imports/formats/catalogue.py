"""The catalogue of a place like this one as a table (`GET /books.csv`): books that somebody wants to read."""

from collections.abc import Mapping
from typing import Final

from bookapp.core.text import plain_cell
from bookapp.imports.formats import values
from bookapp.imports.formats.row import LONGEST_NAME, LONGEST_TITLE, Row
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.told import EntryTold

NAME: Final = "catalogue"
TITLE: Final = "bookapp (books.csv)"
SAMPLE_COLUMNS: Final = (
    "id", "title", "authors", "year", "language", "pages", "isbn", "series", "series_position", "subjects",
    "rating_average", "rating_count",
)  # fmt: skip
_OTHERS: Final = ("id", "rating_average", "rating_count")
"""What means something only in the place that the file is from."""


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is such a catalogue."""
    return {"title", "authors", "series_position", "rating_average", "rating_count"} <= columns


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`."""
    row = Row({name: plain_cell(text) for name, text in cells.items()})
    row.drop(*_OTHERS)
    book = BookTold(
        title=row.line("title", most=LONGEST_TITLE),
        authors=row.names("authors", separators=";"),
        isbns=row.isbns("isbn"),
        year=row.year("year"),
        language=row.language("language"),
        pages=row.integer("pages"),
        subjects=row.subjects("subjects", separators=";"),
        series=row.line("series", most=LONGEST_NAME) or None,
        series_position=values.clipped(row.line("series_position", most=20), 20) or None,
    )
    return row.told("", book, EntryTold(state="want"))
