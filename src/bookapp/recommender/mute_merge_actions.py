"""Muted authors stay muted when one becomes another, and are as they were when that is undone.

Who muted the first one mutes the second one from then on: the first one's books are there.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.core.sql import is_among
from bookapp.recommender.models import Mute

name = "mutes"
_OTHER = aliased(Mute)
_AUTHOR = Mute.kind == "author"


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let whoever muted the first author mute the second one, and return since when, and who did so anyway."""
    rows = await db.execute(
        select(Mute.account_id, Mute.at, _OTHER.account_id.is_not(None).label("both"))
        .outerjoin(_OTHER, and_(_OTHER.account_id == Mute.account_id, _OTHER.kind == "author", _OTHER.key == into_id))
        .where(_AUTHOR, Mute.key == from_id)
        .order_by(Mute.account_id)
        .with_for_update(of=Mute)
    )
    moved = [[row.account_id, row.at.isoformat(), row.both] for row in rows]
    # The first author is gone, and on SQLite somebody else may get the number.
    await db.execute(delete(Mute).where(_AUTHOR, Mute.key == from_id))
    await _mute(db, {who: at for who, at, both in moved if not both}, into_id)
    return moved


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let the first author be muted again by whoever still mutes the second, who is then heard if they were before."""
    told = {who: (at, both) for who, at, both in moved}
    still = await db.scalars(
        select(Mute.account_id)
        .where(_AUTHOR, Mute.key == into_id, is_among(db, Mute.account_id, told))
        .order_by(Mute.account_id)
        .with_for_update()
    )
    people = list(still)
    has = set(await db.scalars(select(Mute.account_id).where(_AUTHOR, Mute.key == from_id)))
    await _mute(db, {who: told[who][0] for who in people if who not in has}, from_id)
    heard = [who for who in people if not told[who][1]]
    await db.execute(delete(Mute).where(_AUTHOR, Mute.key == into_id, is_among(db, Mute.account_id, heard)))


async def _mute(db: AsyncSession, since: dict[int, str], author_id: int) -> None:
    if since:
        rows = [
            {"account_id": who, "kind": "author", "key": author_id, "at": datetime.fromisoformat(at)}
            for who, at in since.items()
        ]
        await db.execute(insert(Mute), rows)
