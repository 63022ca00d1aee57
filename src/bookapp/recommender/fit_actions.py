"""Making a generation of neighbours, or some rows of it anew, and putting it in the place of the old one."""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Conflict
from bookapp.core.sql import rows_of, upsert
from bookapp.recommender import fit_queries as queries
from bookapp.recommender.material import Fitting, Material, Rows
from bookapp.recommender.models import BookNeighbor, Fit, FitClaim, StaleBook
from bookapp.recommender.results import FitKnown, FitMade

MOST_STALE = 500
"""More than so many books at once are work for a whole fit."""
STEP = 10_000
"""Rows deleted in one transaction."""
_HELD = timedelta(minutes=10)
_WORK = "fit"
BUSY = "Somebody else is fitting the recommender just now. Try again in some minutes."


class _Claim:
    """The right to change neighbours: one process has it, and it runs out when that one dies."""

    def __init__(self) -> None:
        self._holder = secrets.token_hex(16)

    async def take(self, db: AsyncSession) -> None:
        """Raises Conflict when somebody else has it."""
        if not await take_turn(db, _WORK, self._holder, _HELD):
            raise Conflict(BUSY)

    async def release(self, db: AsyncSession) -> None:
        await db.execute(delete(FitClaim).where(FitClaim.name == _WORK, FitClaim.holder == self._holder))


async def take_turn(db: AsyncSession, name: str, holder: str, held: timedelta) -> bool:
    """Take or keep the turn to do `name`; False when another holder has it, whose time is not over."""
    now = clock.now()
    mine = (FitClaim.holder == holder) | (FitClaim.until < now)
    told = {"holder": holder, "until": now + held}
    claim = upsert(db, FitClaim).values(name=name, **told)
    taken = await db.execute(claim.on_conflict_do_update(index_elements=[FitClaim.name], set_=told, where=mine))
    return rows_of(taken) == 1


async def fit_all(db: Database, fitting: Fitting, told: Callable[[int, int], None]) -> FitMade:
    """Make a new generation and put it in the place of the old one, telling how many books of how many are done.

    Raises Conflict while somebody else does that, and when there is nothing to be made; the old generation stays then.
    """
    claim = _Claim()
    async with db.writing() as session:
        await claim.take(session)
    try:
        return await _fit_all(db, claim, fitting, told)
    finally:
        async with db.writing() as session:
            await claim.release(session)


async def _fit_all(db: Database, claim: _Claim, fitting: Fitting, told: Callable[[int, int], None]) -> FitMade:
    began, started = clock.now(), time.monotonic()
    await _delete_others(db, claim)
    async with db.writing() as session:
        await _count_anew(session, "account", "reader", "book", "contribution", "book_subject", "entry")
    async with db.reading() as session:
        material = await queries.read_material(session)
    async with db.writing() as session:
        fit = Fit(
            made_at=began,
            readers=material.readers,
            ratings=len(material.book),
            books=len(material.ids),
            neighbors=0,
            milliseconds=0,
            is_current=False,
            change_id=material.change_id,
        )
        session.add(fit)
        await session.flush()
        fit_id = fit.id
    neighbors = 0
    for rows in fitting(material, None, ()):
        async with db.writing() as session:
            await claim.take(session)
            await _insert(session, fit_id, material, rows)
        neighbors += len(rows.sources)
        told(len(rows.asked), len(material.ids))
    if neighbors == 0:
        await _delete_others(db, claim)
        raise Conflict("There is nothing to fit yet: no book is like another one, and none was read by enough people.")
    took = int((time.monotonic() - started) * 1000)
    async with db.writing() as session:
        await claim.take(session)
        await _count_anew(session, "fit", "book_neighbor")
        await session.execute(update(Fit).where(Fit.is_current).values(is_current=False))
        done = {"is_current": True, "neighbors": neighbors, "milliseconds": took}
        await session.execute(update(Fit).where(Fit.id == fit_id).values(**done))
        await session.execute(delete(StaleBook).where(StaleBook.at <= began))
    await _delete_others(db, claim)
    return FitMade(material.readers, len(material.book), len(material.ids), neighbors)


