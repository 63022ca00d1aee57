"""Reading Open Library's dumps line by line: gzip or plain text, of any size and in any state.

A line is `type, key, revision, last modified, JSON`, separated by tabs; the ratings and the covers have lines of four
fields. A line that cannot be read is told with its number, and the next one is read.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

from bookapp.core.errors import AppError

LONGEST = 8 * 2**20
"""Bytes of a line; a longer one is no record, and is passed over without keeping it."""
_KEY = re.compile(rb"/(?:authors|works|books|a|b)/OL([0-9]{1,15})[AWM]")
_KINDS = {
    b"/type/author": "author",
    b"/type/work": "work",
    b"/type/edition": "edition",
    b"/type/redirect": "redirect",
    b"/type/delete": "delete",
}
_ENDINGS = (".txt", ".tsv", ".txt.gz", ".tsv.gz", ".gz")


class Unreadable(AppError):
    """What was named cannot be read at all. `detail` says which and why."""

    status, title = 422, "That cannot be read"


class Line(NamedTuple):
    """One record, or why it is none."""

    number: int
    end: int
    """Where the next line begins, in bytes of the unpacked file."""
    kind: str
    """author, work, edition, redirect, delete, rating, cover; other for what is of no use here; damaged."""
    key: bytes = b""
    """`/works/OL45804W`; of a cover its number."""
    revision: int = 0
    told: bytes = b""
    """The JSON; of a rating the stars; of a cover width and height, a tab between; of what is damaged the reason."""


def files_of(paths: list[Path]) -> list[Path]:
    """The files that are meant: a directory means those in it that may be dumps. Raises Unreadable."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.name.endswith(_ENDINGS))
            if not inside:
                raise Unreadable(f"“{path}” holds no dump: no file that ends with .txt.gz or .txt.")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise Unreadable(f"There is no file “{path}”.")
    return list(dict.fromkeys(path.resolve() for path in found))


class DumpFile:
    """The lines of a file from byte `begin` on, before which there are `number` lines."""

    def __init__(self, path: Path, begin: int = 0, number: int = 0) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.passed = 0
        """Of that size so much is read."""
        self._begin, self._number = begin, number

    def __iter__(self) -> Iterator[Line]:
        """Every line; one that is cut off or broken in the middle ends with a damaged one, after all before it."""
        number, end = self._number, self._begin
        try:
            with self.path.open("rb") as packed, _unpacked(packed) as file:
                file.seek(self._begin)
                while data := file.readline(LONGEST):
                    number += 1
                    self.passed = packed.tell()
                    whole = len(data) < LONGEST or data.endswith(b"\n")
                    end += len(data) if whole else len(data) + _pass_over(file)
                    if not whole:
                        yield Line(number, end, "damaged", told=b"The line is too long.")
                    elif data.strip():
                        yield _line(number, end, data)
        except (OSError, EOFError, zlib.error) as error:
            reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
            yield Line(number + 1, end, "damaged", told=f"The file cannot be read any further: {reason}.".encode())


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    is_packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file, mode="rb")) if is_packed else file


def _pass_over(file: IO[bytes]) -> int:
    passed = 0
    while data := file.readline(LONGEST):
        passed += len(data)
        if data.endswith(b"\n"):
            break
    return passed


def _line(number: int, end: int, data: bytes) -> Line:
    fields = data.rstrip(b"\r\n").split(b"\t", 4)
    kind = _KINDS.get(fields[0])
    if kind is not None and len(fields) == 5:
        revision = int(fields[2]) if fields[2].isdigit() and len(fields[2]) < 10 else 0
        return Line(number, end, kind, fields[1], revision, fields[4])
    if kind is None and fields[0].startswith(b"/type/"):
        return Line(number, end, "other")
    if kind is None and len(fields) == 4:
        if fields[0].isdigit():
            return Line(number, end, "cover", fields[0], 0, b"\t".join(fields[1:3]))
        is_rating = fields[0].startswith(b"/works/") and fields[2].isdigit()
        # The reading log has four fields as well; nothing here is made of it.
        return Line(number, end, "rating", fields[0], 0, fields[2]) if is_rating else Line(number, end, "other")
    return Line(number, end, "damaged", told=b"The line does not have five fields.")


def number_of(key: object) -> int | None:
    """The number in `/works/OL45804W`; None for what is no such key."""
    if isinstance(key, str):
        key = key.encode(errors="replace")
    found = _KEY.fullmatch(key) if isinstance(key, bytes) else None
    return int(found[1]) if found else None
