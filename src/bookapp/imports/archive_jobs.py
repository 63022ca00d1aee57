"""The two ends of the work of an import of an account's own file: what comes before its books, and what after them."""

import asyncio
from pathlib import Path

from bookapp.core.actor import Actor
from bookapp.core.errors import AppError
from bookapp.imports import actions, archive_actions, queries
from bookapp.imports.formats.bookapp_extras import Extras, extras
from bookapp.imports.results import Counts
from bookapp.jobs.work import GaveUp, Turn


async def put_first(turn: Turn, actor: Actor, path: Path) -> Extras:
    """Let the person be seen as they were before any of their books is here. Raises GaveUp."""
    found = await _read(path)
    async with turn.step() as step:
        await archive_actions.put_choices(step.db, actor, found)
    return found


async def put_rest(turn: Turn, actor: Actor, found: Extras, covers: Path) -> None:
    """Put in what is no book; `covers` is where the covers of this place lie. Repeating it doubles nothing."""
    async with turn.step() as step:
        step.tell(saying="Tasks, goals, people and covers")
    remarks = await archive_actions.put_extras(turn.database, actor, found, covers, turn.beat)
    async with turn.step() as step:
        row = await queries.find_locked(step.db, turn.job.payload["import_id"])
        if row is not None:
            said = row.facts.get("remarks", ())
            actions.add_counts(row, Counts(), [text for text in remarks if text not in said])


async def _read(path: Path) -> Extras:
    try:
        return await asyncio.to_thread(extras, path)
    except AppError as error:
        raise GaveUp(error.detail) from error
