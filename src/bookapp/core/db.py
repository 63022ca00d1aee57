"""The only door to the database: `reading()` and `writing()`. Nobody else commits."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bookapp.core import outbox, postgres, sqlite
from bookapp.core.errors import AppError, Busy, Malformed, NoSpace
from bookapp.core.events import Listener, changes_of
from bookapp.core.gate import Gate
from bookapp.core.model import BigKey, Model, SortKey, UtcDateTime
from bookapp.core.version import NoVersion, Version


class Database:
    """One database with its two doors, for one process and one event loop."""

    def __init__(self, url: str, *, synchronous: str = "full", alone: bool = False) -> None:
        """`alone` is for a process that does one thing after the other, and serves nobody meanwhile."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.version: Version = NoVersion()
        self.listeners: list[Listener] = []
        if self.is_sqlite:
            self._writer, self._reader = sqlite.engines(url, synchronous, alone=alone)
        else:
            self._writer = self._reader = postgres.engine(url)
        # On PostgreSQL some connections stay for those who read, however many write.
        self._gate = Gate(places=1 if self.is_sqlite else postgres.WRITERS)
        self._writers = async_sessionmaker(self._writer, expire_on_commit=False)
        self._readers = async_sessionmaker(self._reader, expire_on_commit=False, autoflush=False)

    async def expect_much(self) -> None:
        """Get ready for millions of rows from this process: more memory, and SQLite's log emptied less often."""
        if self.is_sqlite:
            async with self._writer.connect() as connection:
                for pragma in ("cache_size=-131072", "wal_autocheckpoint=32000"):
                    await connection.exec_driver_sql(f"PRAGMA {pragma}")

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes; for migrations and checks, not for rooms."""
        return self._writer

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return "sqlite" if self.is_sqlite else "postgresql"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for SELECT only.

        Raises Busy when the database does not answer. On SQLite each statement sees the newest commit.
        """
        with _translated():
            async with self._readers() as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: leaving commits, an exception rolls back.

        Never open one inside another, and await nothing but the database inside: on SQLite it holds the only
        write lock. Raises Busy when the lock is not to be had, NoSpace when the disk is full.
        """
        with _translated():
            async with self._gate.turn() as turn, self._writers() as session:
                await (sqlite.begin(session, turn) if self.is_sqlite else session.connection())
                turn.begin()
                yield session
                await self._tell_listeners(session)
                await self.version.bump(session, changes_of(session))
                await outbox.write(session, changes_of(session))
                await session.commit()
        self.version.committed(changes_of(session))

    async def _tell_listeners(self, session: AsyncSession) -> None:
        told = 0
        while told < len(changes_of(session)):  # a listener may announce more
            change = changes_of(session)[told]
            told += 1
            for hear in self.listeners:
                await hear(session, change)

    async def close(self) -> None:
        """Give every connection back. Call it before the loop ends, or the process hangs on their threads."""
        await self.version.close()
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the drivers raise into our words; IntegrityError stays, since actions know what it means."""
    try:
        yield
    except (AppError, IntegrityError):
        raise
    except (PoolTimeout, OSError) as error:
        raise Busy("The database does not answer.") from error
    except DBAPIError as error:
        raise _in_our_words(error) from error


def _in_our_words(error: DBAPIError) -> Exception:
    text = str(error.orig).lower()
    if "disk is full" in text or "no space left" in text:
        return NoSpace("The disk is full. Reading goes on; nothing was changed.")
    # Without a statement it was the connecting that failed: no server, too many clients, no such database.
    if error.statement is None or error.connection_invalidated or any(sign in text for sign in _PASSING):
        return Busy("The database cannot take that now. Nothing was changed.")
    if isinstance(error, DataError):
        return Malformed("A number or text is beyond what can be stored.")
    return error


_PASSING = (
    "database is locked",
    "readonly database",
    "disk i/o error",
    "unable to open",
    "deadlock detected",
    "could not serialize",
    "statement timeout",
    "lock timeout",
    "connection",
    "too many clients",
    "starting up",
    "shutting down",
    "read-only transaction",
)
"""What drivers say of trouble that passes."""

__all__ = ["BigKey", "Database", "Model", "SortKey", "UtcDateTime"]
