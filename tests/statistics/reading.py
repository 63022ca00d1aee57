"""Small ways to have read something."""

from datetime import date
from typing import Any

from sqlalchemy import insert, select

from bookapp.circles.models import Tie
from bookapp.circles.visibility import MEMBERS
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.shelves.models import Entry, Reading


async def was_read(
    db: Database, actor: Actor, book_id: int, finished: str | None, *, seen_by: int = MEMBERS, **more: Any
) -> None:
    """That a person finished a book: on a day, in a month ("2024-03"), in a year, or nobody knows when."""
    now = clock.now()
    quarters = more.pop("quarters", None)
    async with db.writing() as session:
        known = select(Entry.book_id).where(Entry.account_id == actor.id, Entry.book_id == book_id)
        if await session.scalar(known) is None:
            row = {"account_id": actor.id, "book_id": book_id, "state": "read", "seen_by": seen_by, "is_owned": False}
            await session.execute(insert(Entry).values(**row, quarters=quarters, added_at=now, state_at=now, version=1))
        day, exact = _date(finished)
        started, started_as = _date(more.pop("started", None))
        told = {"finished_on": day, "finished_as": exact, "started_on": started, "started_as": started_as}
        values = {"account_id": actor.id, "book_id": book_id, "outcome": "finished", "created_at": now, "version": 1}
        await session.execute(insert(Reading).values(**values | told | more))


async def blocks(db: Database, actor: Actor, other: Actor) -> None:
    """That a person blocks another one."""
    async with db.writing() as session:
        await session.execute(insert(Tie).values(account_id=actor.id, other_id=other.id, kind="block", at=clock.now()))


def _date(text: str | None) -> tuple[date | None, str | None]:
    if text is None:
        return None, None
    year, *rest = (int(part) for part in text.split("-"))
    return date(year, *[*rest, 1, 1][:2]), ("year", "month", "day")[len(rest)]
