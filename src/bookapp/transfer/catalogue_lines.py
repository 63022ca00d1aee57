"""The catalogue as JSON lines: what `/books.jsonl` wrote, read again. A wrong line is told, the rest is kept."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from bookapp.books.bulk import BookRecord
from bookapp.books.commands import Description, Isbn, Language, Name, Pages, Position, SubjectName, Title, Year
from bookapp.core.fields import Whole
from bookapp.core.text import name_key, typed
from bookapp.transfer.goodbooks import Problem
from bookapp.transfer.tables import Unreadable

LONGEST = 4_000_000
"""Characters in one line: a book with ten thousand editions needs half of that."""
_Count = Annotated[int, Field(ge=0, le=2**31 - 1), Whole]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLine:
    """A subject, and how much of it."""

    name: SubjectName
    weight: _Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionLine:
    """An ISBN under which the book was published."""

    isbn: Isbn
    publisher: Annotated[str, *typed(1, 200)] | None = None
    year: Year | None = None
    language: Language | None = None
    pages: Pages | None = None
    format: Annotated[str, *typed(1, 40)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """By which key another catalogue knows the book."""

    source: Annotated[str, *typed(1, 20)]
    key: Annotated[str, *typed(1, 60)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTold:
    """One line. Whatever else stands in it is passed over."""

    title: Title
    authors: Annotated[list[Name], Field(min_length=1, max_length=100)]
    key: Annotated[str, *typed(1, 60)] | None = None
    isbn: Isbn | None = None
    year: Year | None = None
    language: Language | None = None
    pages: Pages | None = None
    description: Description | None = None
    subjects: Annotated[list[SubjectLine], Field(max_length=200)] = field(default_factory=list)
    series: Name | None = None
    series_position: Position | None = None
    rating_average: Annotated[float, Field(ge=0, le=5)] | None = None
    rating_count: _Count = 0
    editions: Annotated[list[EditionLine], Field(max_length=20_000)] = field(default_factory=list)
    sources: Annotated[list[SourceLine], Field(max_length=100)] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that could be read, as the catalogue takes it."""

    file: str
    number: int
    record: BookRecord
    editions: tuple[EditionLine, ...]
    sources: tuple[tuple[str, str], ...]


_ADAPTER = TypeAdapter(BookTold)


def count_lines(path: Path) -> int | None:
    """How many lines a file has at most; None for a packed one, which would have to be unpacked for that."""
    if path.suffix == ".gz":
        return None
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(2**20), b""))


def read_lines(path: Path) -> Iterator[Line | Problem]:
    """The lines of a file, plain or as `.gz`, one after the other, so that a million need no memory.

    Raises Unreadable when the file as a whole is nothing of the kind.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="\n") as text:
            number = 0
            while line := text.readline(LONGEST):
                number += 1
                if len(line) == LONGEST and not line.endswith("\n"):
                    raise Unreadable(f"{path.name}, line {number} is longer than {LONGEST:,} characters.")
                if line.strip():
                    yield _read(path.name, number, line)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _read(file: str, number: int, text: str) -> Line | Problem:
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            return Problem(file, number, "", "The line is no JSON object; it was left out.")
        told = _ADAPTER.validate_python(found, context={"json": True})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Problem(file, number, _name(found), f"{where}: {first['msg'].removeprefix('Value error, ')}")
    except (ValueError, RecursionError):
        return Problem(file, number, "", "The line is not JSON; it was left out.")
    return Line(file, number, _record(told), tuple(told.editions), tuple((one.source, one.key) for one in told.sources))


def _name(found: dict[str, Any]) -> str:
    title = found.get("title")
    return title[:80] if isinstance(title, str) else ""


def _record(told: BookTold) -> BookRecord:
    # Without a key a line is known by its names: written down again it is the same book.
    names = "\n".join(map(name_key, (told.title, *told.authors)))
    return BookRecord(
        key=told.key or hashlib.sha256(names.encode()).hexdigest()[:32],
        title=told.title,
        authors=tuple(told.authors),
        isbn=told.isbn,
        year=told.year,
        language=told.language,
        pages=told.pages,
        description=told.description,
        subjects=tuple((one.name, one.weight) for one in told.subjects),
        series=told.series,
        series_position=told.series_position,
        rating_average=told.rating_average,
        rating_count=told.rating_count,
    )
