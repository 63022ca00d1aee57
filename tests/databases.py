"""Fresh databases: each test gets a copy of one that was migrated once."""

import asyncio
import itertools
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from bookapp.core import schema

_numbers = itertools.count(1)


def outside_the_loop(work: Callable[[], object]) -> None:
    """Run what starts a loop of its own: fixtures are made while the tests' loop is running."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(work).result()


class SqliteCopies:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        outside_the_loop(lambda: schema.migrate(f"sqlite+aiosqlite:///{self._template}"))

    async def fresh(self) -> str:
        """The URL of a new database."""
        path = self._folder / f"test{next(_numbers)}.db"
        shutil.copy(self._template, path)
        return f"sqlite+aiosqlite:///{path}"

    async def drop(self, url: str) -> None:
        """Remove it."""
        database = make_url(url).database
        assert database is not None
        for end in ("", "-wal", "-shm"):
            Path(database + end).unlink(missing_ok=True)


class PostgresCopies:
    """Databases made from one migrated template."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._prefix = f"bookapp_test_{os.getpid()}"
        self._template = f"{self._prefix}_template"
        outside_the_loop(lambda: asyncio.run(self._do(f"CREATE DATABASE {self._template}")))
        outside_the_loop(lambda: schema.migrate(f"{base}/{self._template}"))

    async def _do(self, statement: str) -> None:
        dsn = make_url(f"{self._base}/postgres").set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def fresh(self) -> str:
        """The URL of a new database."""
        name = f"{self._prefix}_{next(_numbers)}"
        await self._do(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return f"{self._base}/{name}"

    async def drop(self, url: str) -> None:
        """Remove it."""
        await self._do(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        """Remove the template."""
        outside_the_loop(lambda: asyncio.run(self.drop(f"{self._base}/{self._template}")))
