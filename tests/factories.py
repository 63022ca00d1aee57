"""Small ways to put something there: `await a_book(db, title="Emma")`."""

import io
from typing import Any

from PIL import Image
from sqlalchemy import update

from bookapp.books import actions, rules
from bookapp.books.commands import AddBook
from bookapp.books.models import Book
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database
from tests.clients import Browser


async def a_book(db: Database, actor: Actor = GUEST, **fields: Any) -> int:
    """A book; "Emma" by Jane Austen unless told otherwise. Returns its id."""
    async with db.writing() as session:
        return await actions.add_book(session, actor, AddBook(**{"title": "Emma", "author": "Jane Austen"} | fields))


async def a_rating(db: Database, book_id: int, average: float, count: int) -> None:
    """What readers gave a book, as an import brings it."""
    async with db.writing() as session:
        values = {"rating_average": average, "rating_count": count, "score": rules.score(average, count)}
        world = {"world_average": average, "world_count": count}
        await session.execute(update(Book).where(Book.id == book_id).values(**values, **world))


async def a_sent_book(client: Browser, **fields: Any) -> dict[str, Any]:
    """A book added through the application, as JSON shows it."""
    answer = await client.post("/books", json={"title": "Emma", "author": "Jane Austen"} | fields)
    assert answer.status == 201, answer.text
    book: dict[str, Any] = answer.json
    return book


def a_picture(kind: str = "PNG", size: tuple[int, int] = (60, 90), **more: Any) -> bytes:
    """A picture of one colour, as the bytes of a file."""
    out = io.BytesIO()
    Image.new("RGB", size, (180, 40, 40)).save(out, kind, **more)
    return out.getvalue()
