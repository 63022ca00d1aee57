"""SQLite: one writer that waits its turn, and readers that never wait.

Default settings lose 19 of 20 concurrent read-modify-writes, and plain BEGIN fails them with "database is locked";
one writer connection that begins with BEGIN IMMEDIATE loses none.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bookapp.core import one_visit
from bookapp.core.errors import Busy

PATIENCE = 1.8
"""Seconds a writer waits when nobody gets the lock at all: some other program holds it."""
QUEUE_PATIENCE = 25.0
"""Seconds a writer waits while the queue moves."""


def engines(url: str, synchronous: str) -> tuple[AsyncEngine, AsyncEngine]:
    """The writer and the reader for `url`; `synchronous` is `full` (safe at power loss) or `normal`."""
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


class WriterGate:
    """Lets one writer of this process in at a time, in order, and waits politely for those of other processes."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._moved = time.monotonic()
        self._begun = False

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for this process's turn. Raises Busy when nobody has moved for a while."""
        arrived = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(0.25):
                    await self._lock.acquire()
                break
            except TimeoutError:
                self._give_up_if_stuck(arrived)
        self._arrived = arrived
        try:
            yield
        finally:
            # Only who got to write moved the queue: behind a foreign lock all give up together, not one after another.
            if self._begun:
                self._begun, self._moved = False, time.monotonic()
            self._lock.release()

    async def begin(self, session: AsyncSession) -> None:
        """Begin a write transaction. Raises Busy when another process does not let go."""
        connection = await session.connection()
        while True:
            try:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                self._begun, self._moved = True, time.monotonic()
                return
            except OperationalError as error:
                if "locked" not in str(error.orig):
                    raise
                self._give_up_if_stuck(self._arrived)
                # Jitter, and not SQLite's own busy loop: that one starves some of many waiters and cannot be cancelled.
                await asyncio.sleep(random.uniform(0.001, 0.01))

    def _give_up_if_stuck(self, arrived: float) -> None:
        now = time.monotonic()
        waited, still = now - arrived, now - self._moved
        if waited > QUEUE_PATIENCE or (waited > PATIENCE * 0.9 and still > PATIENCE * 0.8):
            raise Busy("Another program is using the database. Nothing was changed.")
