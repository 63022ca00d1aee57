"""R25: an import whose worker is killed at random moments: every row is in once, and counted once."""

import asyncio
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from bookapp import tables
from bookapp.books.models import Book, BookChange
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.schema import migrate
from bookapp.imports.actions import add_import
from bookapp.imports.commands import NewImport, Options
from bookapp.imports.models import Import, ImportMemory, ImportRow
from bookapp.jobs.models import Job
from bookapp.jobs.worker import work_off
from bookapp.shelves.models import Entry, Reading
from bookapp.works import works
from tests import postgres
from tests.checks.client import figure
from tests.imports.brought import NAMELESS, goodreads
from tests.people import a_person
from tests.serving.servers import ROOT

ROWS, EVERY = 4000, 40
TOKEN = "a" * 32
assert tables  # so that all of them are known


def settings(url: str, place: str) -> Settings:
    return Settings(database_url=url, data_dir=Path(place), secret_key="k" * 32)


async def work(url: str, place: str) -> None:
    """What the killed process does."""
    db = Database(url)
    print("ready", flush=True)
    await work_off(db, works(settings(url, place)), asyncio.Event(), until_idle=True)
    await db.close()


def rows() -> list[dict[str, str]]:
    """Many books, of each of which something is told, and now and then a row that cannot be read."""
    told = {"Exclusive Shelf": "read", "Date Read": "2020/02/03", "Date Added": "2020/01/02", "My Rating": "4"}
    return [
        NAMELESS | {"Book Id": str(number)}
        if number % EVERY == 0
        else told | {"Book Id": str(number), "Title": f"Book number {number}", "Author": f"Author {number % 97}"}
        for number in range(1, ROWS + 1)
    ]


async def begin(url: str, place: Path) -> None:
    db = Database(url)
    alice = await a_person(db)
    folder = settings(url, str(place)).imports_dir
    folder.mkdir(parents=True)
    (folder / TOKEN).write_bytes(goodreads(*rows()))
    new = NewImport(file_name="mine.csv", token=TOKEN, size=1, format="goodreads", options=Options(), dry_run=False)
    async with db.writing() as session:
        await add_import(session, alice, new)
    await db.close()


async def look(url: str) -> dict[str, Any]:
    """How far it is, and what is in; a dead worker's minute passes."""
    db = Database(url)
    async with db.writing() as session:
        # How often it may break off at one place is not the question here: `job_kill` asks that.
        await session.execute(update(Job).where(Job.state == "running").values(held_until=clock.now(), tries=0))
        state = await session.scalar(select(Job.state))
        counts = await session.scalar(select(Import.counts)) or {}
        stored = {
            kind.__tablename__: await session.scalar(select(func.count()).select_from(kind))
            for kind in (Book, BookChange, Entry, Reading, ImportMemory, ImportRow)
        }
    await db.close()
    return {"state": state, "counts": counts, "stored": stored}


def is_torn(seen: dict[str, Any]) -> bool:
    """Whether what is counted is not what is in."""
    counts, stored = seen["counts"], seen["stored"]
    put = counts["new"]
    good = counts["read"] == put + counts["failed"] and stored["import_row"] == counts["failed"]
    return not good or any(stored[name] != put for name in ("book", "book_change", "entry", "reading", "import_memory"))


def kill_on(url: str, place: Path, kills: int) -> tuple[bool, dict[str, Any]]:
    migrate(url)
    asyncio.run(begin(url, place))
    killed = torn = 0
    seen: dict[str, Any] = {"state": "queued"}
    while seen["state"] in ("queued", "running") and killed < 10 * kills:
        with subprocess.Popen(
            (sys.executable, "-m", __name__, url, str(place)), cwd=ROOT, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            process.stdout.readline()
            if killed < kills:
                time.sleep(random.uniform(0.3, 1.5))
                killed += process.poll() is None
                process.kill()
            process.stdout.read()
        seen = asyncio.run(look(url))
        torn += is_torn(seen)
    failed = ROWS // EVERY
    counts = {"read": ROWS, "new": ROWS - failed, "failed": failed, "known": 0, "changed": 0, "doubtful": 0}
    good = seen["state"] == "done" and torn == 0 and seen["counts"] == counts
    return good, {"kills": killed, "torn": torn, "state": seen["state"], "new": seen["counts"].get("new")}


def run(place: Path, kills: int = 20) -> bool:
    good, told = kill_on(f"sqlite+aiosqlite:///{place / 'bookapp.db'}", place / "one", kills)
    all_good = figure("import kill, sqlite", good, of=ROWS, **told)
    with ExitStack() as stack:
        base = stack.enter_context(postgres.server())
        if base is None:
            return all_good
        asyncio.run(_create(base))
        good, told = kill_on(f"{base}/import_kill", place / "two", kills)
        return figure("import kill, postgresql", good, of=ROWS, **told) and all_good


async def _create(base: str) -> None:
    engine = create_async_engine(f"{base}/postgres", isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("DROP DATABASE IF EXISTS import_kill"))
        await connection.execute(text("CREATE DATABASE import_kill"))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
