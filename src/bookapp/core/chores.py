"""What the place does by itself: each chore writes down when it was done last, and what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core import clock
from bookapp.core.db import Database, Model, UtcDateTime
from bookapp.core.errors import AppError
from bookapp.core.sql import upsert

EVERY = 600
"""Seconds between two rounds through all chores."""
Work = Callable[[AsyncSession], Awaitable[int]]
"""Does a chore in a transaction, and says how many things it threw away."""


class Chore(Model):
    """A chore, and its last time."""

    __tablename__ = "chore"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)
    milliseconds: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    """How many things it threw away the last time."""
    whole: Mapped[int] = mapped_column(BigInteger)
    """And since it was done for the first time."""
    trouble: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoreLine:
    """A chore as an administrator sees it."""

    name: str
    done_at: datetime
    milliseconds: int
    times: int
    last: int
    whole: int
    trouble: str | None


async def do(database: Database, name: str, work: Work) -> str | None:
    """Do a chore and write it down, in one transaction. Returns what was in the way, if anything was."""
    began = clock.now()
    try:
        async with database.writing() as db:
            await _write_down(db, name, began, await work(db), None)
    except AppError as error:
        async with database.writing() as db:
            await _write_down(db, name, began, 0, error.detail[:200])
        return error.detail
    return None


async def _write_down(db: AsyncSession, name: str, began: datetime, count: int, trouble: str | None) -> None:
    now = clock.now()
    took = int((now - began).total_seconds() * 1000)
    told = {"done_at": now, "milliseconds": took, "last": count, "trouble": trouble}
    row = upsert(db, Chore).values(name=name, times=1, whole=count, **told)
    again = told | {"times": Chore.times + 1, "whole": Chore.whole + count}
    await db.execute(row.on_conflict_do_update(index_elements=[Chore.name], set_=again))


async def list_chores(db: AsyncSession) -> tuple[ChoreLine, ...]:
    """All chores that were ever done, by name."""
    rows = await db.scalars(select(Chore).order_by(Chore.name))
    return tuple(
        ChoreLine(
            name=row.name,
            done_at=row.done_at,
            milliseconds=row.milliseconds,
            times=row.times,
            last=row.last,
            whole=row.whole,
            trouble=row.trouble,
        )
        for row in rows
    )
