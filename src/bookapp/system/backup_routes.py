"""The backups that the place makes by itself, for administrators."""

import asyncio

from quart import Blueprint

from bookapp.accounts.actions import record
from bookapp.jobs.queries import show_last
from bookapp.system.backup_jobs import TITLE, add_now, list_files
from bookapp.system.backup_rules import KIND
from bookapp.system.results import BackupList
from bookapp.web.auth import actor, admins
from bookapp.web.context import facts, settings
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.respond import Accepted, gives

backups = Blueprint("backups", __name__)


async def _list() -> BackupList:
    files = await asyncio.to_thread(list_files, settings().backups_dir)
    async with reading() as db:
        job = await show_last(db, KIND)
    return BackupList(often=settings().backups, kept=settings().backups_kept, items=files, job=job)


@backups.get("/admin/backups")
@admins
@gives(BackupList, page="system/backups.html", fragment="backups")
async def index() -> BackupList:
    """The backups that this place made by itself, the newest first, and how far the next one is."""
    return await _list()


@backups.post("/admin/backups")
@admins
@gives(BackupList, page="system/backups.html", fragment="backups", status=202)
async def create() -> Accepted:
    """Make a backup now, as a job."""
    async with writing() as db:
        job_id = await add_now(db)
        await record(db, actor(), "backup asked for", TITLE, address=facts().client, number=job_id)
    flash("A backup is being made.")
    return Accepted(await _list(), at="/admin/backups")
