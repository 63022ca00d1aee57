"""Changing authors."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.actions import reindex
from bookapp.books.author_queries import find_author, show_author
from bookapp.books.commands import EditAuthor
from bookapp.books.models import Book, Contribution
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid
from bookapp.core.events import CATALOGUE, announce
from bookapp.core.text import name_key

BATCH = 500


async def rename_author(
    db: AsyncSession, actor: Actor, author_id: int, command: EditAuthor, version: int | None
) -> None:
    """Give an author another name, on all their books.

    Raises NotFound, Conflict when the author is no longer `version`, Invalid when somebody here has that name.
    """
    author = await find_author(db, author_id)
    if version is not None and author.version != version:
        newer = await show_author(db, author_id)
        raise Conflict("Somebody changed this author since you opened the page.", newer=newer)
    name = command.get("name", author.name)
    if name == author.name:
        return
    author.name, author.name_key = name, name_key(name)
    author.sort_key, author.written_key = rules.author_sort(name), rules.author_written(name)
    author.version += 1
    try:
        await db.flush()
    except IntegrityError as error:
        raise Invalid({"name": ["There is another author of this name here"]}) from error
    await db.execute(update(Book).where(Book.author_id == author_id).values(author_sort=author.sort_key))
    await _reindex_books_of(db, author_id)
    announce(db, CATALOGUE)


async def _reindex_books_of(db: AsyncSession, author_id: int) -> None:
    last = 0
    while True:
        ids = (
            await db.scalars(
                select(Contribution.book_id)
                .where(Contribution.author_id == author_id, Contribution.book_id > last)
                .order_by(Contribution.book_id)
                .limit(BATCH)
            )
        ).all()
        if not ids:
            return
        await reindex(db, ids)
        last = ids[-1]
