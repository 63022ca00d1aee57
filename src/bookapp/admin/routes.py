"""The addresses of administrators: what there is, invitations, what was done."""

from quart import Blueprint, Response

from bookapp.admin import actions, double_queries, export, job_queries, queries
from bookapp.admin.commands import FindAudit, FindPlace, MakeInvite
from bookapp.admin.results import AnyJob, AuditList, InviteList, JobList, LinkMade, Overview
from bookapp.web.auth import actor, admins
from bookapp.web.context import facts, home, settings
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Removed, ShownOnce, Updated, download, gives, secret, streams

admin = Blueprint("admin", __name__)


async def _invites(question: FindPlace | None = None) -> InviteList:
    """The invitations, also beside a form that is shown again."""
    async with reading() as db:
        return await queries.list_invites(db, question or FindPlace(), settings().registration)


@admin.get("/admin")
@admins
@gives(Overview, page="admin/index.html", fragment="overview")
async def index() -> Overview:
    """How many there are of what, and what needs care."""
    async with reading() as db:
        return await double_queries.count_doubles(db, await queries.show_overview(db))


@admin.get("/admin/jobs")
@admins
@asks(FindPlace)
@gives(JobList, page="admin/jobs.html", fragment="jobs")
async def list_jobs(question: FindPlace) -> JobList:
    """What the place does by itself and when it did so last, and everybody's jobs, the newest first."""
    async with reading() as db:
        return await job_queries.list_jobs(db, question)


@admin.get("/admin/jobs/<id:job_id>")
@admins
@gives(AnyJob, page="admin/job.html", fragment="job")
async def show_job(job_id: int) -> AnyJob:
    """Anybody's job, and how far it is."""
    async with reading() as db:
        return await job_queries.show_job(db, job_id)


@admin.delete("/admin/jobs/<id:job_id>")
@admin.post("/admin/jobs/<id:job_id>/cancellation")
@admins
@gives(AnyJob, page="admin/job.html", fragment="job")
async def cancel_job(job_id: int) -> Updated:
    """Stop anybody's job. The step in progress ends, and what is in stays in."""
    async with writing() as db:
        await actions.cancel_job(db, actor(), job_id, address=facts().client)
        found = await job_queries.show_job(db, job_id)
    flash("It is stopped." if found.job.state == "cancelled" else "It stops after the step in progress.")
    return Updated(found, at="/admin/jobs")


@admin.post("/admin/jobs/<id:job_id>/retry")
@admins
@gives(AnyJob, page="admin/job.html", fragment="job")
async def retry_job(job_id: int) -> Updated:
    """Go on with anybody's job that failed or was stopped, where it ended."""
    async with writing() as db:
        await actions.retry_job(db, actor(), job_id, address=facts().client)
        found = await job_queries.show_job(db, job_id)
    flash("It is tried again.")
    return Updated(found, at="/admin/jobs")


@admin.get("/admin/invites")
@admins
@asks(FindPlace)
@gives(InviteList, page="admin/invites.html", fragment="invites")
async def list_invites(question: FindPlace) -> InviteList:
    """The links by which people can register."""
    return await _invites(question)


@admin.post("/admin/invites")
@admins
@secret
@takes(MakeInvite, form="admin/invites.html", of=_invites)
@gives(LinkMade, page="admin/link.html", fragment="made", status=201)
async def create_invite(command: MakeInvite) -> ShownOnce:
    """Make a link by which somebody can register. It is shown now and never again."""
    async with writing() as db:
        made = await actions.make_invite(db, actor(), command, home(), address=facts().client)
    return ShownOnce(made)


@admin.delete("/admin/invites/<id:invite_id>")
@admin.post("/admin/invites/<id:invite_id>/delete")
@admins
@gives(type(None), page="admin/invites.html", fragment="invites", status=204)
async def remove_invite(invite_id: int) -> Removed:
    """Take an invitation back. Who came by it stays."""
    async with writing() as db:
        await actions.delete_invite(db, actor(), invite_id, address=facts().client)
    flash("That invitation opens nothing any more.")
    return Removed(at="/admin/invites")


@admin.get("/admin/audit")
@admins
@asks(FindAudit)
@gives(AuditList, page="admin/audit.html", fragment="entries")
async def list_audit(question: FindAudit) -> AuditList:
    """What was done that matters for safety, the newest first."""
    async with reading() as db:
        return await queries.list_audit(db, question)


@admin.get("/admin/audit.csv")
@admins
@asks(FindAudit)
@streams("text/csv")
async def audit_table(question: FindAudit) -> Response:
    """The audit log as a CSV file, streamed, with the filters of the list."""
    return download(export.audit(database(), question), "text/csv; charset=utf-8", "audit.csv")
