"""Looks for work while the place serves, and has it done by a process of its own, so that readers are not slowed."""

import asyncio
import fcntl
import os
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.db import Database
from bookapp.core.errors import AppError
from bookapp.core.events import Changed
from bookapp.jobs import claim_actions, queries
from bookapp.jobs.worker import new_holder

log = structlog.get_logger("bookapp.jobs")
_LOOK = 2.0
"""Seconds between two looks."""
_SOON = 0.1
"""Seconds after this process told of a job until it looks: the job is there once its transaction has ended."""
_PATIENCE = 5.0
"""Seconds that a worker has to end its step."""
_LONGEST = 60.0
"""Seconds between two beginnings of a worker that breaks each time."""


class Foreman:
    """Starts a worker when a job is due: one on this machine at a time, however many processes serve."""

    def __init__(self, db: Database, kinds: Collection[str], place: Path, environment: Mapping[str, str]) -> None:
        self._db = db
        self._kinds = kinds
        self._place = place
        self._environment = environment
        self._news = asyncio.Event()
        self._pause = _LOOK

    async def hear(self, _db: AsyncSession, change: Changed) -> None:
        """Look soon when a job was added here; for `Database.listeners`."""
        if change.name == "jobs-changed":
            self._news.set()

    async def look_for_work(self) -> None:
        """Look again and again, for ever. When this is cancelled, the worker ends its step, and then itself."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), self._pause)
                await asyncio.sleep(_SOON)
            self._news.clear()
            try:
                await self._look()
            except (AppError, OSError) as error:
                log.warning("nobody looked for work", why=str(error))

    async def _look(self) -> None:
        async with self._db.reading() as db:
            if not await queries.is_any_due(db, self._kinds):
                return
        async with self._alone() as is_alone:
            if is_alone:
                good = await self._employ()
                self._pause = _LOOK if good else min(self._pause * 2, _LONGEST)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[bool]:
        """Whether nobody else on this machine has a worker; a lock that the system frees when this process dies."""
        self._place.parent.mkdir(parents=True, exist_ok=True)
        with self._place.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    async def _employ(self) -> bool:
        """Have a worker do what is due; says whether it came to a good end."""
        holder = new_holder()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bookapp", "worker", "--until-idle", "--gently", "--holder", holder),
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self._environment},
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await self._end(process)
            if process.returncode:
                await self._take_back(holder)
            raise
        if code:
            log.warning("a worker broke", code=code)
            await self._take_back(holder)
        return code == 0

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _PATIENCE)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def _take_back(self, holder: str) -> None:
        """The next worker need not wait until the dead one's time is over."""
        with suppress(AppError):
            async with self._db.writing() as db:
                await claim_actions.give_all_back(db, holder)
