"""A plain list of ISBNs, as a scanner makes it: one in a line, or several between commas, semicolons or spaces."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bookapp.imports.formats import values
from bookapp.imports.formats.lines import Line, text_of
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.told import EntryTold

NAME: Final = "isbns"
TITLE: Final = "a list of ISBNs"
COLUMN: Final = "ISBN"
SAMPLE_COLUMNS: Final = (COLUMN,)
_HEADERS = frozenset(
    {"isbn", "isbns", "isbn13", "isbn-13", "isbn_13", "isbn 13", "isbn10", "isbn-10", "isbn/uid", "ean"}
)
_SEPARATORS = re.compile(r"[,;|\t]|\s(?=(?:\S*[0-9]){10})")
_LOOKS = re.compile(
    r"[\[(=\"']*(?:isbn[-: ]*(?:1[03])?[: ]*)?[0-9][0-9 \-\u2010-\u2015]{7,20}[0-9Xx](?:\.0)?[\])\"']*", re.IGNORECASE
)
_ENOUGH = 0.5


def fits(columns: frozenset[str]) -> bool:
    """Whether a table with these columns holds ISBNs and nothing else."""
    return len(columns) == 1 and columns <= _HEADERS


def is_list(lines: list[str]) -> bool:
    """Whether these first lines of a file hold ISBNs, perhaps under a header, and nothing else to speak of."""
    if lines and lines[0].strip(" \"',;:").casefold() in _HEADERS:
        lines = lines[1:]
    found = [part for text in lines for part in _parts(text)]
    likely = sum(_LOOKS.fullmatch(part) is not None for part in found)
    right = sum(values.isbn(part) is not None for part in found)
    return right > 0 and likely >= 0.8 * len(found) and right >= _ENOUGH * len(found)


def rows(lines: Iterator[Line]) -> Iterator[tuple[int, str]]:
    """Every part of the list with its line, but for a header."""
    is_first = True
    for number, data in lines:
        text = values.tidy(text_of(data[:10_000])) if data is not None else ""
        if text and not (is_first and text.strip(" \"',;:").casefold() in _HEADERS):
            yield from ((number, part) for part in _parts(text))
        is_first = is_first and not text


def read(cells: Mapping[str, str]) -> RowTold:
    """The book of an ISBN, on no shelf: that is for the person to say. Raises `Unreadable`."""
    text = values.cell(cells, COLUMN)
    isbn = values.isbn(text)
    if isbn is None:
        shown = values.clipped(values.line(text), 60)
        raise values.Unreadable(f"“{shown}” is no ISBN, or its last digit does not fit the others.")
    return RowTold(key=isbn, book=BookTold(isbns=(isbn,)), entry=EntryTold())


def _parts(text: str) -> list[str]:
    """The parts of a line; a line whose spaces stand within one ISBN is one part."""
    if values.isbn(text) is not None:
        return [text.strip(" \t\"',;")]
    return [part.strip() for part in _SEPARATORS.split(text[:10_000]) if part.strip(" \"'")]
