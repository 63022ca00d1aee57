"""The catalogue's version: a number that moves with each commit that changes what everybody sees.

Answers that are the same for every reader are kept for one version. Asking must therefore be cheap (a few
microseconds, each request) and true across processes.
"""

import asyncio
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.channel import listen
from bookapp.core.events import CATALOGUE, Changed

CHANNEL = "bookapp_catalogue"


class Version(Protocol):
    """What the cache asks and the writing door tells."""

    def current(self) -> int | None:
        """The version now, or None when it cannot be known and nothing kept may be used."""

    async def bump(self, db: AsyncSession, changes: Iterable[Changed]) -> None:
        """Move the version inside the transaction, if `changes` ask for it."""

    def committed(self, changes: Iterable[Changed]) -> None:
        """Learn that the transaction is through."""

    async def close(self) -> None:
        """Let go of connections."""


class NoVersion:
    """For commands that write but keep no answers; moves the version for the others."""

    def current(self) -> int | None:
        """Never known."""
        return None

    async def bump(self, db: AsyncSession, changes: Iterable[Changed]) -> None:
        """Move the version for those who serve."""
        if CATALOGUE in changes:
            if db.get_bind().dialect.name == "sqlite":
                await db.execute(text("UPDATE catalogue_version SET number = number + 1"))
            else:
                await db.execute(text(f"SELECT pg_notify('{CHANNEL}', '')"))

    def committed(self, changes: Iterable[Changed]) -> None:
        """Nothing to learn."""

    async def close(self) -> None:
        """Nothing to let go."""


class SqliteVersion(NoVersion):
    """Asks the file itself: `PRAGMA data_version` takes 3 microseconds and sees the commits of every process."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0, check_same_thread=False)
        self._seen: tuple[int, ...] | None = None
        self._number: int | None = None
        self._asked = False

    def current(self) -> int | None:
        """The number in the file.

        Asked once in each turn of the event loop: the requests of one turn had all arrived before it began, so what
        was committed before any of them was sent is seen.
        """
        if not self._asked:
            self._number = self._ask()
            self._asked = True
            asyncio.get_running_loop().call_soon(self._forget)
        return self._number

    def _forget(self) -> None:
        self._asked = False

    def _ask(self) -> int | None:
        try:
            seen = self._connection.execute("PRAGMA data_version").fetchone()
            if seen == self._seen:
                return self._number
            number = self._connection.execute("SELECT number FROM catalogue_version").fetchone()[0]
            self._seen = seen
        except sqlite3.Error:
            self._seen = None
            return None
        return int(number)

    async def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresVersion(NoVersion):
    """Listens on a connection of its own; while that is down the version is unknown and nothing kept is used."""

    def __init__(self, url: str) -> None:
        self._number = 0
        self._listening = False
        self._task = asyncio.create_task(listen(url, CHANNEL, self._heard))

    def current(self) -> int | None:
        """A number of this process, moved by each notification."""
        return self._number if self._listening else None

    def committed(self, changes: Iterable[Changed]) -> None:
        """Move at once for our own commit: its notification is still on its way."""
        if CATALOGUE in changes:
            self._number += 1

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _heard(self, listening: bool) -> None:
        self._listening = listening
        self._number += 1
