"""What files told about a book goes along when it becomes one with another, and comes back when that is undone."""

from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.imports.models import ImportMemory

name = "imports"
_AT_ONCE = 300


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let everybody's files be about the second book, and return whose rows those are."""
    mine = (ImportMemory.account_id, ImportMemory.source, ImportMemory.key)
    rows = await db.execute(select(*mine).where(ImportMemory.book_id == from_id).order_by(*mine).with_for_update())
    moved = [list(row) for row in rows]
    await _set(db, moved, from_id, into_id)
    return moved


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let those rows be about the first book again that are still about the second."""
    await _set(db, moved, into_id, from_id)


async def _set(db: AsyncSession, moved: list[Any], before: int, after: int) -> None:
    for start in range(0, len(moved), _AT_ONCE):
        part = [tuple(one) for one in moved[start : start + _AT_ONCE]]
        mine = tuple_(ImportMemory.account_id, ImportMemory.source, ImportMemory.key).in_(part)
        await db.execute(
            update(ImportMemory)
            .where(mine, ImportMemory.book_id == before)
            .values(book_id=after)
            .execution_options(synchronize_session=False)
        )
