"""The addresses of administrators: what there is, invitations, what was done."""

from quart import Blueprint, Response

from bookapp.admin import actions, double_queries, export, job_queries, queries
from bookapp.admin.commands import FindAudit, FindPlace, MakeInvite
from bookapp.admin.results import AuditList, InviteList, JobList, LinkMade, Overview
from bookapp.web.auth import actor, admins
from bookapp.web.context import facts, home, settings
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Removed, ShownOnce, download, gives, secret, streams

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
@gives(JobList, page="admin/jobs.html", fragment="jobs")
async def list_jobs() -> JobList:
    """What the place does by itself, and when it did so last."""
    async with reading() as db:
        return await job_queries.list_jobs(db)


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
