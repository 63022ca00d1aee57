"""Backups that the place makes by itself: asked for when one is due, made as a job, the oldest thrown away."""

import asyncio
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Busy, Conflict, NoSpace
from bookapp.jobs.actions import add_sole_job
from bookapp.jobs.queries import is_any_since
from bookapp.jobs.work import Turn, TurnOver, Work
from bookapp.system import backup_rules as rules
from bookapp.system.archive import BadBackup, Manifest
from bookapp.system.backup import make_backup
from bookapp.system.results import BackupFile

TITLE = "Backup of this place"
_LOOK = 0.5
"""Seconds between two looks at how far it is."""


async def add_due(db: Database, often: rules.Often) -> None:
    """Ask for a backup when the last one was asked for long enough ago; of several processes one does."""
    if often == "off":
        return
    since = clock.now() - rules.EVERY[often]
    async with db.reading() as session:
        if await is_any_since(session, rules.KIND, since):
            return
    async with db.writing() as session:
        await add_sole_job(session, rules.KIND, TITLE, since)


async def add_now(db: AsyncSession) -> int:
    """Ask for a backup now, and return the job's id. Raises Conflict while one is being made."""
    job_id = await add_sole_job(db, rules.KIND, TITLE, None)
    if job_id is None:
        raise Conflict("A backup is being made already.")
    return job_id


def list_files(folder: Path) -> tuple[BackupFile, ...]:
    """The backups in that folder, the newest first. Raises OSError."""
    sizes = {place.name: place.stat().st_size for place in _files(folder)}
    return tuple(
        BackupFile(name, made, sizes[name]) for name in sorted(sizes, reverse=True) if (made := rules.made_at(name))
    )


def backup_work(settings: Settings) -> Work:
    """Makes a backup in a thread, proves it, and keeps no more than so many."""

    async def work(turn: Turn) -> None:
        folder = settings.backups_dir
        # Another name at each try: a backup holds the job that made it, and who restores it has that job go on.
        name = rules.file_name(clock.now())
        async with turn.step() as step:
            step.tell(saying="Beginning")
        await asyncio.to_thread(_sweep_unfinished, folder)
        made = await _make(turn, settings, folder / name)
        await asyncio.to_thread(_rotate, folder, settings.backups_kept)
        async with turn.step() as step:
            step.tell(result={"file": name, "rows": made.rows, "covers": made.covers})

    return work


class _Progress:
    """What the thread says, and whether it is to stop."""

    def __init__(self) -> None:
        self.said: tuple[str, int, int] | None = None
        self.is_over = False

    def told(self, label: str, done: int, total: int) -> None:
        if self.is_over:
            raise BadBackup("The backup was stopped.")
        self.said = (label, done, total)


async def _make(turn: Turn, settings: Settings, target: Path) -> Manifest:
    progress, told = _Progress(), None
    making = asyncio.create_task(asyncio.to_thread(make_backup, settings, target, progress.told))
    try:
        while not making.done():
            await asyncio.wait({making}, timeout=_LOOK)
            if progress.said is None or progress.said == told:
                await turn.beat()
                continue
            told = progress.said
            async with turn.step() as step:
                step.tell(saying=told[0], done=told[1], total=told[2])
        return making.result()
    except (TurnOver, asyncio.CancelledError):
        progress.is_over = True
        await asyncio.wait({making})
        raise
    except BadBackup as error:
        raise Busy(str(error)) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NoSpace("There is no room left where backups are written.") from error
        raise Busy(f"The backup could not be written: {error.strerror or 'the disk does not answer'}.") from error


def _sweep_unfinished(folder: Path) -> None:
    """Throw away what a killed worker left; nobody else is at it, since one worker alone holds the job."""
    for place in _entries(folder):
        if rules.is_unfinished(place.name):
            shutil.rmtree(place, ignore_errors=True)


def _rotate(folder: Path, kept: int) -> None:
    for name in rules.too_many((place.name for place in _files(folder)), kept):
        (folder / name).unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    """The backups there; whatever else has such a name, a folder or a link that leads nowhere, is not ours."""
    return (place for place in _entries(folder) if rules.made_at(place.name) and place.is_file())


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.iterdir())
