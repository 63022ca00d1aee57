"""What reviews, readings and quotes stand on: the book by name, and who sees what has no choice of its own."""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import ACTIVE
from bookapp.books.models import Book
from bookapp.books.rules import book_url
from bookapp.circles.visibility import MEMBERS, visible
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyColumn
from bookapp.shelves.entry_queries import NO_BOOK
from bookapp.shelves.models import Entry, Reader
from bookapp.shelves.review_results import BookName


async def show_name(db: AsyncSession, book_id: int) -> BookName:
    """A book's name and address. Raises NotFound."""
    title = await db.scalar(select(Book.title).where(Book.id == book_id, Book.deleted_at.is_(None)))
    if title is None:
        raise NotFound(NO_BOOK)
    return BookName(book_id, title, book_url(book_id))


async def find_seen_by(db: AsyncSession, actor: Actor, book_id: int) -> int:
    """Who sees what a person says about a book and has no choice of its own: who sees the book on their shelf."""
    seen_by = await db.scalar(select(Entry.seen_by).where(Entry.account_id == actor.id, Entry.book_id == book_id))
    if seen_by is None:
        seen_by = await db.scalar(select(Reader.visibility).where(Reader.account_id == actor.id))
    return MEMBERS if seen_by is None else seen_by


def seen(actor: Actor, owner: AnyColumn, seen_by: AnyColumn) -> ColumnElement[bool]:
    """What `actor` may see of these rows, whose owner's account is joined: nobody's who is shut out or leaving."""
    return and_(visible(actor, owner, seen_by), or_(owner == actor.id, ACTIVE))


def person_url(username: str) -> str:
    """The address of a person."""
    return f"/accounts/{username}"
