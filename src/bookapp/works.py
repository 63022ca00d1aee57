"""Who does which kind of job, and the `bookapp worker` command. Rooms are loaded when there is work for them."""

import asyncio
import os
import signal
import subprocess
import sys
from functools import cache

import click

from bookapp.config import Settings, load_settings
from bookapp.core.db import Database
from bookapp.jobs.work import Turn, Work
from bookapp.openlibrary.cover_rules import NIGHTLY, SOON


def works(settings: Settings) -> dict[str, Work]:
    """Each kind of job, and who does it."""

    async def do_import(turn: Turn) -> None:
        from bookapp import tables  # noqa: F401  # rows refer to tables of rooms that nobody loads otherwise
        from bookapp.imports.jobs import import_work

        plug_in(turn.database)
        await import_work(settings)(turn)

    async def do_backup(turn: Turn) -> None:
        from bookapp.system.backup_jobs import backup_work

        await backup_work(settings)(turn)

    @cache  # asks in turn, and therefore once for this process
    def fetcher() -> Work:
        from bookapp.books.storage import CoverStore
        from bookapp.openlibrary.client import library_of
        from bookapp.scanning.cover_jobs import cover_work

        return cover_work(library_of(settings), CoverStore(settings.covers_dir))

    async def do_covers(turn: Turn) -> None:
        from bookapp import tables  # noqa: F401  # rows refer to tables of rooms that nobody loads otherwise

        plug_in(turn.database)
        await fetcher()(turn)

    return {"import": do_import, "backup": do_backup, NIGHTLY: do_covers, SOON: do_covers}


def plug_in(db: Database) -> None:
    """Let the rooms hear what changes here that hear it in a serving process, too (`app.py`)."""
    from bookapp.advice.presence_actions import hear as count_advice
    from bookapp.recommender.actions import hear as hear_of_ratings
    from bookapp.shelves.presence_actions import hear as count_ratings
    from bookapp.suggestions.hearing import hear

    db.listeners[:] = [hear, hear_of_ratings, count_ratings, count_advice]


@click.command()
@click.option("--until-idle", is_flag=True, help="End when nothing is to be done.")
@click.option("--gently", is_flag=True, help="Leave the processor to whoever serves.")
@click.option("--holder", hidden=True, help="By which word this worker is known.")
def worker(until_idle: bool, gently: bool, holder: str | None) -> None:
    """Do the jobs that wait: imports, backups and the like. `serve` does so by itself unless BOOKAPP_WORKER is off."""
    from bookapp.web import log

    if gently:
        os.nice(10)
    settings = load_settings()
    log.configure(settings.log_level)
    if not until_idle:
        # In a process of its own: what migrates stays in memory, and a worker is to be small.
        done = subprocess.run((sys.executable, "-m", "bookapp", "migrate"), stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
    asyncio.run(_work(settings, until_idle, holder))
    log.flush()


async def _work(settings: Settings, until_idle: bool, holder: str | None) -> None:
    from bookapp.accounts import models  # noqa: F401  # a job's person stands in a table of that room
    from bookapp.jobs.worker import work_off

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    db = Database(settings.database_url, synchronous=settings.sqlite_synchronous, alone=True)
    try:
        await work_off(db, works(settings), stop, until_idle=until_idle, holder=holder)
    finally:
        await db.close()


commands: tuple[click.Command, ...] = (worker,)
