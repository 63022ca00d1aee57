from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bookapp.core import one_visit
from bookapp.core.db import Database


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was sent to the driver's thread."""
    from aiosqlite import core

    sent: list[object] = []
    execute = core.Connection._execute

    async def count(self: core.Connection, work: object, *args: object, **more: object) -> object:
        sent.append(work)
        return await execute(self, work, *args, **more)

    monkeypatch.setattr(core.Connection, "_execute", count)
    return sent


async def test_a_statement_is_one_visit_to_the_drivers_thread(visits: list[object], tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/one.db")
    async with database.reading() as db:
        await db.execute(text("SELECT 1"))
        visits.clear()
        assert (await db.execute(text("SELECT 1 AS one, 'a' AS letter"))).one()._mapping == {"one": 1, "letter": "a"}
    assert visits == [one_visit._execute]
    await database.close()


async def test_where_nobody_else_waits_a_statement_is_done_where_it_is_asked(
    visits: list[object], tmp_path: Path
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/one.db", alone=True)
    async with database.writing() as db:
        await db.execute(text("CREATE TABLE shelf (name TEXT)"))
    async with database.reading() as db:
        await db.execute(text("SELECT 1"))
        visits.clear()
        assert (await db.scalars(text("SELECT count(*) FROM shelf"))).all() == [0]
    assert visits == []
    await database.close()


async def test_changes_say_how_many_rows_they_met(visits: list[object]) -> None:
    one_visit.install()
    engine = create_async_engine("sqlite+aiosqlite:///:memory:")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE shelf (id INTEGER PRIMARY KEY, name TEXT)"))
        await connection.execute(text("INSERT INTO shelf (name) VALUES (:name)"), [{"name": "a"}, {"name": "b"}])
        changed = await connection.execute(text("UPDATE shelf SET name = 'c'"))
        assert changed.rowcount == 2  # type: ignore[attr-defined]  # a cursor result
        assert (await connection.scalars(text("SELECT name FROM shelf"))).all() == ["c", "c"]
    await engine.dispose()


async def test_an_error_of_the_driver_keeps_its_kind(tmp_path: Path) -> None:
    from sqlalchemy.exc import OperationalError

    database = Database(f"sqlite+aiosqlite:///{tmp_path}/one.db")
    with pytest.raises(OperationalError):
        async with database.reading() as db:
            await db.execute(text("SELECT * FROM nowhere"))
    await database.close()
