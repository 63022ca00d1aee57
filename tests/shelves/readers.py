"""People with books to talk about."""

from typing import Any

from sqlalchemy import insert

from bookapp.circles.models import Tie
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.shelves import quote_actions, reading_actions, review_actions
from bookapp.shelves.quote_commands import AddQuote
from bookapp.shelves.reading_commands import AddReading
from bookapp.shelves.reading_rules import typed_when
from bookapp.shelves.review_commands import WriteReview


async def a_block(db: Database, who: Actor, whom: Actor) -> None:
    """One person blocks another."""
    async with db.writing() as session:
        told = {"account_id": who.id, "other_id": whom.id, "kind": "block", "at": clock.now()}
        await session.execute(insert(Tie).values(**told))


async def a_review(db: Database, actor: Actor, book_id: int, text: str = "I liked it", **more: Any) -> None:
    """A review; seen as the book on the shelf is, unless told otherwise."""
    async with db.writing() as session:
        await review_actions.write_review(session, actor, book_id, WriteReview(text=text, **more))


async def a_quote(db: Database, actor: Actor, book_id: int, text: str = "It is a truth", **more: Any) -> int:
    """A passage; seen as the book on the shelf is, unless told otherwise."""
    async with db.writing() as session:
        return await quote_actions.add_quote(session, actor, book_id, AddQuote(text=text, **more))


async def a_reading(
    db: Database, actor: Actor, book_id: int, started: str = "", finished: str = "", **more: Any
) -> int:
    """A reading with dates as they are typed; it goes on when it has no end."""
    dates = {name: typed_when(day) for name, day in (("started", started), ("finished", finished)) if day}
    async with db.writing() as session:
        return await reading_actions.add_reading(session, actor, book_id, AddReading(**dates, **more))
