"""Opening an account's file that somebody brings along: a ZIP file is trusted in nothing before it is read.

Refused are names that lead out of a folder, parts that unpack to more than any account has, or to hundreds of times
their size (a "zip bomb"), and lines without an end. Nothing is ever unpacked to where its name says.
"""

import errno
import json
import lzma
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from bookapp.core.errors import AppError

MOST_PARTS = 50_000
LARGEST_PART, LARGEST_WHOLE = 2**30, 2**31
"""Bytes that a part, and all parts together, may unpack to."""
LARGEST_COVER = 8 * 2**20
STEEPEST, SMALL = 200, 4 * 2**20
"""So many times its size a part may unpack to, once it is not small."""
LONGEST_LINE = 2**20
"""Bytes of a row. What is short and full of brackets becomes sixty times as large when it is read."""
_MOST_OF_BOOK = 2 * LONGEST_LINE
_LARGEST_LIST = 16 * 2**20
_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_SIZE, _LARGE_END_SIZE = b"PK\x06\x07", 20, 56
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error, UnicodeDecodeError)


class BadArchive(AppError):
    """A file that is not taken. `detail` says why, as a sentence."""

    status, title = 422, "This file cannot be read"


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The ZIP file, after a look at all that can be seen from outside. Raises BadArchive, also while it is read."""
    try:
        _check_list(path)
        with zipfile.ZipFile(path) as archive:
            check(archive)
            yield archive
    except _DAMAGED as error:
        raise BadArchive("The ZIP file is damaged.") from error
    except OSError as error:
        if not is_damage(error):
            raise
        raise BadArchive("The ZIP file is damaged.") from error
    except RuntimeError as error:  # so zipfile says that there is a password on it, or a way of packing that it has not
        raise BadArchive("The ZIP file cannot be opened.") from error


def is_damage(error: OSError) -> bool:
    """Whether what was read is wrong, and not the disk: so bz2 says it, and who is sent to a place before the first."""
    return error.errno in (None, errno.EINVAL)


def _check_list(path: Path) -> None:
    """Refuse a list of parts that would fill the memory before anybody could look at it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 2**16 - _END_SIZE - _LOCATOR_SIZE - _LARGE_END_SIZE))
        tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + _END_SIZE:
        raise BadArchive("This is no whole ZIP file.")
    list_size = struct.unpack_from("<I", tail, place + 12)[0]
    large = place - _LOCATOR_SIZE - _LARGE_END_SIZE
    if tail.startswith(_LOCATOR, place - _LOCATOR_SIZE) and large >= 0:  # a second end, for large files, counts then
        list_size = max(list_size, struct.unpack_from("<Q", tail, large + 40)[0])
    if list_size > _LARGEST_LIST:
        raise BadArchive("The ZIP file has too many parts.")


def check(archive: zipfile.ZipFile) -> None:
    """Refuse what no account's file is. Raises BadArchive."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts):
        raise BadArchive("The ZIP file has too many parts, or two of one name.")
    whole = 0
    for part in parts:
        name = part.filename
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/"):
            raise BadArchive("The ZIP file has a part whose name leads out of its folder.")
        if part.flag_bits & 1:
            raise BadArchive("The ZIP file is locked with a password.")
        is_steep = part.file_size > SMALL and part.file_size > STEEPEST * part.compress_size
        whole += part.file_size
        if is_steep or part.file_size > LARGEST_PART or whole > LARGEST_WHOLE:
            raise BadArchive("The ZIP file would unpack to far more than an account has.")


def lines(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    """The rows of a part, as the JSON of one object each; nothing for a part that is not there. Raises BadArchive."""
    if name not in archive.namelist():
        return
    with archive.open(name) as part:
        while line := part.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                raise BadArchive(f"{name} has a line that is longer than {LONGEST_LINE:,} bytes.")
            row = line.strip().rstrip(b",")
            if row.startswith(b"{"):
                yield row.decode("utf-8", "replace")


def rows(archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a part; what is none is passed over. Raises BadArchive."""
    for line in lines(archive, name):
        if row := row_of(line):
            yield row


def row_of(line: str) -> dict[str, Any]:
    """A row out of its line; empty when it is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def whole(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """A part that is one object; empty when it is none, or too large to be one of ours. Raises BadArchive."""
    if name not in archive.namelist() or archive.getinfo(name).file_size > LONGEST_LINE:
        return {}
    return row_of(archive.read(name).decode("utf-8", "replace"))


def head(archive: zipfile.ZipFile) -> dict[str, Any]:
    """What stands in account.json. Raises BadArchive."""
    return whole(archive, "account.json")


def picture(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """A cover; None for one that is not there or too large. Raises BadArchive."""
    if name not in archive.namelist() or archive.getinfo(name).file_size > LARGEST_COVER:
        return None
    with archive.open(name) as part:
        return part.read(LARGEST_COVER)


class Spool:
    """Rows of several parts, sorted by book on the disk: an account may have more than the memory takes."""

    def __init__(self) -> None:
        # An empty name is a database of its own in a file that nobody else sees and that goes with it.
        # Whoever reads may go from one thread to another between two rows, one at a time.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE spool (book INTEGER, part TEXT, line TEXT)")

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_exc: object) -> None:
        self._db.close()

    def put(self, part: str, found: Iterator[str]) -> None:
        """Take the rows of a part that name a book."""
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO spool VALUES (?, ?, ?)", self._keyed(part, found))
        self._db.execute("COMMIT")

    @staticmethod
    def _keyed(part: str, found: Iterator[str]) -> Iterator[tuple[int, str, str]]:
        for line in found:
            row = row_of(line)
            number = row.get("id" if part == "books" else "book_id")
            if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**63:
                yield number, part, line

    def books(self) -> Iterator[tuple[int, dict[str, list[dict[str, Any]]]]]:
        """Each book with its rows by part, in the order of the numbers."""
        self._db.execute("CREATE INDEX by_book ON spool (book)")
        rows = self._db.execute("SELECT book, part, line FROM spool ORDER BY book, rowid")
        for number, of_book in groupby(rows, key=itemgetter(0)):
            found: dict[str, list[dict[str, Any]]] = {}
            size = 0
            for _number, part, line in of_book:
                size += len(line)
                if size <= _MOST_OF_BOOK:
                    found.setdefault(part, []).append(row_of(line))
            yield number, found
