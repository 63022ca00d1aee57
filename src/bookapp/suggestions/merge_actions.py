"""Recommendations of a book go along when it becomes one with another, and come back when that is undone."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.suggestions.models import Suggestion

name = "suggestions"
_COLUMNS = {"book_id": Suggestion.book_id, "because_id": Suggestion.because_id}


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let everything be about the second book, and return which columns of which rows were about the first."""
    moved = []
    for name, column in _COLUMNS.items():
        ids = await db.scalars(select(Suggestion.id).where(column == from_id).order_by(Suggestion.id).with_for_update())
        moved.append([name, list(ids)])
    await _set(db, moved, from_id, into_id)
    return moved


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let those be about the first book again that are still about the second."""
    await _set(db, moved, into_id, from_id)


async def _set(db: AsyncSession, moved: list[Any], before: int, after: int) -> None:
    for name, ids in moved:
        # In batches: a statement takes some ten thousand values at most.
        for start in range(0, len(ids), 1000):
            await db.execute(
                update(Suggestion)
                .where(Suggestion.id.in_(ids[start : start + 1000]), _COLUMNS[name] == before)
                .values({name: after})
                .execution_options(synchronize_session=False)
            )
