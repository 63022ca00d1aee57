"""What a piece of work is given: its job, and the steps in which it does it.

A step is one transaction. The claim is checked and prolonged first, and what was done, how far it is and where to go
on are written together: a worker may be killed at any moment, and each row is done once all the same.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.db import Database
from bookapp.core.errors import AppError
from bookapp.jobs import claim_actions, queries, rules
from bookapp.jobs.results import JobKnown

T = TypeVar("T")
_BEAT = 3.0
"""Seconds between two writes of `beat`."""
_NEWS = 0.5
"""Seconds between two pieces of news about one job: each is a row in the outbox, and a page asked for again."""
_SAYING = 200


class TurnOver(Exception):
    """The work is to end where it stands. Let it pass: whoever called the work knows what to do."""


class Lost(TurnOver):
    """Somebody else has the job by now, or it is gone."""


class Unwanted(TurnOver):
    """Somebody asked to stop the job. What is in stays in."""


class Stopped(TurnOver):
    """This worker is about to end, or others wait for it; whoever comes next to this job goes on."""


class GaveUp(AppError):
    """The job failed, and would fail again however often it were tried. `detail` is what a person reads."""

    status, title = 422, "That could not be done"


class Step:
    """A transaction of a job."""

    def __init__(self, db: AsyncSession) -> None:
        self.db = db
        self.told: dict[str, Any] = {}

    def tell(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        saying: str | None = None,
        place: Mapping[str, Any] | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """Say how far it is, what it does now, where to go on, what came of it. It is written when the step ends."""
        told = {
            "done": done,
            "total": total,
            "saying": None if saying is None else saying[:_SAYING],
            "place": None if place is None else dict(place),
            "result": None if result is None else dict(result),
        }
        self.told |= {name: value for name, value in told.items() if value is not None}


class Turn:
    """One worker's time with one job."""

    def __init__(
        self,
        database: Database,
        job: JobKnown,
        holder: str,
        stop: asyncio.Event | None = None,
        kinds: Collection[str] = (),
    ) -> None:
        """`kinds` are those of the jobs that this worker could do instead."""
        self.job = job
        """What is known of the job; another one after each step that told something."""
        self.database = database
        """For reading. Write in a step."""
        self._holder = holder
        self._stop = stop
        self._kinds = kinds
        self._is_others = False
        self._began_at = self._held_at = time.monotonic()
        self._told_at = 0.0

    @property
    def is_stopping(self) -> bool:
        """Whether this worker is about to end: for what goes on in a thread."""
        return self._stop is not None and self._stop.is_set()

    @asynccontextmanager
    async def step(self) -> AsyncIterator[Step]:
        """A transaction in which the job is held. Await nothing but the database inside.

        Raises Lost, Unwanted, Stopped before anything is written; Busy as `writing()` does.
        """
        self._check_stop()
        async with self.database.writing() as db:
            await self._hold(db)
            step = Step(db)
            yield step
            told = step.told
            if told:
                got_on = "place" in told or told.get("done", self.job.done) != self.job.done
                # The run that is on counts as the first try at the new place.
                news = told | ({"tries": 1, "reason": None} if got_on else {})
                await db.flush()
                await claim_actions.write_down(db, self.job.id, news)
                self._announce(db)
            if "place" in told and time.monotonic() - self._began_at >= rules.TURN:
                # A job of an hour must not keep somebody waiting whose own takes a second.
                self._is_others = await queries.is_any_due(db, self._kinds)
        self._held_at = time.monotonic()
        if told:
            known = {name: value for name, value in news.items() if name in ("done", "total", "place", "tries")}
            self.job = replace(self.job, **known)

    async def beat(self) -> None:
        """Keep the job while nothing is written for long. Call it as often as you like. Raises as `step` does."""
        self._check_stop()
        if time.monotonic() - self._held_at < _BEAT:
            return
        async with self.database.writing() as db:
            await self._hold(db)
        self._held_at = time.monotonic()

    async def through(self, work: Awaitable[T]) -> T:
        """Wait for something long that writes nothing, and keep the job meanwhile. Raises as `step` does."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=_BEAT))[0]:
                await self.beat()
        finally:
            task.cancel()
        return task.result()

    async def _hold(self, db: AsyncSession) -> None:
        match await claim_actions.hold_job(db, self.job.id, self._holder):
            case "lost":
                raise Lost
            case "unwanted":
                raise Unwanted

    def _check_stop(self) -> None:
        if self.is_stopping or self._is_others:
            raise Stopped

    def _announce(self, db: AsyncSession) -> None:
        """Progress concerns its owner alone; of the place's own jobs everybody would have to be told."""
        now = time.monotonic()
        if self.job.account_id is not None and now - self._told_at >= _NEWS:
            self._told_at = now
            claim_actions.announce_job(db, self.job.account_id)


Work = Callable[[Turn], Awaitable[None]]
"""Does a job of one kind, from `turn.job.place` to its end. Returning means that it is done."""

__all__ = ["GaveUp", "JobKnown", "Lost", "Step", "Stopped", "Turn", "TurnOver", "Unwanted", "Work"]
