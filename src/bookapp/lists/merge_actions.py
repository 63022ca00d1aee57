"""Tasks about a book go along when it becomes one with another, and come back when that is undone."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.lists.models import Task

name = "tasks"


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let everybody's tasks be about the second book, and return their ids."""
    ids = list(await db.scalars(select(Task.id).where(Task.book_id == from_id).order_by(Task.id).with_for_update()))
    await _set(db, ids, from_id, into_id)
    return ids


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let those tasks be about the first book again that are still about the second."""
    await _set(db, moved, into_id, from_id)


async def _set(db: AsyncSession, ids: list[int], before: int, after: int) -> None:
    # In batches: a statement takes some ten thousand values at most.
    for start in range(0, len(ids), 1000):
        await db.execute(
            update(Task)
            .where(Task.id.in_(ids[start : start + 1000]), Task.book_id == before)
            .values(book_id=after)
            .execution_options(synchronize_session=False)
        )
