"""What time does to the catalogue: the names of people who left go, and what they shared stays."""

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book, BookChange, Merge
from bookapp.core.actor import WHO_LEFT
from bookapp.core.events import CATALOGUE, announce


async def forget_people(db: AsyncSession, gone: Mapping[int, str]) -> None:
    """Take the names of people (id to name) from books and their history: what they shared stays, without them."""
    ids = list(gone)
    theirs = select(BookChange.book_id).where(BookChange.actor_id.in_(ids), BookChange.what.in_(("added", "imported")))
    await db.execute(update(Book).where(Book.id.in_(theirs)).values(created_by=WHO_LEFT))
    await db.execute(update(BookChange).where(BookChange.actor_id.in_(ids)).values(actor_id=None, actor_name=WHO_LEFT))
    await db.execute(update(Merge).where(Merge.actor_id.in_(ids)).values(actor_id=None, actor_name=WHO_LEFT))
    await db.execute(update(Merge).where(Merge.undone_by.in_(list(gone.values()))).values(undone_by=WHO_LEFT))
    announce(db, CATALOGUE)
