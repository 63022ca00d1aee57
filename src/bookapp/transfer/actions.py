"""Putting records into the catalogue in steps that leave room for everybody else."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.bulk import BookRecord, BulkCounts, put_books
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.errors import Busy

T = TypeVar("T")
STEP = 1000
"""Books in one transaction: other writers wait for less than a second."""
PAUSE = 0.05
"""Waiting writers of other processes look again every 10 ms; without a pause the next step would always be faster."""
ATTEMPTS = 10


async def put_in(
    db: Database, actor: Actor, source: str, records: Sequence[BookRecord], told: Callable[[int], None]
) -> BulkCounts:
    """Put `records` in, telling after each step how many are done. What was done stays done when it is interrupted.

    Raises Busy when others keep the database for long.
    """
    counts = BulkCounts()
    for start in range(0, len(records), STEP):
        step = records[start : start + STEP]
        counts += await insist(db, partial(put_books, actor=actor, source=source, records=step))
        told(len(step))
        await asyncio.sleep(PAUSE)
    return counts


async def insist(db: Database, act: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """One transaction, tried again when another writer was in the way: nothing of it was kept then. Raises Busy."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with db.writing() as session:
                return await act(session)
        except (Busy, IntegrityError) as error:
            if attempt == ATTEMPTS:
                raise Busy("The database was busy for too long. Run this again to go on where it stopped.") from error
            await asyncio.sleep(0.2 * attempt)
    raise AssertionError("unreachable")
