"""The catalogue as a CSV file, in steps, so that a million rows need no more memory than a thousand."""

import csv
import io
import unicodedata
from collections.abc import AsyncIterator, Iterable

from bookapp.books import queries
from bookapp.books.commands import FindBooks
from bookapp.books.results import BookLine
from bookapp.core.db import Database

COLUMNS = (
    "id", "title", "authors", "year", "language", "pages", "isbn", "series", "series_position", "subjects",
    "rating_average", "rating_count",
)  # fmt: skip
STEP = 1000


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


def _cells(book: BookLine) -> list[object]:
    series = book.series
    return [
        book.id,
        safe(book.title),
        safe("; ".join(author.name for author in book.authors)),
        book.year,
        book.language,
        book.pages,
        book.isbn,
        safe(series.name if series else ""),
        safe((series.position or "") if series else ""),
        safe("; ".join(book.subjects)),
        book.rating.average,
        book.rating.count,
    ]


def safe(text: str) -> str:
    """Text that a spreadsheet will not run as a formula. Source: OWASP, "CSV Injection"."""
    # Spreadsheets take full-width signs for the plain ones, and do not see characters without width.
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return f"'{text}" if seen[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
