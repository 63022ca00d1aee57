"""Work for the tests: it counts to a number, and puts a row into a table at each step."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bookapp.books.models import Subject
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.jobs.actions import add_job
from bookapp.jobs.models import Job
from bookapp.jobs.queries import show_job
from bookapp.jobs.results import JobShown
from bookapp.jobs.work import Turn, Work


async def nothing(_turn: Turn, _number: int) -> None:
    """Do nothing between two steps."""


def counting(between: Callable[[Turn, int], Awaitable[None]] = nothing, *, inside: Any = lambda _number: None) -> Work:
    """Work that puts a subject for each number into the catalogue; one that is there already could not go in."""

    async def work(turn: Turn) -> None:
        until = turn.job.payload["until"]
        for number in range(turn.job.place.get("next", 0), until):
            await between(turn, number)
            async with turn.step() as step:
                await step.db.execute(insert(Subject).values(name=f"Row {number}", name_key=f"row {number}"))
                inside(number)
                step.tell(done=number + 1, total=until, place={"next": number + 1}, saying=f"Row {number}")

    return work


async def a_job(db: Database, actor: Actor | None = None, **payload: Any) -> int:
    """A job that counts to five unless told otherwise; the place's own without a person."""
    async with db.writing() as session:
        return await add_job(session, actor.id if actor else None, "count", "Counting", {"until": 5} | payload)


async def rows(db: Database) -> list[str]:
    """What the work put in."""
    async with db.reading() as session:
        return list(await session.scalars(select(Subject.name).order_by(Subject.id)))


async def seen(db: Database, actor: Actor, job_id: int) -> JobShown:
    """The job as its person sees it."""
    async with db.reading() as session:
        return await show_job(session, actor, job_id)


async def put_back(db: Database, job_id: int, **columns: Any) -> None:
    """Let time pass for a job: what it waits for is over."""
    over = clock.now() - timedelta(seconds=1)
    async with db.writing() as session:
        job = await session.get(Job, job_id)
        assert job is not None
        told = {"held_until": over} if job.state == "running" else {"begin_at": over}
        await session.execute(update(Job).where(Job.id == job_id).values(**told, **columns))
