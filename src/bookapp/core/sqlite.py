"""SQLite: one writer that waits its turn, and readers that never wait.

Default settings lose 19 of 20 concurrent read-modify-writes, and plain BEGIN fails them with "database is locked";
one writer connection that begins with BEGIN IMMEDIATE loses none.
"""

import asyncio
import random
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bookapp.core import one_visit
from bookapp.core.gate import Turn


def engines(url: str, synchronous: str, *, alone: bool = False) -> tuple[AsyncEngine, AsyncEngine]:
    """The writer and the reader for `url`; `synchronous` is `full` (safe at power loss) or `normal`.

    `alone` says that the event loop has nothing to do while a statement runs.
    """
    one_visit.install()
    writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=30, pool_reset_on_return=None)
    # A single SELECT needs no BEGIN and no ROLLBACK: each would be one more visit to the driver's thread.
    reader = create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=1.5,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
    )
    _on_connect(writer, ("busy_timeout=0", f"synchronous={synchronous}", "foreign_keys=ON"))
    _on_connect(reader, ("busy_timeout=5000", "query_only=1"))
    for engine in (writer, reader):
        event.listen(engine.sync_engine, "handle_error", _keep_on_cancel)
        if alone:
            event.listen(engine.sync_engine, "connect", lambda connection, _record: one_visit.stay_here(connection))
    return writer, reader


def _on_connect(engine: AsyncEngine, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or the driver would begin transactions of its own
        cursor = connection.cursor()
        for pragma in (*pragmas, "cache_size=-8000", "temp_store=MEMORY"):  # in kB; ten readers stay below 80 MB
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _keep_on_cancel(context: ExceptionContext) -> None:
    # Closing a connection whose cursor still has rows leaves a zombie that keeps the lock (cpython#135117).
    if isinstance(context.original_exception, asyncio.CancelledError):
        context.is_disconnect = False


async def begin(session: AsyncSession, turn: Turn) -> None:
    """Begin a write transaction. Raises Busy when another process does not let go."""
    connection = await session.connection()
    while True:
        try:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise
            turn.give_up_if_stuck()
            # Jitter, and not SQLite's own busy loop: that one starves some of many waiters and cannot be cancelled.
            await asyncio.sleep(random.uniform(0.001, 0.01))
