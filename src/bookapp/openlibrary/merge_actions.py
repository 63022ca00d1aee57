"""Which cover a book has outside goes along when it becomes one with another, and comes back when that is undone."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.openlibrary.models import OutsideCover

name = "openlibrary"
_ROW, _NUMBER = "row", "number"


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let the second book have the picture's number, unless it has one itself, and return what that takes back."""
    rows = await _locked(db, from_id, into_id)
    gone, stays = rows.get(from_id), rows.get(into_id)
    if gone is None:
        return []
    if stays is None:
        await _rename(db, from_id, into_id)
        return [_ROW]
    if stays.cover_id is not None or gone.cover_id is None:
        return []
    stays.cover_id, stays.tried_at, stays.outcome = gone.cover_id, None, None
    await db.flush()
    return [_NUMBER, gone.cover_id]


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let the first book have again what the second was given, as far as the second still has it."""
    rows = await _locked(db, from_id, into_id)
    stays = rows.get(into_id)
    if not moved or stays is None:
        return
    if moved[0] == _ROW and from_id not in rows:
        await _rename(db, into_id, from_id)
    elif moved[0] == _NUMBER and stays.cover_id == moved[1]:
        stays.cover_id = None
        await db.flush()


async def _locked(db: AsyncSession, *ids: int) -> dict[int, OutsideCover]:
    rows = select(OutsideCover).where(OutsideCover.book_id.in_(ids)).order_by(OutsideCover.book_id).with_for_update()
    return {row.book_id: row for row in await db.scalars(rows)}


async def _rename(db: AsyncSession, before: int, after: int) -> None:
    await db.execute(
        update(OutsideCover)
        .where(OutsideCover.book_id == before)
        .values(book_id=after)
        .execution_options(synchronize_session=False)
    )
