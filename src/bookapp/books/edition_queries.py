"""Reading editions: which book an ISBN belongs to, and under which ISBNs a book was published."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book, Edition
from bookapp.books.results import EditionList, EditionShown
from bookapp.core.sql import is_among

SHOWN = 50
"""So many editions stand on a book's page: some have a thousand."""
_ASKED = 10_000
"""ISBNs in one statement."""


async def find_by_isbns(db: AsyncSession, isbns: Sequence[str]) -> dict[str, int]:
    """Which of these ISBNs (thirteen digits each) belong to a book that is here, and to which.

    A book's own ISBN goes before that of an edition.
    """
    distinct = sorted(set(isbns))
    found: dict[str, int] = {}
    for start in range(0, len(distinct), _ASKED):
        part = distinct[start : start + _ASKED]
        found |= dict(await _of_editions(db, part))
        rows = await db.execute(
            select(Book.isbn, Book.id).where(is_among(db, Book.isbn, part), Book.deleted_at.is_(None))
        )
        found |= {isbn: book_id for isbn, book_id in rows if isbn is not None}
    return found


async def _of_editions(db: AsyncSession, isbns: Sequence[str]) -> Iterable[tuple[str, int]]:
    numbers = [int(isbn) for isbn in isbns if isbn.isascii() and isbn.isdigit()]
    rows = await db.execute(
        select(Edition.isbn, Edition.book_id)
        .join(Book, Book.id == Edition.book_id)
        .where(is_among(db, Edition.isbn, numbers), Book.deleted_at.is_(None))
    )
    return [(f"{isbn:013d}", book_id) for isbn, book_id in rows]


async def list_editions(db: AsyncSession, book_id: int) -> EditionList:
    """The editions of a book, the newest first, as many as a page shows; and how many there are."""
    rows = (
        await db.execute(
            select(
                Edition.isbn,
                Edition.publisher,
                Edition.year,
                Edition.language,
                Edition.pages,
                Edition.format,
                func.count().over().label("total"),
            )
            .where(Edition.book_id == book_id)
            .order_by(func.coalesce(Edition.year, -32768).desc(), Edition.isbn)
            .limit(SHOWN)
        )
    ).all()
    shown = (EditionShown(f"{row.isbn:013d}", *row[1:6]) for row in rows)
    return EditionList(tuple(shown), rows[0].total if rows else 0)
