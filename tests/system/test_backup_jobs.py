"""Backups that the place makes by itself."""

import asyncio
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.jobs.actions import cancel_any_job
from bookapp.jobs.models import Job
from bookapp.jobs.queries import show_last
from bookapp.jobs.results import JobShown
from bookapp.jobs.worker import run_one
from bookapp.system import backup_jobs
from bookapp.system import backup_rules as rules
from bookapp.system.archive import BadBackup, Manifest
from bookapp.web.application import Application
from tests.factories import a_book
from tests.people import as_person

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
Make = Callable[..., Manifest]


async def last(db: Database) -> JobShown:
    async with db.reading() as session:
        job = await show_last(session, rules.KIND)
    assert job is not None
    return job


async def ask(db: Database) -> int:
    async with db.writing() as session:
        return await backup_jobs.add_now(session)


async def work(db: Database, settings: Settings) -> bool:
    return await run_one(db, {"backup": backup_jobs.backup_work(settings)})


def test_the_oldest_of_ours_go_and_nothing_else() -> None:
    ours = [rules.file_name(MOMENT + timedelta(days=day)) for day in range(4)]
    assert ours[0] == "bookapp-20260304-050607.zip"
    others = ["bookapp-before-the-move.zip", "bookapp-20269999-000000.zip", "secret_key", f"{ours[0]}.part"]
    assert rules.too_many([*others, *reversed(ours)], 3) == ours[:1]
    assert rules.too_many([*others, *ours], 7) == []
    assert rules.is_unfinished(f".{ours[0]}.x1y2")
    assert not any(rules.is_unfinished(name) for name in (*ours, *others, ".ssh"))


async def test_one_is_asked_for_when_it_is_due_and_only_then(db: Database) -> None:
    await backup_jobs.add_due(db, "off")
    await asyncio.gather(*(backup_jobs.add_due(db, "daily") for _ in range(3)))
    job = await last(db)
    assert job.id == 1
    async with db.writing() as session:
        day = {"created_at": clock.now() - timedelta(hours=25), "state": "done"}
        await session.execute(update(Job).values(**day))
    await backup_jobs.add_due(db, "weekly")
    assert (await last(db)).id == 1
    await backup_jobs.add_due(db, "daily")
    assert (await last(db)).id == 2


async def test_a_backup_is_made_proved_and_the_oldest_go(db: Database, settings: Settings) -> None:
    await a_book(db)
    folder = settings.backups_dir
    folder.mkdir(parents=True)
    (folder / f".{rules.file_name(MOMENT)}.half").mkdir()
    (folder / "notes.txt").write_text("mine")
    for day in range(settings.backups_kept):
        (folder / rules.file_name(MOMENT - timedelta(days=day))).write_bytes(b"old")
    await ask(db)
    assert await work(db, settings)
    job = await last(db)
    assert (job.state, job.reason) == ("done", None)
    names = sorted(place.name for place in folder.iterdir())
    assert len(names) == settings.backups_kept + 1
    assert "notes.txt" in names
    files = backup_jobs.list_files(folder)
    assert rules.file_name(MOMENT - timedelta(days=6)) not in names
    with zipfile.ZipFile(folder / files[0].name) as archive:
        assert "manifest.json" in archive.namelist()
    assert files[0].size > 1000


async def test_what_only_has_such_a_name_is_in_nobodys_way(db: Database, settings: Settings, tmp_path: Path) -> None:
    folder = settings.backups_dir
    (folder / "bookapp-20200101-000000.zip").mkdir(parents=True)
    (folder / "bookapp-20200102-000000.zip").symlink_to(tmp_path / "nowhere")
    (tmp_path / "precious").mkdir()
    (folder / ".bookapp-20200103-000000.zip.x").symlink_to(tmp_path / "precious")
    async with db.writing() as session:
        await backup_jobs.add_now(session)
    few = settings.model_copy(update={"backups_kept": 1})
    assert await run_one(db, {rules.KIND: backup_jobs.backup_work(few)})
    async with db.reading() as session:
        shown = await show_last(session, rules.KIND)
    assert shown is not None
    assert shown.state == "done"
    assert len(backup_jobs.list_files(folder)) == 1
    assert len(list(folder.glob("bookapp-2020*"))) == 2
    assert (tmp_path / "precious").is_dir()


async def test_one_at_a_time(db: Database) -> None:
    await ask(db)
    with pytest.raises(backup_jobs.Conflict, match="already"):
        await ask(db)


async def test_a_stopped_backup_leaves_nothing(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookapp.jobs.work._BEAT", 0)
    loop, begun = asyncio.get_running_loop(), asyncio.Event()

    def slow(_settings: Settings, target: Path, told: Callable[[str, int, int], object]) -> Manifest:
        loop.call_soon_threadsafe(begun.set)
        for number in range(10_000):
            told("Copying", number % 3, 3)
            asyncio.run(asyncio.sleep(0.005))
        raise AssertionError(target)

    monkeypatch.setattr(backup_jobs, "make_backup", slow)
    job_id = await ask(db)
    making = asyncio.create_task(work(db, settings))
    await begun.wait()
    async with db.writing() as session:
        await cancel_any_job(session, job_id)
    assert await making
    assert (await last(db)).state == "cancelled"
    assert backup_jobs.list_files(settings.backups_dir) == ()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (OSError(28, "No space left on device", "/srv/secret"), "There is no room left where backups are written."),
        (OSError(13, "Permission denied", "/srv/secret"), "The backup could not be written: Permission denied."),
        (BadBackup("The copy is damaged."), "The copy is damaged."),
    ],
    ids=["full", "forbidden", "damaged"],
)
async def test_what_was_in_the_way_is_said_in_words(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, trouble: Exception, words: str
) -> None:
    def fail(*_args: object) -> Manifest:
        raise trouble

    monkeypatch.setattr(backup_jobs, "make_backup", fail)
    await ask(db)
    assert await work(db, settings)
    job = await last(db)
    assert (job.state, job.reason) == ("queued", words)


async def test_dora_has_one_made_and_sees_it(app: Application, db: Database, settings: Settings) -> None:
    dora, charlie = await as_person(app, "dora"), await as_person(app, "charlie")
    assert "No backup yet" in (await dora.get("/admin/backups", "page")).text
    assert (await dora.post("/admin/backups", "page")).status == 303
    assert (await dora.post("/admin/backups")).status == 409
    assert (await charlie.post("/admin/backups")).status == 403
    assert (await dora.get("/admin/backups")).json["job"]["state"] == "queued"
    assert await work(db, settings)
    found = (await dora.get("/admin/backups")).json
    assert (len(found["items"]), found["often"], found["kept"]) == (1, "off", 7)
    page = (await dora.get("/admin/backups", "page")).text
    assert found["items"][0]["name"] in page
    assert "kB" in page
    assert "Back up now" in page
    log = [line["what"] for line in (await dora.get("/admin/audit")).json["items"]]
    assert log[0] == "backup asked for"
