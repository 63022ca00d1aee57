"""Advice goes along when a book becomes one with another, and comes back when that is undone.

Who praised both books keeps both praises: the first one waits with the deleted book. The same goes for pairs that are
there with both books; their voices come along, so that they are counted.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.advice.actions import count_praise
from bookapp.advice.models import Pair, PairVoice, Praise
from bookapp.advice.pair_actions import count_votes

name = "advice"


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let praise and pairs be about the second book, and return what went where."""
    moved = [["praise", key] for key in await _move_praise(db, from_id, into_id)]
    return moved + await _move_pairs(db, from_id, into_id)


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let what was moved be about the first book again, as far as it is still there and about the second."""
    praise = [key for kind, key, *_ in moved if kind == "praise"]
    again = select(Praise.account_id).where(Praise.book_id == from_id)
    for start in range(0, len(praise), 1000):
        some = (Praise.id.in_(praise[start : start + 1000]), Praise.book_id == into_id)
        await _set(db, update(Praise).where(*some, Praise.account_id.not_in(again)).values(book_id=from_id))
    await count_praise(db, [from_id, into_id])
    await _move_pairs_back(db, from_id, into_id, moved)


async def _move_praise(db: AsyncSession, from_id: int, into_id: int) -> list[int]:
    both = select(Praise.account_id).where(Praise.book_id == into_id)
    alone = (Praise.book_id == from_id, Praise.account_id.not_in(both))
    ids = list(await db.scalars(select(Praise.id).where(*alone).order_by(Praise.id).with_for_update()))
    for start in range(0, len(ids), 1000):
        await _set(db, update(Praise).where(Praise.id.in_(ids[start : start + 1000])).values(book_id=into_id))
    await count_praise(db, [from_id, into_id])
    return ids


async def _move_pairs(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    rows = await _pairs_of(db, from_id, into_id)
    there = {(pair.book_id, pair.other_id): pair.id for pair in rows}
    moved: list[Any] = []
    twins: dict[int, int] = {}
    for pair in rows:
        if from_id not in (pair.book_id, pair.other_id):
            continue
        side = "book_id" if pair.book_id == from_id else "other_id"
        new = (into_id, pair.other_id) if side == "book_id" else (pair.book_id, into_id)
        if new[0] == new[1]:
            continue  # the two books were a pair: it waits with the deleted one
        if new in there:
            twins[pair.id] = there[new]
        else:
            moved.append([side, pair.id])
    await _put(db, moved, into_id)
    return moved + await _move_voices(db, twins)


async def _put(db: AsyncSession, moved: Sequence[Any], book_id: int) -> None:
    """Let sides of pairs be that book, in a statement for each side."""
    for side in ("book_id", "other_id"):
        ids = [key for its, key, *_ in moved if its == side]
        for start in range(0, len(ids), 1000):
            await _set(db, update(Pair).where(Pair.id.in_(ids[start : start + 1000])).values({side: book_id}))


async def _move_voices(db: AsyncSession, twins: dict[int, int]) -> list[Any]:
    """Let the voices of pairs (the keys) speak for their twins, unless they do so already."""
    ids = [*twins, *twins.values()]
    voices = list(await db.scalars(select(PairVoice).where(PairVoice.pair_id.in_(ids)))) if ids else []
    there = {(voice.pair_id, voice.account_id) for voice in voices}
    moved = []
    for voice in voices:
        twin = twins.get(voice.pair_id)
        if twin is not None and (twin, voice.account_id) not in there:
            moved.append(["voice", voice.pair_id, twin, voice.account_id])
            there.add((twin, voice.account_id))
            voice.pair_id = twin
    await db.flush()
    await count_votes(db, ids)
    return moved


async def _move_pairs_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    rows = {pair.id: pair for pair in await _pairs_of(db, from_id, into_id)}
    there = {(pair.book_id, pair.other_id) for pair in rows.values()}
    back = []
    for side, key, *_ in moved:
        pair = rows.get(key) if side in ("book_id", "other_id") else None
        if pair is None or getattr(pair, side) != into_id:
            continue
        new = (from_id, pair.other_id) if side == "book_id" else (pair.book_id, from_id)
        if new not in there and new[0] != new[1]:
            back.append([side, key])
    await _put(db, back, from_id)
    await _move_voices_back(db, rows, moved)


async def _move_voices_back(db: AsyncSession, rows: dict[int, Pair], moved: list[Any]) -> None:
    told = {(twin, who): key for kind, key, *rest in moved if kind == "voice" for twin, who in (rest,) if key in rows}
    ids = sorted({key for pair in told.items() for key in (pair[0][0], pair[1])})
    voices = list(await db.scalars(select(PairVoice).where(PairVoice.pair_id.in_(ids)))) if ids else []
    there = {(voice.pair_id, voice.account_id) for voice in voices}
    for voice in voices:
        key = told.get((voice.pair_id, voice.account_id))
        if key is not None and (key, voice.account_id) not in there:
            voice.pair_id = key
    await db.flush()
    await count_votes(db, ids)


async def _pairs_of(db: AsyncSession, from_id: int, into_id: int) -> list[Pair]:
    books = (from_id, into_id)
    theirs = select(Pair).where(or_(Pair.book_id.in_(books), Pair.other_id.in_(books))).order_by(Pair.id)
    return list(await db.scalars(theirs.with_for_update().execution_options(populate_existing=True)))


async def _set(db: AsyncSession, statement: Any) -> None:
    await db.execute(statement.execution_options(synchronize_session=False))
