"""Reading what the readers of a data set rated and want to read, in little memory: one number for each row."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from bookapp.transfer.tables import open_table

GROUPS = {"ratings": "train", "ratings_train": "train", "foldin": "foldin"}
"""Which tables hold ratings, and what the data set uses their readers for; a later table has the last word."""
WANTED = "to_read"
WANT = 0
"""Stands for stars where a book was not rated: somebody wants to read it."""
_MOST_READER, _MOST_BOOK = 2**31 - 1, 2**28 - 1
_BOOK, _READER = 4, 32
"""At which bit of a row's number they begin; the stars come first, so that of two rows the better one comes last."""


@dataclass(frozen=True, slots=True)
class ReaderRecord:
    """A reader of a data set: the books that they rated, in stars, or want to read, by the data set's numbers."""

    key: str
    group: str
    books: Mapping[str, int]


@dataclass(slots=True)
class Readers:
    """All that was read."""

    rows: "array[int]" = field(default_factory=lambda: array("Q"))
    groups: dict[int, str] = field(default_factory=dict)
    damaged: dict[str, int] = field(default_factory=dict)
    """How many rows of each file could not be read."""

    def __len__(self) -> int:
        return len(self.groups)

    def records(self) -> Iterator[ReaderRecord]:
        """Reader by reader. Wishes of people who rated nothing are passed over."""
        for reader, rows in groupby(sorted(self.rows), key=lambda row: row >> _READER):
            if reader in self.groups:
                yield ReaderRecord(str(reader), self.groups[reader], dict(map(_book, rows)))


def _book(row: int) -> tuple[str, int]:
    return str((row >> _BOOK) & _MOST_BOOK), row & (2**_BOOK - 1)


def read_readers(directory: Path) -> Readers:
    """The readers of the tables that `directory` has; none of these has to be there. Raises Unreadable."""
    found = Readers()
    for name, group in GROUPS.items():
        _read(directory, name, ("user_id", "book_id", "rating"), found, group)
    if found.groups:
        _read(directory, WANTED, ("user_id", "book_id"), found, None)
    return found


def _read(directory: Path, name: str, columns: Sequence[str], found: Readers, group: str | None) -> None:
    with open_table(directory, name) as table:
        if table is None:
            return
        table.need(*columns)
        damaged = 0
        for reader, row in _rows(table.only(*columns)):
            if row is None:
                damaged += 1
                continue
            found.rows.append(row)
            if group is not None:
                found.groups[reader] = group
        if damaged:
            found.damaged[table.file] = damaged


def _rows(rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, int | None]]:
    """The number of each row with its reader; None for one that cannot be read."""
    for values in rows:
        try:
            reader, book, *rest = map(int, values)
        except ValueError:
            yield 0, None
            continue
        stars = rest[0] if rest else WANT
        fits = 0 <= reader <= _MOST_READER and 0 <= book <= _MOST_BOOK and (1 <= stars <= 5 if rest else True)
        yield reader, (reader << _READER) | (book << _BOOK) | stars if fits else None
