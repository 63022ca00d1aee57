"""A freshly migrated database of each kind, to be searched in."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from bookapp.core.db import Database
from bookapp.core.schema import migrate

POSTGRES = os.environ.get("BOOKAPP_TEST_POSTGRES")
"""postgresql+asyncpg://user@host:port/database, where the user may create databases."""
KINDS = ("sqlite", "postgresql")


async def opened(kind: str, folder: Path) -> AsyncIterator[Database]:
    if kind == "sqlite":
        url = f"sqlite+aiosqlite:///{folder}/search.db"
        await asyncio.to_thread(migrate, url)
        db = Database(url)
        yield db
        await db.close()
        return
    if not POSTGRES:
        pytest.skip("BOOKAPP_TEST_POSTGRES is not set")
    server = POSTGRES.replace("+asyncpg", "")
    name = f"search_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE DATABASE {name}")
    url = f"{POSTGRES.rsplit('/', 1)[0]}/{name}"
    try:
        await asyncio.to_thread(migrate, url)
        db = Database(url)
        yield db
        await db.close()
        # Not WITH (FORCE): an autovacuum worker in there belongs to the superuser, and only plain DROP sends it away.
        await admin.execute(f"DROP DATABASE {name}")
    finally:
        await admin.close()


@pytest.fixture(params=KINDS)
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async for database in opened(request.param, tmp_path):
        yield database
