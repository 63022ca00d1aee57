"""Authors, series and subjects by name: reused when they exist, made when they do not, also when 50 ask at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.models import Author, Series, Subject
from bookapp.core.sql import insert_rows, is_among
from bookapp.core.text import name_key

Named = type[Author] | type[Series] | type[Subject]


async def ids_by_name(db: AsyncSession, kind: Named, names: Iterable[str]) -> dict[str, int]:
    """The id for each name key. Of those that ask for one new name at the same time, all get the same row."""
    wanted = {name_key(name): " ".join(name.split()) for name in names}
    if not wanted:
        return {}
    found = await _known(db, kind, list(wanted))
    # Sorted: two transactions that insert the same new names must do it in the same order, or they wait crosswise.
    missing = sorted(key for key in wanted if key not in found)
    if missing:
        rows = [_row(kind, key, wanted[key]) for key in missing]
        await insert_rows(db, cast(Table, kind.__table__), rows, skip_known=True)
        found |= await _known(db, kind, missing)
    return found


async def _known(db: AsyncSession, kind: Named, keys: Sequence[str]) -> dict[str, int]:
    rows = await db.execute(select(kind.name_key, kind.id).where(is_among(db, kind.name_key, keys)))
    return {row.name_key: row.id for row in rows}


def _row(kind: Named, key: str, name: str) -> Mapping[str, Any]:
    row: dict[str, Any] = {"name": name, "name_key": key}
    if kind is Author:
        keys = {"sort_key": rules.author_sort(name), "written_key": rules.author_written(name)}
        return row | keys | {"book_count": 0, "version": 1}
    return row | ({"book_count": 0} if kind is Subject else {})
