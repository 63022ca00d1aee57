"""Covers from outside: which ones there are, who waits for one, what came of asking."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.actions import set_cover
from bookapp.books.queries import find_book
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Conflict, NotFound
from bookapp.core.sql import insert_rows, is_among, upsert
from bookapp.jobs.actions import add_sole_job
from bookapp.jobs.queries import is_any_since
from bookapp.openlibrary import cover_rules as rules
from bookapp.openlibrary.cover_queries import list_wanted
from bookapp.openlibrary.models import MAKER, OutsideCover

_TABLE = cast(Table, OutsideCover.__table__)


async def put_covers(db: AsyncSession, covers: Mapping[int, int]) -> None:
    """Keep which picture each of these books (by id) has at Open Library.

    The first that was told stays, until it came to nothing: what two works tell of one book must not change places.
    """
    if not covers:
        return
    known = {
        row.book_id: row
        for row in await db.execute(
            select(_TABLE.c.book_id, _TABLE.c.cover_id, _TABLE.c.outcome)
            .where(is_among(db, _TABLE.c.book_id, list(covers)))
            .order_by(_TABLE.c.book_id)
            .with_for_update()
        )
    }
    # In order, as everybody writes them: two transactions that meet wait for each other and never in a circle.
    new = [{"book_id": id_, "cover_id": covers[id_]} for id_ in sorted(covers) if id_ not in known]
    await insert_rows(db, _TABLE, new, skip_known=True)
    better = [
        {"its_book": id_, "its_cover": covers[id_]}
        for id_, row in known.items()
        if row.cover_id is None or (row.outcome == "none" and row.cover_id != covers[id_])
    ]
    if better:
        values: dict[str, Any] = {"cover_id": bindparam("its_cover"), "tried_at": None, "outcome": None}
        await db.execute(update(_TABLE).where(_TABLE.c.book_id == bindparam("its_book")).values(values), better)


async def want_cover(db: AsyncSession, book_id: int) -> None:
    """Have the cover of a book fetched soon, by a job, while nobody waits for that."""
    await _put(db, book_id, {"wanted_at": clock.now()})
    await add_sole_job(db, rules.SOON, rules.TITLES[rules.SOON], None)


async def give_cover(db: AsyncSession, book_id: int, cover: str) -> bool:
    """Give a book the stored cover with this hash, unless it has one by now or is gone; says whether that was done."""
    try:
        book = await find_book(db, book_id)
    except NotFound:
        return False
    if book.cover is not None:
        return False
    await set_cover(db, MAKER, book_id, cover, None)
    return True


async def settle(db: AsyncSession, book_id: int, outcome: rules.Outcome | None) -> None:
    """Write down what came of asking for a cover, None when nobody was asked; who waited for it waits no longer."""
    if outcome is None:
        waiting = update(OutsideCover).where(OutsideCover.book_id == book_id).values(wanted_at=None)
        await db.execute(waiting.execution_options(synchronize_session=False))
        return
    await _put(db, book_id, {"wanted_at": None, "tried_at": clock.now(), "outcome": outcome})


async def add_due(database: Database) -> None:
    """Have the covers of this night fetched, and those that are waited for in vain; of several processes one does."""
    since = rules.last_night(clock.now())
    async with database.reading() as db:
        is_asked = await is_any_since(db, rules.NIGHTLY, since)
        is_wanted = bool(await list_wanted(db, 1))
    if is_asked and not is_wanted:
        return
    async with database.writing() as db:
        if not is_asked:
            await add_sole_job(db, rules.NIGHTLY, rules.TITLES[rules.NIGHTLY], since)
        if is_wanted:
            await add_sole_job(db, rules.SOON, rules.TITLES[rules.SOON], None)


async def add_now(db: AsyncSession) -> int:
    """Ask for what the night would ask for, and return the job's id. Raises Conflict while that is being done."""
    job_id = await add_sole_job(db, rules.NIGHTLY, rules.TITLES[rules.NIGHTLY], None)
    if job_id is None:
        raise Conflict("Covers are being fetched already.")
    return job_id


async def _put(db: AsyncSession, book_id: int, told: Mapping[str, Any]) -> None:
    add = upsert(db, _TABLE).values(book_id=book_id, **told)
    await db.execute(add.on_conflict_do_update(index_elements=[_TABLE.c.book_id], set_=dict(told)))
