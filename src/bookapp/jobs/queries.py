"""Reading jobs: a person's own, and which ones somebody may begin."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.jobs import rules
from bookapp.jobs.models import Job
from bookapp.jobs.results import JobPage, JobShown, State

ABSENT = "There is no such job, or it is not for you to see."


async def show_job(db: AsyncSession, actor: Actor, job_id: int) -> JobShown:
    """One of a person's jobs. Raises NotFound."""
    job = await db.scalar(select(Job).where(_own(actor), Job.id == job_id))
    if job is None:
        raise NotFound(ABSENT)
    return shown(job)


async def list_jobs(db: AsyncSession, actor: Actor, cursor: str | None, limit: int) -> JobPage:
    """One page of a person's jobs, the newest first. Raises Invalid for a cursor that belongs to another list."""
    found = select(Job).where(_own(actor)).order_by(Job.id.desc()).limit(limit + 1)
    if cursor:
        found = found.where(Job.id < read_cursor(cursor, (int,))[0])
    rows = (await db.scalars(found)).all()
    following = None
    if len(rows) > limit:
        many = None if limit == rules.ON_A_PAGE else limit
        following = address("/jobs", limit=many, cursor=write_cursor([rows[limit - 1].id]))
    return JobPage(items=tuple(shown(row) for row in rows[:limit]), next=following)


async def find_job(db: AsyncSession, actor: Actor, job_id: int) -> Job:
    """The row of one of a person's jobs, locked for a change. Raises NotFound."""
    job = await db.scalar(select(Job).where(_own(actor), Job.id == job_id).with_for_update())
    if job is None:
        raise NotFound(ABSENT)
    return job


async def find_any_job(db: AsyncSession, job_id: int) -> Job:
    """The row of anybody's job, locked for a change; for whoever looks after the place. Raises NotFound."""
    job = await db.scalar(select(Job).where(Job.id == job_id).with_for_update())
    if job is None:
        raise NotFound(ABSENT)
    return job


async def is_any_due(db: AsyncSession, kinds: Collection[str]) -> bool:
    """Whether there is a job that somebody may begin now; asked every other second, so that nobody writes for it."""
    return await db.scalar(select(Job.id).where(is_due(clock.now(), kinds)).limit(1)) is not None


async def is_any_since(db: AsyncSession, kind: str, since: datetime) -> bool:
    """Whether one of the place's own jobs of that kind was added after `since`."""
    added = select(Job.id).where(Job.kind == kind, Job.account_id.is_(None), Job.created_at > since)
    return await db.scalar(added.limit(1)) is not None


def is_due(now: datetime, kinds: Collection[str]) -> ColumnElement[bool]:
    """The jobs that somebody may take: whose time has come, or whose worker is not heard of any more."""
    waits = and_(Job.state == "queued", Job.begin_at <= now)
    lost = and_(Job.state == "running", Job.held_until < now)
    return and_(or_(waits, lost), Job.kind.in_(kinds))


async def show_last(db: AsyncSession, kind: str) -> JobShown | None:
    """The newest of the place's own jobs of that kind, if there is one."""
    newest = select(Job).where(Job.kind == kind, Job.account_id.is_(None)).order_by(Job.id.desc()).limit(1)
    job = await db.scalar(newest)
    return None if job is None else shown(job, rules.ALL)


async def last_result(db: AsyncSession, kind: str) -> Mapping[str, Any]:
    """What came of the newest of the place's own jobs of that kind, so far; nothing when there is none."""
    newest = select(Job.result).where(Job.kind == kind, Job.account_id.is_(None)).order_by(Job.id.desc()).limit(1)
    return await db.scalar(newest) or {}


def shown(job: Job, place: str = rules.OWN) -> JobShown:
    """A job as people see it, with addresses below `place`."""
    state: State = job.state  # type: ignore[assignment]  # a constraint of the table says so
    now, url = clock.now(), rules.job_url(job.id, place)
    seconds = int(((job.ended_at or now) - job.started_at).total_seconds()) if job.started_at else None
    is_open = state not in rules.ENDED
    return JobShown(
        id=job.id,
        kind=job.kind,
        title=job.title,
        state=state,
        state_words=rules.state_words(state, job.begin_at, now, is_unwanted=job.is_unwanted, tries=job.tries),
        saying=job.saying,
        done=job.done,
        total=job.total,
        percent=rules.percent(job.done, job.total, state),
        reason=job.reason,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        seconds=seconds,
        took="" if seconds is None else rules.long(seconds),
        url=url,
        about_url=rules.about_url(job.payload) if place == rules.OWN else None,  # it is for its owner alone
        cancellation_url=f"{url}/cancellation" if is_open and not job.is_unwanted else None,
        retry_url=f"{url}/retry" if rules.is_retried(state, job.begin_at, now) else None,
    )


def _own(actor: Actor) -> ColumnElement[bool]:
    """The place's own jobs belong to nobody: who is nobody must not get them."""
    return Job.account_id == (actor.id or 0)
