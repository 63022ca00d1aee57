"""A fresh database for each test, on SQLite and, when BOOKAPP_TEST_POSTGRES names a server, on PostgreSQL."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from bookapp.core.db import Database
from bookapp.core.schema import migrate

SERVER = os.environ.get("BOOKAPP_TEST_POSTGRES", "")
"""postgresql+asyncpg://user@host:port, where the user may create databases."""


def _of(database: str) -> str:
    return make_url(SERVER).set(database=database).render_as_string(hide_password=False)


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(_of("postgres").replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database at the newest schema."""
    if request.param == "sqlite":
        address = f"sqlite+aiosqlite:///{tmp_path / 'bookapp.db'}"
        _outside_the_loop(migrate, address)
        yield address
        return
    if not SERVER:
        pytest.skip("BOOKAPP_TEST_POSTGRES names no server")
    name = f"transfer_{uuid.uuid4().hex}"
    _outside_the_loop(asyncio.run, _execute(f"CREATE DATABASE {name}"))
    try:
        _outside_the_loop(migrate, _of(name))
        yield _of(name)
    finally:
        _outside_the_loop(asyncio.run, _execute(f"DROP DATABASE {name} WITH (FORCE)"))


def _outside_the_loop(function, *arguments) -> None:  # type: ignore[no-untyped-def]
    # pytest-asyncio may set up a plain fixture while its loop runs; these functions need a loop of their own.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        thread.submit(function, *arguments).result()


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """The database itself."""
    database = Database(url)
    yield database
    await database.close()
