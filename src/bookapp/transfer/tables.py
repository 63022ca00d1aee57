"""Opening the tables of a directory: `name.csv` or `name.csv.gz`, in UTF-8, with a header line."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from bookapp.core.errors import AppError


class Unreadable(AppError):
    """A table that cannot be read at all. `detail` says which and why."""

    status, title = 422, "That cannot be read"


class Table:
    """The rows of one file, each read once."""

    def __init__(self, file: str, text: TextIO) -> None:
        self.file = file
        self._rows = csv.reader(text)
        self.columns = [name.strip().casefold() for name in next(self._rows, [])]

    def need(self, *columns: str) -> None:
        """Raise Unreadable unless there are these columns."""
        for column in columns:
            if column not in self.columns:
                raise Unreadable(f"{self.file} has no column “{column}” in its first line.")

    def rows(self) -> Iterator[tuple[int, dict[str, str] | None]]:
        """Line number and row; None for a row that has not one value for each column, so that nothing is misread."""
        for values in self._rows:
            whole = len(values) == len(self.columns)
            if values:
                yield self._rows.line_num, dict(zip(self.columns, values, strict=True)) if whole else None

    def only(self, *columns: str) -> Iterator[Sequence[str]]:
        """The values of these columns, row by row, without the rows that are cut off."""
        pick = itemgetter(*(self.columns.index(column) for column in columns))
        whole = len(self.columns)
        return (pick(values) for values in self._rows if len(values) == whole)


@contextmanager
def open_table(directory: Path, name: str) -> Iterator[Table | None]:
    """The table called `name`, or None when the directory has none.

    Raises Unreadable, also while its rows are read. Bytes that are not UTF-8 become lone surrogates, which `clean`
    refuses: so one bad row is told and the others are read.
    """
    paths = [path for path in (directory / f"{name}.csv", directory / f"{name}.csv.gz") if path.is_file()]
    if not paths:
        yield None
        return
    path = paths[0]
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            yield Table(path.name, text)
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(f"{path.name} cannot be read: {reason}.") from error
