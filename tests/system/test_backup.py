"""Backups: what is put back is what was there, and what is not whole changes nothing."""

import asyncio
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bookapp.books.models import Book
from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.core.errors import Conflict
from bookapp.system import backup
from bookapp.system.archive import MANIFEST, SQLITE, BadBackup
from bookapp.system.backup import make_backup
from bookapp.system.pgtools import ToolFailed
from bookapp.system.restore import restore_backup
from tests.conftest import missing
from tests.databases import SqliteCopies
from tests.factories import a_book

COVER = "ab/abcdef.webp"


@pytest.fixture
def instance(settings: Settings) -> Settings:
    """An instance with the book Emma and a cover."""
    if settings.sqlite_path is None and not shutil.which("pg_dump"):
        missing("pg_dump")
    add(settings, "Emma")
    cover = settings.covers_dir / COVER
    cover.parent.mkdir(parents=True)
    cover.write_bytes(b"a picture")
    return settings


@pytest.fixture
async def lite(sqlite_copies: SqliteCopies, tmp_path: Path) -> Settings:
    """An instance on SQLite alone."""
    return Settings(database_url=await sqlite_copies.fresh(), data_dir=tmp_path / "data", secret_key="k" * 32)


def add(settings: Settings, title: str) -> None:
    async def work() -> None:
        db = Database(settings.database_url)
        await a_book(db, title=title)
        await db.close()

    asyncio.run(work())


def titles(settings: Settings) -> list[str]:
    async def work() -> list[str]:
        db = Database(settings.database_url)
        async with db.reading() as session:
            found = list(await session.scalars(select(Book.title).order_by(Book.id)))
        await db.close()
        return found

    return asyncio.run(work())


def state(settings: Settings) -> tuple[list[str], list[str], bytes]:
    """The books, the names of all files, and the cover."""
    files = sorted(str(path.relative_to(settings.data_dir)) for path in settings.data_dir.rglob("*"))
    return titles(settings), files, (settings.covers_dir / COVER).read_bytes()


def middle_of(file: Path, tenth: int, name: str | None = None) -> int:
    """A place inside of what is packed: the names and dates around it harm nobody."""
    with zipfile.ZipFile(file) as archive:
        entry = archive.getinfo(name) if name else archive.infolist()[0]
    return entry.header_offset + 80 + (entry.compress_size - 80) * tenth // 10


def with_manifest(source: Path, **changes: Any) -> Path:
    """The same archive with another manifest."""
    changed = source.with_name("changed.zip")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(changed, "w") as new:
        said = json.loads(old.read(MANIFEST)) | changes
        for name in said["files"]:
            new.writestr(name, old.read(SQLITE))
        new.writestr(MANIFEST, json.dumps(said))
    return changed


def test_what_is_put_back_is_what_was_there(instance: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    made = make_backup(instance, file)
    assert (made.tables["book"], made.covers) == (1, 1)
    assert file.stat().st_mode & 0o077 == 0
    add(instance, "Persuasion")
    (instance.covers_dir / COVER).write_bytes(b"another picture")
    done = restore_backup(instance, file, force=False)
    assert titles(instance) == ["Emma"]
    assert (instance.covers_dir / COVER).read_bytes() == b"a picture"
    assert (done.rows, done.covers) == (made.rows, 1)
    assert done.kept is not None
    assert (done.kept / "covers" / COVER).read_bytes() == b"another picture"
    add(instance, "Sanditon")
    assert titles(instance) == ["Emma", "Sanditon"], "it can be written to"


def test_the_former_state_can_be_put_back_too(instance: Settings, tmp_path: Path) -> None:
    make_backup(instance, tmp_path / "backup.zip")
    add(instance, "Persuasion")
    kept = restore_backup(instance, tmp_path / "backup.zip", force=False).kept
    assert kept is not None
    if instance.sqlite_path is None:
        former = instance
        shutil.move(kept, tmp_path / "kept")  # the name tells the second, and this is the same one
        restore_backup(instance, tmp_path / "kept" / "before.zip", force=False)
    else:
        former = instance.model_copy(update={"database_url": f"sqlite+aiosqlite:///{kept / instance.sqlite_path.name}"})
    assert titles(former) == ["Emma", "Persuasion"]


async def test_who_serves_keeps_the_database(instance: Settings, tmp_path: Path) -> None:
    await asyncio.to_thread(make_backup, instance, tmp_path / "backup.zip")
    db = Database(instance.database_url)
    await a_book(db, title="Persuasion")
    before = await asyncio.to_thread(state, instance)
    with pytest.raises(Conflict, match="A server uses this database"):
        await asyncio.to_thread(restore_backup, instance, tmp_path / "backup.zip", force=False)
    await db.close()
    assert await asyncio.to_thread(state, instance) == before


@pytest.mark.parametrize("harm", ["cut", "something else", "manifest", *range(1, 10, 2)])
def test_a_damaged_backup_changes_nothing(instance: Settings, tmp_path: Path, harm: str | int) -> None:
    file = tmp_path / "backup.zip"
    make_backup(instance, file)
    content = bytearray(file.read_bytes())
    if harm == "cut":
        content = content[: len(content) // 2]
    elif harm == "something else":
        content = bytearray(b"something else")
    elif harm == "manifest":
        content[middle_of(file, 5, MANIFEST)] ^= 0xFF
    else:
        content[middle_of(file, int(harm))] ^= 0xFF
    file.write_bytes(content)
    add(instance, "Persuasion")
    before = state(instance)
    with pytest.raises(BadBackup, match="backup"):
        restore_backup(instance, file, force=False)
    assert state(instance) == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"revision": "9999"}, "made by a newer release"),
        ({"format": 2}, "format 2"),
        ({"files": {SQLITE: "0"}}, "damaged at database"),
        ({"files": {SQLITE: "0", "../outside": "0"}}, "names files outside"),
        ({"tables": {"book": 7}}, "does not have the rows"),
        ({"database": "database.pgdump"}, "does not hold|other kind"),
        ({"unknown": 1}, "not a backup"),
    ],
)
def test_a_backup_that_promises_something_else_is_refused(
    lite: Settings, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    make_backup(lite, tmp_path / "backup.zip")
    with pytest.raises(BadBackup, match=words):
        restore_backup(lite, with_manifest(tmp_path / "backup.zip", **changes), force=False)
    assert titles(lite) == []
    assert not (tmp_path / "outside").exists()


def test_a_backup_of_the_other_kind_is_refused(lite: Settings, tmp_path: Path) -> None:
    make_backup(lite, tmp_path / "backup.zip")
    other = lite.model_copy(update={"database_url": "postgresql+asyncpg://nobody@127.0.0.1:9/none"})
    with pytest.raises(BadBackup, match="other kind of database"):
        restore_backup(other, tmp_path / "backup.zip", force=False)


def test_a_backup_that_fails_leaves_nothing_behind(
    lite: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(backup, "write_archive", full)
    with pytest.raises(OSError, match="No space"):
        make_backup(lite, tmp_path / "place" / "backup.zip")
    assert list((tmp_path / "place").iterdir()) == []


def test_without_a_database_or_a_tool_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadBackup, match="There is no database"):
        make_backup(Settings(data_dir=tmp_path / "data"), tmp_path / "backup.zip")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolFailed, match="pg_dump is not here"):
        make_backup(Settings(database_url="postgresql://nobody@127.0.0.1:9/none"), tmp_path / "backup.zip")
    assert list(tmp_path.glob("*.zip")) == []