async def refresh(db: Database, fitting: Fitting, told: Callable[[int, int], None]) -> FitMade | None:
    """Make the rows of changed books anew, and all when there are too many of these; None when nothing was to do.

    Raises Conflict as `fit_all` does.
    """
    async with db.reading() as session:
        fit = await queries.show_current(session)
        stale = [] if fit is None else await queries.list_stale(session, fit, MOST_STALE + 1)
    if fit is None or len(stale) > MOST_STALE:
        return await fit_all(db, fitting, told)
    if not stale:
        return None
    claim = _Claim()
    async with db.writing() as session:
        await claim.take(session)
    try:
        return await _refresh(db, claim, fit, stale, fitting, told)
    finally:
        async with db.writing() as session:
            await claim.release(session)


async def _refresh(
    db: Database, claim: _Claim, fit: FitKnown, stale: Sequence[int], fitting: Fitting, told: Callable[[int, int], None]
) -> FitMade:
    began = clock.now()
    async with db.reading() as session:
        few, unknown = await queries.list_refreshed(session, fit, stale)
        material = await queries.read_material(session)
    numbers = {book_id: number for number, book_id in enumerate(material.ids)}
    targets = [numbers[book] for book in few if book in numbers]
    around = [numbers[book] for book in unknown if book in numbers]
    neighbors = done = 0
    for rows in fitting(material, targets, around):
        async with db.writing() as session:
            await claim.take(session)
            asked = [material.ids[number] for number in rows.asked]
            its = (BookNeighbor.fit_id == fit.id, BookNeighbor.target_id.in_(asked))
            await session.execute(delete(BookNeighbor).where(*its))
            await _insert(session, fit.id, material, rows)
        neighbors, done = neighbors + len(rows.sources), done + len(rows.asked)
        told(len(rows.asked), len(targets))
    async with db.writing() as session:
        await claim.take(session)
        gone = [book for book in stale if book not in numbers]
        for side in (BookNeighbor.source_id, BookNeighbor.target_id):
            await session.execute(delete(BookNeighbor).where(BookNeighbor.fit_id == fit.id, side.in_(gone)))
        await session.execute(delete(StaleBook).where(StaleBook.book_id.in_(stale), StaleBook.at <= began))
        await session.execute(update(Fit).where(Fit.id == fit.id).values(change_id=material.change_id))
    return FitMade(material.readers, len(material.book), done, neighbors)


async def _insert(db: AsyncSession, fit_id: int, material: Material, rows: Rows) -> None:
    told = [
        {
            "fit_id": fit_id,
            "source_id": material.ids[source],
            "target_id": material.ids[target],
            "weight": weight,
            "kind": kind,
        }
        for source, target, weight, kind in zip(rows.sources, rows.targets, rows.weights, rows.kinds, strict=True)
    ]
    if told:
        await db.execute(insert(cast(Table, BookNeighbor.__table__)), told)


async def _count_anew(db: AsyncSession, *tables: str) -> None:
    """Tell PostgreSQL what is in these tables now: planned by what was there before, a question took five times as
    long, and right after an import each step of reading began with sorting all that is left."""
    if db.get_bind().dialect.name == "postgresql":
        # A fifth of the usual sample: for that of a million books one statement has not enough time.
        await db.execute(text("SET LOCAL default_statistics_target = 20"))
        for table in tables:
            await db.execute(text(f"ANALYZE {table}"))


async def _delete_others(db: Database, claim: _Claim) -> None:
    """Throw away generations that are not in use, in steps. Whoever is asked meanwhile looks at the one in use."""
    async with db.reading() as session:
        others = await queries.list_others(session)
    for fit_id in others:
        while await _delete_step(db, claim, fit_id):
            pass


async def _delete_step(db: Database, claim: _Claim, fit_id: int) -> bool:
    """Delete some of its rows, and in the end itself; says whether there is more."""
    its: Any = BookNeighbor.fit_id == fit_id
    first = select(BookNeighbor.source_id).where(its).order_by(BookNeighbor.source_id).limit(STEP).subquery()
    async with db.writing() as session:
        await claim.take(session)
        until = await session.scalar(select(func.max(first.c.source_id)))
        if until is not None:
            await session.execute(delete(BookNeighbor).where(its, BookNeighbor.source_id <= until))
            return True
        await session.execute(delete(Fit).where(Fit.id == fit_id))
        return False
