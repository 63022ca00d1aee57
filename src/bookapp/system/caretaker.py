"""Looks after the place while it serves: throws away what has run out, in every room."""

import asyncio
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import housekeeping
from bookapp.advice.housekeeping import forget_voices
from bookapp.books.housekeeping import forget_people
from bookapp.config import Settings
from bookapp.core import chores, outbox
from bookapp.core.db import Database
from bookapp.core.errors import AppError
from bookapp.imports.actions import sweep as forget_imports
from bookapp.imports.queries import find_tokens
from bookapp.imports.storage import ImportStore
from bookapp.jobs.actions import sweep as forget_jobs
from bookapp.openlibrary.cover_actions import add_due as add_due_covers
from bookapp.system.backup_jobs import add_due
from bookapp.web import rates

log = structlog.get_logger("bookapp.caretaker")


async def _say_goodbye(db: AsyncSession) -> int:
    gone = await housekeeping.find_leaving(db)
    if gone:
        await forget_people(db, gone)
        await forget_voices(db, gone)
        await housekeeping.delete_accounts(db, gone)
        log.info("accounts deleted", count=len(gone))
    return len(gone)


CHORES: dict[str, chores.Work] = {
    "limits": rates.sweep,
    "sign-ins": housekeeping.sweep,
    "events": outbox.sweep,
    "accounts": _say_goodbye,
    "imports": forget_imports,
    "jobs": forget_jobs,
}


async def go_round(db: Database) -> None:
    """One round. Several workers may do it at once: each thing is thrown away by whoever comes first."""
    for name, work in CHORES.items():
        trouble = await chores.do(db, name, work)
        if trouble:
            log.warning("a chore was left undone", chore=name, why=trouble)


async def throw_files_away(db: Database, folder: Path) -> None:
    """Let the files go that people brought and no import knows any more: theirs, too, who left."""
    async with db.reading() as session:
        known = await find_tokens(session)
    await asyncio.to_thread(ImportStore(folder).sweep, known)


async def look_after(db: Database, settings: Settings) -> None:
    """Go round for ever, until cancelled, and ask for the jobs of the place itself when they are due."""
    while True:
        await asyncio.sleep(chores.EVERY)
        try:
            await go_round(db)
            await throw_files_away(db, settings.imports_dir)
            await add_due(db, settings.backups)
            if settings.openlibrary == "on":
                await add_due_covers(db)
        except (AppError, OSError) as error:
            log.warning("a round was left out", why=str(error))
