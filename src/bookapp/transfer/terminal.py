"""What the commands of this room share: a ready database, and how far they are."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import click

from bookapp.config import Settings, load_settings
from bookapp.core.db import Database
from bookapp.core.schema import migrate

T = TypeVar("T")
_LINE = 500
"""Where no bar can be drawn, a line is written for so many."""


def settings_of_a_ready_database() -> Settings:
    """The settings, when the database is there and has the tables of this release."""
    settings = load_settings()
    migrate(settings.database_url)
    return settings


def run(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the database, from inside no event loop."""

    async def within() -> T:
        db = Database(settings.database_url, synchronous=settings.sqlite_synchronous)
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(within())


@contextmanager
def progress(total: int | None, what: str, label: str, every: int = _LINE) -> Iterator[Callable[[int], None]]:
    """What to call when so many more are done: moves a bar on a terminal, writes a line elsewhere."""
    if sys.stdout.isatty() and total is not None:
        with click.progressbar(length=total, label=label) as bar:
            yield bar.update
        return
    done = 0

    def told(more: int) -> None:
        nonlocal done
        before, done = done, done + more
        if done // every != before // every or (done == total and more):
            click.echo(f"{done:,} {what}" if total is None else f"{done:,} of {total:,} {what}")

    yield told


async def write(target: Path, pieces: AsyncIterator[bytes], told: Callable[[bytes], None]) -> int:
    """Write a file that nobody else may read, and return its size. A half-written one never has that name."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    size = 0
    try:
        with os.fdopen(handle, "wb") as file:
            async for piece in pieces:
                size += file.write(piece)
                told(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    return size
