"""What people put aside goes along when a book becomes one with another, and comes back when that is undone.

Of who put both aside the longer "not now" holds for the second one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.core.sql import is_among
from bookapp.recommender.models import Dismissal

name = "dismissals"
_OTHER = aliased(Dismissal)


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let everybody's be about the second book, and return whose those are, and what the second one's were before."""
    rows = await db.execute(
        select(Dismissal.account_id, Dismissal.book_id, Dismissal.at, Dismissal.until)
        .where(Dismissal.book_id.in_((from_id, into_id)))
        .order_by(Dismissal.account_id, Dismissal.book_id)
        .with_for_update()
    )
    found: dict[int, dict[int, tuple[datetime, datetime]]] = {from_id: {}, into_id: {}}
    for row in rows:
        found[row.book_id][row.account_id] = (row.at, row.until)
    first, second = found[from_id], found[into_id]
    alone = [who for who in first if who not in second]
    longer = {who: its for who, its in first.items() if who in second and its[1] > second[who][1]}
    await _set(db, alone, from_id, into_id)
    await _hold(db, into_id, longer)
    both = [[who, *map(_said, second[who]), _said(longer[who][1])] for who in longer]
    return [["alone", *alone], *both]


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let those be about the first book again that are still about the second."""
    if not moved:
        return
    (_alone, *alone), *both = moved
    await _set(db, alone, into_id, from_id)
    told = {who: tuple(map(datetime.fromisoformat, times)) for who, *times in both}
    now = await db.execute(
        select(Dismissal.account_id, Dismissal.until)
        .where(Dismissal.book_id == into_id, is_among(db, Dismissal.account_id, told))
        .order_by(Dismissal.account_id)
        .with_for_update()
    )
    same = [row.account_id for row in now if row.until == told[row.account_id][2]]
    await _hold(db, into_id, {who: told[who][:2] for who in same})


def _said(moment: datetime) -> str:
    return moment.isoformat()


async def _set(db: AsyncSession, people: list[int], before: int, after: int) -> None:
    there = select(_OTHER.account_id).where(_OTHER.book_id == after)
    await db.execute(
        update(Dismissal)
        .where(
            Dismissal.book_id == before,
            is_among(db, Dismissal.account_id, people),
            Dismissal.account_id.not_in(there),  # they may have put it aside since
        )
        .values(book_id=after)
        .execution_options(synchronize_session=False)
    )


async def _hold(db: AsyncSession, book_id: int, told: Mapping[int, Sequence[datetime]]) -> None:
    """Let the dismissals of these people hold from and until then."""
    if told:
        rows = [{"account_id": who, "book_id": book_id, "at": at, "until": until} for who, (at, until) in told.items()]
        await db.execute(update(Dismissal), rows)
