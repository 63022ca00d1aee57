"""What one row of a file tells: a book, and what its person has to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bookapp.shelves.told import EntryTold

REASON_COLUMN = "bookapp: reason"
"""The last column of a file of rows that failed; no column of the file when it is corrected and sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTold:
    """A book as a file names it: clean values within the lengths of the tables; the title may be empty, never wrong."""

    title: str = ""
    authors: tuple[str, ...] = ()
    contributors: tuple[tuple[str, str], ...] = ()
    """Others, with their role: translator, narrator."""
    isbns: tuple[str, ...] = ()
    """Thirteen digits each, right by their check digit; the main one first."""
    year: int | None = None
    """When the work was first published, as far as the file knows."""
    edition_year: int | None = None
    language: str | None = None
    pages: int | None = None
    publisher: str | None = None
    format: str | None = None
    description: str | None = None
    subjects: tuple[str, ...] = ()
    series: str | None = None
    series_position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTold:
    """One record that could be read. `remarks` name what in it could not; the rest of it is kept."""

    key: str
    """By which the file's own place knows the row, the same each time: at most 80 characters."""
    book: BookTold
    entry: EntryTold
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a file: its cells by the names of the columns, and what they tell, or why nothing."""

    number: int
    """The how many-th record, from 1."""
    line: int
    cells: Mapping[str, str]
    told: RowTold | None = None
    reason: str = ""
    """Why it could not be read, as a sentence; empty when `told` is there."""
