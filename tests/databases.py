"""Fresh databases: each test gets a copy of one that was migrated once."""

import asyncio
import itertools
import os
import re
import shutil
import socket
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from bookapp import tables
from bookapp.core import schema
from bookapp.core.db import Model

assert tables.__all__, "all tables are known"

HERE = f"{zlib.crc32(socket.gethostname().encode()):08x}"
DAY = 86_400
_numbers = itertools.count(1)
_NAME = re.compile(r"bookapp_test_(\d+)_([0-9a-f]{8})_(\d+)_\w+")

_SHAPE = """
SELECT count(*) || ' ' || max(oid) || ' ' || (SELECT max(version_num) FROM alembic_version)
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
"""Whatever was made anew since the template was copied has a higher number."""
_WRITTEN = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
    AND pg_relation_size(oid) > 0
"""
_LARGE = 2**19
"""Bytes of a table that is not worth emptying."""
_RESTART = (
    "SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"
)
_ALONE = "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()"


def is_left_behind(name: str) -> bool:
    """Whether a run that crashed made this database: its process is gone, or it began more than a day ago."""
    made = _NAME.fullmatch(name)
    if made is None:
        return False
    began, where, pid = made.groups()
    return time.time() - int(began) > DAY or (where == HERE and not _is_alive(int(pid)))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is somebody else's
    return True


def outside_the_loop(work: Callable[[], object]) -> None:
    """Run what starts a loop of its own: fixtures are made while the tests' loop is running."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(work).result()


class SqliteCopies:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._template = folder / "template.db"
        outside_the_loop(lambda: schema.migrate(f"sqlite+aiosqlite:///{self._template}"))

    async def fresh(self, of: Path | None = None) -> str:
        """The URL of a new database: one that was migrated, or a copy of another one that nobody uses."""
        path = self.folder / f"test{next(_numbers)}.db"
        shutil.copy(of or self._template, path)
        return f"sqlite+aiosqlite:///{path}"

    async def drop(self, url: str) -> None:
        """Remove it."""
        database = make_url(url).database
        assert database is not None
        for end in ("", "-wal", "-shm"):
            Path(database + end).unlink(missing_ok=True)  # noqa: ASYNC240  # nobody else waits


class PostgresCopies:
    """Databases made from one migrated template. Their names tell when, where and by which process."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._prefix = f"bookapp_test_{int(time.time())}_{HERE}_{os.getpid()}"
        self._template = f"{self._prefix}_template"
        self._ready: list[str] = []
        self._shape: str | None = None
        outside_the_loop(lambda: asyncio.run(self._drop_all(is_left_behind)))
        outside_the_loop(lambda: asyncio.run(self._do(f"CREATE DATABASE {self._template}")))
        outside_the_loop(lambda: schema.migrate(f"{base}/{self._template}"))

    async def _connect(self, name: str = "postgres") -> asyncpg.Connection:
        dsn = make_url(f"{self._base}/{name}").set(drivername="postgresql").render_as_string(hide_password=False)
        return await asyncpg.connect(dsn)

    async def _do(self, statement: str) -> None:
        connection = await self._connect()
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _drop_all(self, fits: Callable[[str], bool]) -> None:
        connection = await self._connect()
        try:
            ours = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user"
            names = [row["datname"] for row in await connection.fetch(ours)]
        finally:
            await connection.close()
        for name in filter(fits, names):
            await self._drop(name)

    async def _drop(self, name: str) -> None:
        try:
            await self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        except asyncpg.InsufficientPrivilegeError:
            # An autovacuum worker in there belongs to the superuser; a plain DROP sends it away.
            await self._do(f"DROP DATABASE IF EXISTS {name}")

    async def fresh(self) -> str:
        """The URL of a database as it is after the migrations: one that another test left, emptied, or a new one."""
        if self._ready:
            return self._ready.pop()
        name = f"{self._prefix}_{next(_numbers)}"
        await self._do(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return f"{self._base}/{name}"

    async def drop(self, url: str) -> None:
        """Empty it for the next test, which takes a quarter of the time that a new one does; or remove it."""
        try:
            is_as_it_was = await self._empty(url)
        except (asyncpg.PostgresError, OSError):
            is_as_it_was = False
        if is_as_it_was:
            self._ready.append(url)
        else:
            await self._drop(str(make_url(url).database))

    async def _empty(self, url: str) -> bool:
        """Empty the tables that were written to; False when the schema is not that of the migrations any more."""
        connection = await self._connect(str(make_url(url).database))
        try:
            if self._shape is None:
                self._shape = await self._read_template()
            if await connection.fetchval(_SHAPE) != self._shape:
                return False
            written = dict(await connection.fetch(_WRITTEN))
            if max(written.values(), default=0) > _LARGE:
                return False
            # Children before their parents: no key is left hanging, and TRUNCATE would take along all 59 tables.
            ordered = [t.name for t in reversed(Model.metadata.sorted_tables) if t.name in written]
            deletes = "".join(f'DELETE FROM "{name}";' for name in ordered)
            await connection.execute(deletes + "INSERT INTO catalogue_version (id, number) VALUES (1, 1)")
            await connection.execute(_RESTART)
            return len(ordered) == len(written) and bool(await connection.fetchval(_ALONE))
        finally:
            await connection.close()

    async def _read_template(self) -> str:
        """What the schema looks like, without anything in it."""
        connection = await self._connect(self._template)
        try:
            return str(await connection.fetchval(_SHAPE))
        finally:
            await connection.close()

    def close(self) -> None:
        """Remove the template, and what no test removed."""
        outside_the_loop(lambda: asyncio.run(self._drop_all(lambda name: name.startswith(f"{self._prefix}_"))))
