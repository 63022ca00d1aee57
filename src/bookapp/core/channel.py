"""Hearing what PostgreSQL notifies of, on a connection of its own that comes back when it was lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.engine import make_url

log = structlog.get_logger("bookapp.channel")
Heard = Callable[[bool], None]
"""Told that there may be news; False says that none will be heard of for a while."""


async def listen(url: str, channel: str, heard: Heard) -> None:
    """Call `heard(True)` when listening begins and for each notification, `heard(False)` when the connection is lost.

    Goes on for ever, until cancelled.
    """
    import asyncpg  # where the database is SQLite, its megabytes are not needed

    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            await _listen_once(dsn, channel, heard)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            log.warning("not listening to the database", channel=channel, error=type(error).__name__)
        heard(False)
        await asyncio.sleep(1)


async def _listen_once(dsn: str, channel: str, heard: Heard) -> None:
    import asyncpg

    ended = asyncio.Event()
    connection = await asyncpg.connect(dsn, timeout=3)

    def notified(*_args: Any) -> None:
        heard(True)

    try:
        connection.add_termination_listener(lambda _connection: ended.set())
        await connection.add_listener(channel, notified)
        heard(True)
        while not ended.is_set():
            try:
                async with asyncio.timeout(5):
                    await ended.wait()
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=2)
    finally:
        connection.terminate()
