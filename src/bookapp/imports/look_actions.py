"""Looking at the rows of a file: what would become of them, without anything of it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book
from bookapp.imports.put_actions import Came, Order, put_records, puts_of
from bookapp.imports.told import Record


async def look_at_records(db: AsyncSession, order: Order, records: Sequence[Record]) -> Came:
    """What would become of the records: they are put in and taken out again, so a look never promises too much."""
    order = replace(order, is_look=True)
    # Nobody reads a review that is taken out again, so it is not drawn.
    drawn = {put.told.review.text: "" for put in puts_of(records) if put.told.review is not None}
    before = list(db.info.get("changes", ()))
    came = None
    with suppress(_TakenOut):
        async with db.begin_nested():
            came = await put_records(db, order, records, drawn)
            raise _TakenOut
    db.info["changes"] = before
    assert came is not None
    # A row may look like a book that was here for this moment only: by the rows before it in the file.
    wanted = {book_id for row in came.rows for book_id in row["candidates"]}
    here = set(await db.scalars(select(Book.id).where(Book.id.in_(wanted)))) if wanted else set()
    rows = [dict(row) | {"candidates": [one for one in row["candidates"] if one in here]} for row in came.rows]
    kept = [new for new, old in zip(rows, came.rows, strict=True) if new["candidates"] or not old["candidates"]]
    gone = len(rows) - len(kept)
    counts = replace(came.counts, doubtful=came.counts.doubtful - gone, new=came.counts.new + gone)
    return Came(counts, came.remarks, tuple(kept))


class _TakenOut(Exception):
    """Ends a savepoint so that nothing of it stays."""
