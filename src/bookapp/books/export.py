"""The catalogue as a file, in steps, so that a million rows need no more memory than a thousand."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict
from typing import Any

from bookapp.books import keeping_queries, queries
from bookapp.books.commands import FindBooks
from bookapp.books.keeping_results import KeptBook
from bookapp.books.results import BookLine
from bookapp.core.db import Database
from bookapp.core.text import safe_cell

COLUMNS = (
    "id", "title", "authors", "year", "language", "pages", "isbn", "series", "series_position", "subjects",
    "rating_average", "rating_count",
)  # fmt: skip
STEP = 1000
WHOLE = 200
"""Books in one step when everything about them is told: some have thousands of editions."""


async def rows(db: Database, question: FindBooks) -> AsyncIterator[bytes]:
    """All books that are found, by id, as pieces of a CSV file."""
    yield _lines([COLUMNS])
    after: int | None = 0
    while after is not None:
        # A session for each step: one long read would keep SQLite from emptying its log.
        async with db.reading() as session:
            books, after = await queries.list_rows(session, question, after, STEP)
        if books:
            yield _lines(map(_cells, books))


async def lines(db: Database, question: FindBooks) -> AsyncIterator[bytes]:
    """The same as JSON lines, with everything that the catalogue knows, for another place to take in again."""
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            found, after = await queries.list_rows(session, question, after, WHOLE)
        ids = [book.id for book in found]
        # A search answers more than a step at once.
        for start in range(0, len(ids), WHOLE):
            async with db.reading() as session:
                books = await keeping_queries.list_kept(session, ids[start : start + WHOLE])
            yield "".join(f"{json.dumps(told(book), ensure_ascii=False)}\n" for book in books.values()).encode()


def told(book: KeptBook) -> dict[str, Any]:
    """A book as a line of such a file has it: what is empty is left out."""
    editions = [{name: value for name, value in asdict(one).items() if value is not None} for one in book.editions]
    whole = {name: getattr(book, name) for name in _PLAIN} | {
        "subjects": [{"name": name, "weight": weight} for name, weight in book.subjects],
        "editions": editions,
        "sources": [{"source": source, "key": key} for source, key in book.sources],
    }
    return {name: value for name, value in whole.items() if value not in (None, (), [])}


_PLAIN = (
    "id", "key", "title", "authors", "year", "language", "pages", "isbn", "series", "series_position", "description",
    "rating_average", "rating_count",
)  # fmt: skip


def _cells(book: BookLine) -> list[object]:
    series = book.series
    return [
        book.id,
        safe_cell(book.title),
        safe_cell("; ".join(author.name for author in book.authors)),
        book.year,
        book.language,
        book.pages,
        book.isbn,
        safe_cell(series.name if series else ""),
        safe_cell((series.position or "") if series else ""),
        safe_cell("; ".join(book.subjects)),
        book.rating.average,
        book.rating.count,
    ]


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
