"""The addresses of jobs."""

from quart import Blueprint

from bookapp.jobs import actions, queries
from bookapp.jobs.commands import FindJobs
from bookapp.jobs.results import JobPage, JobShown
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks
from bookapp.web.respond import Updated, gives

jobs = Blueprint("jobs", __name__)


@jobs.get("/jobs")
@signed_in
@asks(FindJobs)
@gives(JobPage, page="jobs/index.html", fragment="jobs")
async def index(question: FindJobs) -> JobPage:
    """Your jobs, the newest first, and how far each is."""
    async with reading() as db:
        return await queries.list_jobs(db, actor(), question.cursor, question.limit)


@jobs.get("/jobs/<id:job_id>")
@signed_in
@gives(JobShown, page="jobs/show.html", fragment="job")
async def show(job_id: int) -> JobShown:
    """One of your jobs, and how far it is."""
    async with reading() as db:
        return await queries.show_job(db, actor(), job_id)


@jobs.delete("/jobs/<id:job_id>")
@jobs.post("/jobs/<id:job_id>/cancellation")
@signed_in
@gives(JobShown, page="jobs/show.html", fragment="job")
async def cancel(job_id: int) -> Updated:
    """Stop a job. The step in progress ends, and what is in stays in."""
    async with writing() as db:
        await actions.cancel_job(db, actor(), job_id)
        job = await queries.show_job(db, actor(), job_id)
    flash("It is stopped." if job.state == "cancelled" else "It stops after the step in progress.")
    return Updated(job, at=job.url)


@jobs.post("/jobs/<id:job_id>/retry")
@signed_in
@gives(JobShown, page="jobs/show.html", fragment="job")
async def retry(job_id: int) -> Updated:
    """Go on with a job that failed or was stopped, where it ended; one that waits for its next try waits no longer."""
    async with writing() as db:
        await actions.retry_job(db, actor(), job_id)
        job = await queries.show_job(db, actor(), job_id)
    flash("It is tried again.")
    return Updated(job, at=job.url)
