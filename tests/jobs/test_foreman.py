"""While the place serves, a process of its own does what is due."""

import asyncio
from pathlib import Path

import pytest

from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.jobs import foreman as room
from bookapp.jobs.foreman import Foreman
from bookapp.jobs.queries import show_last
from bookapp.system import backup_jobs
from bookapp.web.application import Application
from bookapp.works import plug_in
from tests.databases import SqliteCopies


@pytest.fixture
async def settings(sqlite_copies: SqliteCopies, tmp_path: Path) -> Settings:
    return Settings(database_url=await sqlite_copies.fresh(), data_dir=tmp_path / "data", secret_key="k" * 32)


async def ended(db: Database, seconds: float = 40) -> str:
    async with asyncio.timeout(seconds):
        while True:
            async with db.reading() as session:
                job = await show_last(session, "backup")
            if job and job.ended_at:
                return job.state
            await asyncio.sleep(0.1)


async def test_a_job_that_is_told_of_is_begun_at_once_by_one_worker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_LOOK", 30)  # so that it is the news that counts
    employed: list[object] = []
    employ = Foreman._employ

    async def count(self: Foreman) -> bool:
        employed.append(self)
        return await employ(self)

    monkeypatch.setattr(Foreman, "_employ", count)
    db = Database(settings.database_url)
    both = [Foreman(db, ["backup"], tmp(settings), settings.for_a_child()) for _ in range(2)]
    db.listeners.extend(foreman.hear for foreman in both)
    tasks = [asyncio.create_task(foreman.look_for_work()) for foreman in both]
    async with db.writing() as session:
        await backup_jobs.add_now(session)
    assert await ended(db) == "done"
    assert len(backup_jobs.list_files(settings.backups_dir)) == 1
    assert len(employed) == 1
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await db.close()


async def test_when_the_server_ends_its_worker_does_and_nothing_is_held(settings: Settings) -> None:
    db = Database(settings.database_url)
    foreman = Foreman(db, ["backup"], tmp(settings), settings.for_a_child())
    async with db.writing() as session:
        await backup_jobs.add_now(session)
    working = asyncio.create_task(foreman._employ())
    await asyncio.sleep(0.8)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await foreman._employ()
    assert await ended(db, 5) == "done"
    await db.close()


def tmp(settings: Settings) -> Path:
    return settings.data_dir / "worker.lock"


async def test_a_worker_hears_what_a_serving_process_hears(sqlite_app: Application) -> None:
    serving: Database = sqlite_app.extensions["db"]
    db = Database(serving.url)
    plug_in(db)
    assert set(db.listeners) == set(serving.listeners)
    await db.close()
