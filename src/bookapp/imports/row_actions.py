"""Keeping the rows of an import that need their person."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.sql import is_among
from bookapp.imports.models import ImportRow
from bookapp.imports.rules import STEP
from bookapp.imports.told import Record, RowTold

TOLD: TypeAdapter[RowTold] = TypeAdapter(RowTold)
"""How what a row tells is stored: whatever its format, it need not be read a second time."""
_ROWS = cast(Table, ImportRow.__table__)


async def keep_rows(
    db: AsyncSession, import_id: int, numbers: Sequence[int], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Store what needs its person, in place of what an earlier look at the same rows stored."""
    old = (ImportRow.import_id == import_id, is_among(db, ImportRow.number, numbers))
    await db.execute(delete(_ROWS).where(*old, ImportRow.state.in_(("failed", "doubtful"))))
    if rows:
        # A choice whose book went meanwhile is asked again.
        await db.execute(delete(_ROWS).where(*old, ImportRow.number.in_([row["number"] for row in rows])))
        await db.execute(insert(_ROWS), [dict(row) for row in rows])


async def find_chosen(db: AsyncSession, import_id: int) -> list[Record]:
    """The next rows for which a book is chosen and that are not put in yet."""
    chosen = (ImportRow.import_id == import_id, ImportRow.state == "chosen")
    rows = await db.execute(
        select(ImportRow.number, ImportRow.line, ImportRow.cells, ImportRow.told)
        .where(*chosen)
        .order_by(ImportRow.number)
        .limit(STEP)
    )
    return [
        Record(number=row.number, line=row.line, cells=row.cells, told=TOLD.validate_python(row.told)) for row in rows
    ]


async def say_put(db: AsyncSession, import_id: int, numbers: Sequence[int]) -> None:
    """Write down that the rows for which a book was chosen are in."""
    if numbers:
        mine = (ImportRow.import_id == import_id, ImportRow.number.in_(numbers))
        await db.execute(update(_ROWS).where(*mine).values(state="put"))
