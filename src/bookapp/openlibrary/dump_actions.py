"""Putting works of a dump into the catalogue: what is here already is recognised, and gets what it lacks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.bulk import BulkCounts, put_books
from bookapp.books.bulk_joining import Named, join_books
from bookapp.books.edition_actions import EditionTold, put_editions
from bookapp.books.models import Book, BookSource
from bookapp.core.sql import is_among
from bookapp.openlibrary.cover_actions import put_covers
from bookapp.openlibrary.dump_works import Work
from bookapp.openlibrary.models import MAKER

SOURCE = "openlibrary"


async def put_works(db: AsyncSession, works: Sequence[Work]) -> tuple[BulkCounts, int]:
    """Bring the catalogue up to what these works tell, and say how many joined a book that somebody else had added.

    May raise IntegrityError when another writer put in the same meanwhile; trying again is right then.
    """
    named = {work.record.key: Named([isbn for isbn, _ in work.editions], work.former, work.same_name) for work in works}
    joined = await join_books(db, SOURCE, named, MAKER.name)
    counts = await put_books(db, MAKER, SOURCE, [work.record for work in works], sharing=True)
    ids = await _ids(db, list(named))
    editions = [
        EditionTold(
            isbn=isbn, book_id=ids[work.record.key], publisher=edition.publisher, year=edition.year,
            language=edition.language, pages=edition.pages, format=edition.format,
        )
        for work in works if work.record.key in ids
        for isbn, edition in work.editions
    ]  # fmt: skip
    await put_editions(db, editions)
    covers = [(ids[work.record.key], work.cover) for work in reversed(works) if work.record.key in ids]
    await put_covers(db, {book_id: cover for book_id, cover in covers if cover is not None})
    return counts, joined


async def _ids(db: AsyncSession, keys: Sequence[str]) -> dict[str, int]:
    rows = await db.execute(
        select(BookSource.key, BookSource.book_id)
        .join(Book, Book.id == BookSource.book_id)
        .where(BookSource.source == SOURCE, is_among(db, BookSource.key, keys), Book.deleted_at.is_(None))
    )
    return {row.key: row.book_id for row in rows}


async def is_here(db: AsyncSession, key: str) -> bool:
    """Whether a work was put in."""
    query = select(BookSource.book_id).where(BookSource.source == SOURCE, BookSource.key == key)
    return await db.scalar(query) is not None
