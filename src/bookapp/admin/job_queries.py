"""What the place does by itself, when it did so last, and the long work that people asked for."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.admin.commands import FindPlace
from bookapp.admin.queries import following, newest_first
from bookapp.admin.results import AnyJob, Chore, JobList
from bookapp.admin.rules import CHORES
from bookapp.core.chores import EVERY, list_chores
from bookapp.core.errors import NotFound
from bookapp.jobs.models import Job
from bookapp.jobs.queries import ABSENT, shown
from bookapp.jobs.rules import ALL


async def list_jobs(db: AsyncSession, question: FindPlace) -> JobList:
    """All chores, also those whose first time is still to come, and one page of everybody's jobs, the newest first.

    Raises Invalid for a wrong cursor.
    """
    done = {line.name: line for line in await list_chores(db)}
    rows = (await db.execute(newest_first(_anybodys(), Job.id, question.cursor, question.limit))).all()
    return JobList(
        chores=tuple(
            Chore(
                name=name,
                what=what,
                every_seconds=EVERY,
                done_at=line.done_at if (line := done.get(name)) else None,
                milliseconds=line.milliseconds if line else None,
                times=line.times if line else 0,
                last=line.last if line else 0,
                whole=line.whole if line else 0,
                trouble=line.trouble if line else None,
            )
            for name, what in CHORES.items()
        ),
        items=tuple(AnyJob(person=row.username, job=shown(row.Job, ALL)) for row in rows[: question.limit]),
        next=following(ALL, rows, question.limit),
    )


async def show_job(db: AsyncSession, job_id: int) -> AnyJob:
    """Anybody's job. Raises NotFound."""
    row = (await db.execute(_anybodys().where(Job.id == job_id))).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return AnyJob(person=row.username, job=shown(row.Job, ALL))


def _anybodys() -> Any:
    return select(Job, Job.id, Account.username).outerjoin(Account, Account.id == Job.account_id)
