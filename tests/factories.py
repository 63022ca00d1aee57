"""Small ways to put something there: `await a_book(db, title="Emma")`."""

from typing import Any

from bookapp.books import actions
from bookapp.books.commands import AddBook
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database


async def a_book(db: Database, actor: Actor = GUEST, **fields: Any) -> int:
    """A book; "Emma" by Jane Austen unless told otherwise. Returns its id."""
    async with db.writing() as session:
        return await actions.add_book(session, actor, AddBook(**{"title": "Emma", "author": "Jane Austen"} | fields))
