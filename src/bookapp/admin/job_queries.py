"""What the place does by itself, and when it did so last."""

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.admin.results import Job, JobList
from bookapp.admin.rules import JOBS
from bookapp.core.chores import EVERY, list_chores


async def list_jobs(db: AsyncSession) -> JobList:
    """All jobs, also those whose first time is still to come."""
    done = {line.name: line for line in await list_chores(db)}
    return JobList(
        jobs=tuple(
            Job(
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
            for name, what in JOBS.items()
        )
    )
