"""Changing authors."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.actions import reindex
from bookapp.books.author_queries import find_author, show_author
from bookapp.books.commands import EditAuthor
from bookapp.books.models import Book, BookChange, Contribution
from bookapp.core import clock
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
    before = author.name
    author.name, author.name_key = name, name_key(name)
    author.sort_key, author.written_key = rules.author_sort(name), rules.author_written(name)
    author.version += 1
    try:
        await db.flush()
    except IntegrityError as error:
        raise Invalid({"name": ["There is another author of this name here"]}) from error
    await db.execute(update(Book).where(Book.author_id == author_id).values(author_sort=author.sort_key))
    async for ids in _books_of(db, author_id):
        await note_on_all(db, actor, ids, {"author": [before, name]})
        await reindex(db, ids)
    announce(db, CATALOGUE)


async def _books_of(db: AsyncSession, author_id: int) -> AsyncIterator[Sequence[int]]:
    """The ids of an author's books, also of deleted ones, in batches."""
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
        yield ids
        last = ids[-1]


async def note_on_all(db: AsyncSession, actor: Actor, ids: Sequence[int], fields: dict[str, list[Any]]) -> None:
    """A new version of each book, and a line in its history, in two statements for all of them."""
    # A new version, so that a form opened before cannot bring the old name back.
    await db.execute(
        update(Book)
        .where(Book.id.in_(ids))
        .values(version=Book.version + 1)
        .execution_options(synchronize_session=False)
    )
    said: dict[str, Any] = {
        "at": clock.now(),
        "actor_id": actor.id,
        "actor_name": actor.name,
        "what": "edited",
        "fields": fields,
    }
    columns = BookChange.__table__.c
    told = select(Book.id, Book.version, *(literal(value, columns[name].type) for name, value in said.items()))
    await db.execute(
        insert(BookChange).from_select(["book_id", "version", *said], told.where(Book.id.in_(ids)).order_by(Book.id))
    )
