"""Noticing that somebody, in whichever process, has committed something."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Protocol

from bookapp.core.channel import listen
from bookapp.core.outbox import CHANNEL

EVERY = 0.25
"""Seconds between two looks at a SQLite file. A look takes 3 microseconds."""
LONGEST = 3.0
"""Seconds after which a look is taken in any case: a notification can be lost with its connection."""
GATHER = 0.05
"""Seconds to wait after a notification for those that come right behind it."""


class Watch(Protocol):
    """Waits for news."""

    async def changed(self) -> None:
        """Wait until something may have changed since the last call."""

    async def close(self) -> None:
        """Let go of connections."""


class SqliteWatch:
    """Asks the file itself, by a connection that never writes and therefore sees the commits of all others."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0, check_same_thread=False)
        self._seen: tuple[int, ...] | None = None

    async def changed(self) -> None:
        """Wait for a commit."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                seen = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                continue  # the next look tells more
            if seen != self._seen:
                self._seen = seen
                return

    async def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresWatch:
    """Is woken by a notification, and takes a look every few seconds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def changed(self) -> None:
        """Wait for a notification, but not for long."""
        if self._task is None:  # not before anybody wants to know: a connection is dear
            self._task = asyncio.create_task(listen(self._url, CHANNEL, lambda _listening: self._news.set()))
        try:
            async with asyncio.timeout(LONGEST):
                await self._news.wait()
            await asyncio.sleep(GATHER)
        except TimeoutError:
            pass
        self._news.clear()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
