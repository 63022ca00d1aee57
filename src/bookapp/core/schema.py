"""Bring the database to the schema of this release. Runs once, before the workers."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

_ADVISORY_LOCK = 0x626F6F6B  # "book": one migration at a time on one PostgreSQL database


def alembic_config() -> Config:
    """Alembic's configuration, without a file: the migrations travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    return config


HEAD = "0005"
"""The revision that this release needs, known without loading Alembic's scripts; a test compares the two."""


def head() -> str:
    """The revision that this release needs."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert revision is not None
    return revision


def migrate(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the database at `url` to `revision`, from inside no event loop.

    Safe when several processes do it at once. Returns the revisions before and after.
    """
    with _alone(url):
        return asyncio.run(_migrate(url, revision))


@contextlib.contextmanager
def _alone(url: str) -> Iterator[None]:
    database = make_url(url).database if url.startswith("sqlite") else None
    if database is None:
        yield
        return
    Path(database).parent.mkdir(parents=True, exist_ok=True)
    with open(f"{database}.migrating", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def _migrate(url: str, revision: str) -> tuple[str | None, str | None]:
    engine = create_async_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        # Foreign keys stay off: a batch migration drops and rebuilds tables, and would take the children along.
        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]  # SQLAlchemy's untyped hook
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in ("busy_timeout=15000", "foreign_keys=OFF", "journal_mode=WAL"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> tuple[str | None, str | None]:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    context = MigrationContext.configure(connection)
    before = context.get_current_revision()
    config = alembic_config()
    config.attributes["connection"] = connection
    target = head() if revision == "head" else revision
    if before != target:
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if before is not None and before not in known:
            raise RuntimeError(f"The database is at revision {before}, which is newer than this release of bookapp.")
        down = before is not None and (target == "base" or (target in known and int(target) < int(before)))
        (command.downgrade if down else command.upgrade)(config, target)
    after = MigrationContext.configure(connection).get_current_revision()
    if connection.dialect.name == "sqlite" and (
        broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    ):
        raise RuntimeError(f"The migration would leave a broken reference: {tuple(broken)}")
    connection.commit()
    return before, after


async def current(url: str) -> str | None:
    """The revision that the database is at, or None when it has no tables yet."""
    path = make_url(url).database
    if url.startswith("sqlite") and not await asyncio.to_thread(os.path.exists, path or ""):
        return None
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()
