"""A cursor that opens, executes, fetches and closes in one visit to the driver's thread.

SQLAlchemy's own goes there four or five times for each statement, about 60 microseconds each; measured, a statement
takes 266 instead of 404. Where nobody else is served meanwhile (`stay_here`), even that one visit is spared: on a busy
machine it costs the wait for two more turns of the processor.

It leans on private names of two pinned libraries: `tests/core/test_one_visit.py` fails when one of them moves.
"""

import sqlite3
from collections import deque
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor

_HERE = "bookapp_is_here"
Outcome = tuple[Any, list[Any], int, int | None]


class OneVisitCursor(AsyncAdapt_aiosqlite_cursor):
    """Holds what came back, and nothing of the database: a cancelled request leaves no open cursor behind."""

    __slots__ = ("_outcome",)

    _awaitable_cursor_close = False

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._soft_closed_memoized = {}  # type: ignore[assignment]  # read by the parent, never written here
        self._outcome: Outcome = (None, [], -1, None)

    @property
    def description(self) -> Any:
        """The columns."""
        return self._outcome[0]

    @property
    def rowcount(self) -> int:
        """How many rows a change met."""
        return self._outcome[2]

    @property
    def lastrowid(self) -> Any:
        """The key of an inserted row."""
        return self._outcome[3]

    def close(self) -> None:
        """Forget the rows."""
        self._rows.clear()

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._visit(_execute, operation, parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._visit(_execute_many, operation, seq_of_parameters)

    async def _visit(self, work: Any, operation: Any, parameters: Any) -> None:
        driver: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            if getattr(driver, _HERE, False):
                self._outcome = work(driver._conn, operation, parameters)
            else:
                self._outcome = await driver._execute(work, driver._conn, operation, parameters)
            self._rows = deque(self._outcome[1])


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> Outcome:
    cursor = connection.execute(operation, parameters or ())
    try:
        rows = cursor.fetchall() if cursor.description else []
        return cursor.description, rows, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


def _execute_many(connection: sqlite3.Connection, operation: str, parameters: Any) -> Outcome:
    cursor = connection.executemany(operation, parameters)
    try:
        return None, [], cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


def install() -> None:
    """Let every aiosqlite connection of this process make such cursors."""
    AsyncAdapt_aiosqlite_connection._cursor_cls = OneVisitCursor


def stay_here(connection: Any) -> None:
    """Let the statements of a connection be done where they are asked, though the event loop waits for each."""
    setattr(connection.driver_connection, _HERE, True)
