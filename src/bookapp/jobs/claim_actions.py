"""Who is at which job: taking one, keeping it, giving it back, and how it ended."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.events import Changed, announce
from bookapp.core.sql import rows_of
from bookapp.jobs import rules
from bookapp.jobs.models import Job
from bookapp.jobs.queries import is_due
from bookapp.jobs.results import JobKnown

_REASON = 500
End = Literal["done", "failed", "cancelled"]


async def claim_job(db: AsyncSession, holder: str, kinds: Collection[str]) -> JobKnown | None:
    """Take the job that has waited longest; None when there is none. No two holders take the same one.

    On SQLite there is one writer at a time. On PostgreSQL a row that somebody else is just taking is passed over.
    """
    while True:
        now = clock.now()
        due = select(Job).where(is_due(now, kinds)).order_by(Job.begin_at, Job.id).limit(1)
        job = await db.scalar(due.with_for_update(skip_locked=True))
        if job is None:
            return None
        if not _is_worth_it(job, now):
            announce_job(db, job.account_id)
            await db.flush()
            continue
        job.state, job.holder, job.held_until = "running", holder, now + rules.HELD
        job.started_at = job.started_at or now
        job.tries += 1
        announce_job(db, job.account_id)
        await db.flush()
        return JobKnown(
            id=job.id,
            kind=job.kind,
            account_id=job.account_id,
            payload=job.payload,
            place=job.place,
            done=job.done,
            total=job.total,
            tries=job.tries,
        )


def _is_worth_it(job: Job, now: datetime) -> bool:
    """Whether to begin it (again); what is not wanted, or killed every worker, ends here."""
    if not job.is_unwanted and job.tries < rules.MOST_TRIES:
        return True
    job.state = "cancelled" if job.is_unwanted else "failed"
    job.reason = None if job.is_unwanted else rules.DIED
    job.holder = job.held_until = None
    job.ended_at = now
    return False


async def hold_job(db: AsyncSession, job_id: int, holder: str) -> Literal["held", "unwanted", "lost"]:
    """Keep a job for another while. It locks the row: what is written in this transaction, the holder alone writes."""
    kept = (
        update(Job)
        .where(*_mine(job_id, holder))
        .values(held_until=clock.now() + rules.HELD)
        .returning(Job.is_unwanted)
        .execution_options(synchronize_session=False)
    )
    is_unwanted = (await db.execute(kept)).scalar_one_or_none()
    if is_unwanted is None:
        return "lost"
    return "unwanted" if is_unwanted else "held"


async def write_down(db: AsyncSession, job_id: int, told: Mapping[str, Any]) -> None:
    """Write how far a held job is."""
    changed = update(Job).where(Job.id == job_id).values(**told)
    await db.execute(changed.execution_options(synchronize_session=False))


async def end_job(db: AsyncSession, job: JobKnown, holder: str, state: End, reason: str | None) -> bool:
    """Say how it ended; False when somebody else has it by now."""
    told = {"state": state, "reason": _clipped(reason), "ended_at": clock.now(), "saying": ""}
    return await _let_go(db, job, holder, told)


async def fail_job(db: AsyncSession, job: JobKnown, holder: str, reason: str) -> bool:
    """Have it tried again in a while, or let it fail when that was often enough. Returns whether it is tried again."""
    if await db.scalar(select(Job.is_unwanted).where(*_mine(job.id, holder)).with_for_update()):
        await end_job(db, job, holder, "cancelled", None)
        return False
    pause = rules.wait_after(job.tries)
    if pause is None:
        await end_job(db, job, holder, "failed", reason)
        return False
    told = {"state": "queued", "begin_at": clock.now() + pause, "reason": _clipped(reason)}
    return await _let_go(db, job, holder, told)


async def give_back(db: AsyncSession, job: JobKnown, holder: str) -> None:
    """Let the next worker go on at once: this one is about to end, through no fault of the job."""
    await _let_go(db, job, holder, {"state": "queued", "begin_at": clock.now(), "tries": max(job.tries - 1, 0)})


async def give_all_back(db: AsyncSession, holder: str) -> int:
    """Let others go on with whatever a worker held that is known to be dead; returns how many jobs those are."""
    held = select(Job).where(Job.state == "running", Job.holder == holder).with_for_update()
    jobs = (await db.scalars(held)).all()
    for job in jobs:
        job.holder, job.held_until = None, clock.now()
        announce_job(db, job.account_id)
    await db.flush()
    return len(jobs)


def announce_job(db: AsyncSession, account_id: int | None) -> None:
    """Tell whose job it is that it changed; the place's own jobs are no secret."""
    announce(db, Changed("jobs-changed", None if account_id is None else frozenset({account_id})))


async def _let_go(db: AsyncSession, job: JobKnown, holder: str, told: Mapping[str, Any]) -> bool:
    gone = update(Job).where(*_mine(job.id, holder)).values(holder=None, held_until=None, **told)
    touched = rows_of(await db.execute(gone.execution_options(synchronize_session=False)))
    if touched:
        announce_job(db, job.account_id)
    return bool(touched)


def _mine(job_id: int, holder: str) -> tuple[ColumnElement[bool], ...]:
    return Job.id == job_id, Job.holder == holder, Job.state == "running"


def _clipped(reason: str | None) -> str | None:
    return reason[:_REASON] if reason else None
