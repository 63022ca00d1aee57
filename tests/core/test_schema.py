"""Migrations: once, twice, at once, up and down."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bookapp.books.models import Book
from bookapp.core import schema
from bookapp.core.db import Database
from tests.databases import SqliteCopies
from tests.factories import a_book


async def _migrate(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    return await asyncio.to_thread(schema.migrate, url, revision)


def test_the_known_revision_is_the_last_one() -> None:
    assert schema.head() == schema.HEAD


async def test_a_new_database_is_brought_to_the_head(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/deep/down/new.db"
    assert await schema.current(url) is None
    assert await _migrate(url) == (None, schema.HEAD)
    assert await schema.current(url) == schema.HEAD


async def test_twice_changes_nothing(url: str) -> None:
    assert await _migrate(url) == (schema.HEAD, schema.HEAD)
    assert await schema.current(url) == schema.HEAD


async def test_down_and_up_again(url: str) -> None:
    assert await _migrate(url, "base") == (schema.HEAD, None)
    assert await schema.current(url) is None
    assert await _migrate(url) == (None, schema.HEAD)
    db = Database(url)
    await a_book(db)
    await db.close()


async def test_the_rows_stay(url: str) -> None:
    db = Database(url)
    for number in range(5):
        await a_book(db, title=f"Tale {number}")
    await db.close()
    await _migrate(url)
    db = Database(url)
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Book)) == 5
    await db.close()


async def test_a_newer_database_is_refused(url: str, db: Database) -> None:
    async with db.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RuntimeError, match="newer than this release"):
        await _migrate(url)


async def test_a_broken_reference_is_not_left_behind(sqlite_copies: SqliteCopies) -> None:
    url = await sqlite_copies.fresh()
    import sqlite3

    with sqlite3.connect(url.removeprefix("sqlite+aiosqlite:///")) as connection:
        connection.execute("INSERT INTO contribution (book_id, author_id, position) VALUES (7, 7, 0)")
    connection.close()
    with pytest.raises(RuntimeError, match="broken reference"):
        await _migrate(url)


async def test_the_models_and_the_migrations_agree(url: str) -> None:
    """Autogenerate finds nothing left to do, but for what each database does by hand."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection

    import bookapp.tables  # noqa: F401  # fills the metadata
    from bookapp.core.db import Model

    def differences(connection: Connection) -> list[object]:
        ours = ("search_fts", "search_word_fts")
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda o, name, kind, *_: not (kind == "table" and str(name).startswith(ours))},
        )
        found = compare_metadata(context, Model.metadata)
        return [d for d in found if not (isinstance(d, tuple) and d[0] in ("remove_index", "remove_column"))]

    db = Database(url)
    async with db.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await db.close()


async def _at_once(url: str) -> list[str]:
    program = "import sys; from bookapp.core.schema import migrate; print(migrate(sys.argv[1]))"

    def run() -> list[str]:
        started = [
            subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True) for _ in range(2)
        ]
        told = [process.communicate(timeout=60)[0].strip() for process in started]
        assert [process.returncode for process in started] == [0, 0]
        return sorted(told)

    return await asyncio.to_thread(run)


async def test_two_at_once_on_sqlite_do_it_once(tmp_path: Path) -> None:
    told = await _at_once(f"sqlite+aiosqlite:///{tmp_path}/new.db")
    assert told == sorted([f"(None, '{schema.HEAD}')", f"('{schema.HEAD}', '{schema.HEAD}')"])


async def test_two_at_once_on_postgresql_do_it_once(postgres_url: str) -> None:
    await _migrate(postgres_url, "base")
    told = await _at_once(postgres_url)
    assert told == sorted([f"(None, '{schema.HEAD}')", f"('{schema.HEAD}', '{schema.HEAD}')"])
