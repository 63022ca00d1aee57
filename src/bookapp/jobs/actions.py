"""Adding jobs, stopping them, having them tried again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict
from bookapp.core.sql import rows_of
from bookapp.jobs import rules
from bookapp.jobs.claim_actions import announce_job
from bookapp.jobs.models import Job
from bookapp.jobs.queries import find_any_job, find_job

_OPEN = ("queued", "running")
_TITLE = 200
_SOLE = 7_237_121
"""A lock of PostgreSQL, for whoever looks whether there is a job and adds one."""


async def add_job(
    db: AsyncSession,
    account_id: int | None,
    kind: str,
    title: str,
    payload: Mapping[str, Any],
    *,
    begin_at: datetime | None = None,
    total: int | None = None,
) -> int:
    """Add a job in the caller's transaction, and return its id. None as `account_id` makes it the place's own.

    `payload` is for the work; its `url`, an address of this place, is linked as what the job is about.
    Raises Conflict when the person has too many that are not done, NotFound when they are gone.
    """
    if account_id is not None:
        # Of two requests at once both could count the same jobs, and take the last place twice.
        await hold(db, Actor(account_id, ""))
        waiting = select(func.count()).where(Job.account_id == account_id, Job.state.in_(_OPEN))
        if (await db.scalar(waiting) or 0) >= rules.MOST_OPEN:
            raise Conflict(f"{rules.MOST_OPEN} jobs of yours are not done yet. Wait for some of them, or stop them.")
    now = clock.now()
    job = Job(
        kind=kind,
        account_id=account_id,
        payload=dict(payload),
        title=title[:_TITLE],
        state="queued",
        saying="",
        done=0,
        total=total,
        place={},
        result={},
        tries=0,
        is_unwanted=False,
        created_at=now,
        begin_at=begin_at or now,
    )
    db.add(job)
    await db.flush()
    announce_job(db, account_id)
    return job.id


async def add_sole_job(db: AsyncSession, kind: str, title: str, since: datetime | None) -> int | None:
    """Add one of the place's own jobs, and return its id; None when one of that kind is not done yet, or was added
    after `since`. Several processes may ask at once, and one of them adds it.
    """
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(_SOLE)))
    alike = (Job.kind == kind, Job.account_id.is_(None))
    is_there = Job.state.in_(_OPEN) if since is None else or_(Job.state.in_(_OPEN), Job.created_at > since)
    if await db.scalar(select(Job.id).where(*alike, is_there).limit(1)) is not None:
        return None
    return await add_job(db, None, kind, title, {})


async def cancel_job(db: AsyncSession, actor: Actor, job_id: int) -> None:
    """Stop one of a person's jobs; what is in stays in. What is stopped already stays so.

    Raises NotFound, and Conflict when it ended otherwise.
    """
    _cancel(db, await find_job(db, actor, job_id))
    await db.flush()


async def cancel_any_job(db: AsyncSession, job_id: int) -> str:
    """The same for whoever looks after the place; returns the title."""
    job = await find_any_job(db, job_id)
    _cancel(db, job)
    await db.flush()
    return job.title


async def retry_job(db: AsyncSession, actor: Actor, job_id: int) -> None:
    """Go on with one of a person's jobs that failed or was stopped, or do not wait for its next try.

    Raises NotFound, and Conflict when it is done or at work.
    """
    _retry(db, await find_job(db, actor, job_id))
    await db.flush()


async def retry_any_job(db: AsyncSession, job_id: int) -> str:
    """The same for whoever looks after the place; returns the title."""
    job = await find_any_job(db, job_id)
    _retry(db, job)
    await db.flush()
    return job.title


async def sweep(db: AsyncSession) -> int:
    """Forget jobs that ended long ago; what they are about is the business of their rooms."""
    old = (Job.state.in_(rules.ENDED), Job.ended_at < clock.now() - rules.KEPT)
    return rows_of(await db.execute(delete(Job).where(*old)))


def _cancel(db: AsyncSession, job: Job) -> None:
    if job.state in ("done", "failed"):
        raise Conflict("That is over already, so there is nothing to stop.")
    if job.state == "cancelled" or job.is_unwanted:
        return
    now = clock.now()
    job.is_unwanted = True
    if job.state == "queued" or (job.held_until is not None and job.held_until < now):
        job.state, job.ended_at, job.reason, job.saying = "cancelled", now, None, ""
        job.holder = job.held_until = None
    announce_job(db, job.account_id)


def _retry(db: AsyncSession, job: Job) -> None:
    if job.state == "done":
        raise Conflict("That is done, so there is nothing to try again.")
    if job.state == "running":
        raise Conflict("That is at work just now.")
    job.state, job.begin_at = "queued", clock.now()
    job.tries, job.is_unwanted, job.reason, job.ended_at = 0, False, None, None
    announce_job(db, job.account_id)
