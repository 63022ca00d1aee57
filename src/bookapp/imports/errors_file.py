"""The rows that failed, as a file that can be corrected and sent again."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence

from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.text import safe_cell
from bookapp.imports import queries
from bookapp.imports.told import REASON_COLUMN

_AT_ONCE = 500


async def pieces(database: Database, actor: Actor, import_id: int, columns: Sequence[str]) -> AsyncIterator[bytes]:
    """The file, some hundred rows at a time: the file's own columns, and why each row could not be read."""
    yield b"\xef\xbb\xbf" + _lines([[*map(safe_cell, columns), REASON_COLUMN]])
    after = 0
    while True:
        async with database.reading() as db:
            rows = await queries.list_failed(db, actor, import_id, after, _AT_ONCE)
        if not rows:
            return
        after = rows[-1][0]
        yield _lines([[*_cells(columns, cells), safe_cell(reason)] for _number, cells, reason in rows])


def _cells(columns: Sequence[str], cells: Mapping[str, str]) -> list[str]:
    return [safe_cell(cells.get(name, "")) for name in columns]


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
