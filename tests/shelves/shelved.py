"""Small ways to put books on shelves and to look at them."""

from typing import Any

from sqlalchemy import func, insert, select

from bookapp.books.models import Book
from bookapp.books.queries import show_line
from bookapp.books.results import Rating
from bookapp.circles.models import Tie
from bookapp.circles.visibility import stored
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.shelves import entry_actions as actions
from bookapp.shelves import (
    entry_queries,
    mine_queries,
    settings_actions,
    shelf_actions,
    shelf_book_queries,
    shelf_queries,
)
from bookapp.shelves.commands import AddShelf, FindOnShelf
from bookapp.shelves.models import Entry
from bookapp.shelves.results import BookReaders, MyBook, ShelfList, ShelfShown
from bookapp.shelves.rules import KEEP


async def put(db: Database, actor: Actor, book: int, state: Any, visibility: str | None = "") -> MyBook:
    """Put a book on one of the four shelves."""
    seen = KEEP if visibility == "" else None if visibility is None else stored(visibility)  # type: ignore[arg-type]
    async with db.writing() as session:
        await actions.put_on_shelf(session, actor, book, state, visibility=seen)
    return await mine(db, actor, book)


async def off(db: Database, actor: Actor, book: int) -> MyBook:
    """Take it off."""
    async with db.writing() as session:
        await actions.take_off_shelf(session, actor, book)
    return await mine(db, actor, book)


async def rated(db: Database, actor: Actor, book: int, stars: float | None) -> MyBook:
    """Rate a book, or take the rating back."""
    async with db.writing() as session:
        if stars is None:
            await actions.unrate(session, actor, book)
        else:
            await actions.rate_book(session, actor, book, int(stars * 4))
    return await mine(db, actor, book)


async def edited(db: Database, actor: Actor, book: int, **fields: Any) -> MyBook:
    """Change note, tags, ownership, who may see it."""
    async with db.writing() as session:
        await actions.edit_entry(session, actor, book, fields)  # type: ignore[arg-type]
    return await mine(db, actor, book)


async def settled(db: Database, actor: Actor, **fields: Any) -> None:
    """Change who sees the person's books."""
    async with db.writing() as session:
        await settings_actions.edit_settings(session, actor, fields)  # type: ignore[arg-type]


async def a_shelf(db: Database, actor: Actor, name: str = "Classics", *books: int, **fields: Any) -> str:
    """A shelf of the person's own, with books on it."""
    async with db.writing() as session:
        slug = await shelf_actions.add_shelf(session, actor, AddShelf(name=name, **fields))
        for book in books:
            await shelf_actions.put_on_own(session, actor, slug, book)
    return slug


async def mine(db: Database, actor: Actor, book: int) -> MyBook:
    """What the person has to do with the book."""
    async with db.reading() as session:
        return await mine_queries.show_mine(session, actor, book)


async def readers(db: Database, actor: Actor, book: int) -> BookReaders:
    """Who reads the book, as the person sees it."""
    async with db.reading() as session:
        return await entry_queries.show_readers(session, actor, book)


async def shelves(db: Database, actor: Actor, username: str = "alice") -> ShelfList:
    """Somebody's shelves, as the person sees them."""
    async with db.reading() as session:
        return await shelf_queries.list_shelves(session, actor, username)


async def shelf(db: Database, actor: Actor, slug: str, username: str = "alice", **question: Any) -> ShelfShown:
    """One of somebody's shelves, as the person sees it."""
    async with db.reading() as session:
        return await shelf_book_queries.list_shelf(session, actor, username, slug, FindOnShelf(**question))


async def titles(db: Database, actor: Actor, slug: str, username: str = "alice", **question: Any) -> list[str]:
    """The titles on a shelf."""
    return [book.title for book in (await shelf(db, actor, slug, username, **question)).books]


async def rating(db: Database, book: int) -> Rating:
    """What the catalogue says of the book."""
    async with db.reading() as session:
        return (await show_line(session, book)).rating


async def here(db: Database, book: int) -> tuple[int, int]:
    """How many ratings of readers here count for the book, and their sum in quarters."""
    async with db.reading() as session:
        row = (await session.execute(select(Book.here_count, Book.here_quarters).where(Book.id == book))).one()
        return row.here_count, row.here_quarters


async def entries(db: Database, actor: Actor) -> int:
    """How many entries the person has."""
    async with db.reading() as session:
        return await session.scalar(select(func.count()).where(Entry.account_id == actor.id)) or 0


async def tied(db: Database, who: Actor, whom: Actor, kind: str) -> None:
    """Let somebody trust or block another."""
    async with db.writing() as session:
        await session.execute(insert(Tie).values(account_id=who.id, other_id=whom.id, kind=kind, at=clock.now()))
