"""R24: a job whose worker is killed at random moments: every row is done once, and the job comes to its end."""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select, update

from bookapp import tables
from bookapp.books.models import Subject
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.schema import migrate
from bookapp.jobs.models import Job
from bookapp.jobs.worker import work_off
from tests.checks.client import figure
from tests.jobs.counting import a_job, counting
from tests.serving.servers import ROOT

ROWS = 3000
assert tables  # so that all of them are known


async def work(url: str) -> None:
    """What the killed process does."""
    db = Database(url)
    print("ready", flush=True)
    await work_off(db, {"count": counting()}, asyncio.Event(), until_idle=True)
    await db.close()


async def look(url: str, *, let_go: bool) -> tuple[str, int, int]:
    """The state of the job, how far it says it is, and how many rows there are; a dead worker's minute passes."""
    db = Database(url)
    async with db.writing() as session:
        if let_go:
            await session.execute(update(Job).where(Job.state == "running").values(held_until=clock.now()))
        state, done = (await session.execute(select(Job.state, Job.done))).one()
        rows = await session.scalar(select(func.count()).select_from(Subject).where(Subject.name.like("Row %")))
    await db.close()
    return str(state), int(done), int(rows or 0)


async def begin(url: str) -> None:
    db = Database(url)
    await a_job(db, until=ROWS)
    await db.close()


def run(place: Path, kills: int = 20) -> bool:
    url = f"sqlite+aiosqlite:///{place / 'bookapp.db'}"
    migrate(url)
    asyncio.run(begin(url))
    killed = torn = 0
    state = "queued"
    while state != "done" and killed < 10 * kills:
        with subprocess.Popen((sys.executable, "-m", __name__, url), cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            if killed < kills:
                time.sleep(random.uniform(0.02, 0.4))
                killed += process.poll() is None
                process.kill()
            process.stdout.read()
        state, done, rows = asyncio.run(look(url, let_go=True))
        torn += done != rows
    good = (state, done, rows, torn) == ("done", ROWS, ROWS, 0) and killed == kills
    return figure("job kill", good, kills=killed, rows=rows, of=ROWS, torn=torn, state=state)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
