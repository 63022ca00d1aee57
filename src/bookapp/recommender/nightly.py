"""The recommender learns by itself: a process of its own once a night, and in between for books that were rated."""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import structlog

from bookapp.core import chores
from bookapp.core.db import Database
from bookapp.core.errors import AppError
from bookapp.recommender import fit_queries
from bookapp.recommender.fit_actions import take_turn

log = structlog.get_logger("bookapp.recommender")
_ROUND = timedelta(seconds=chores.EVERY * 0.9)
_LOOK = 60
"""Seconds between two looks: whoever has just rated the first books of a new place is not kept waiting for long."""
_PATIENCE = 5
"""Seconds that a process has to end by itself."""


async def learn(db: Database, environment: Mapping[str, str]) -> None:
    """Look for work every minute, for ever, and do some every ten minutes at most.

    When this is cancelled, the process at work ends, too. `environment` is what that process needs to
    find the same database.
    """
    worker = secrets.token_hex(16)
    while True:
        await asyncio.sleep(_LOOK)
        try:
            work = await _due(db, worker)
        except AppError as error:
            log.warning("a round was left out", why=error.detail)
            continue
        if work is not None:
            await run(work, environment)


async def _due(db: Database, worker: str) -> str | None:
    """What is to be done now; of several workers one alone hears of it."""
    async with db.reading() as session:
        work = await fit_queries.find_work(session)
    if work is None:
        return None
    async with db.writing() as session:
        return work if await take_turn(session, "round", worker, _ROUND) else None


async def run(work: str, environment: Mapping[str, str]) -> bool:
    """Do it in a process of its own, which waits for whoever serves; says whether it came to a good end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bookapp", "recommender", work, "--gently"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        _out, trouble = await process.communicate()
    except asyncio.CancelledError:
        await _end(process)
        raise
    if process.returncode:
        log.warning("the recommender did not learn", work=work, why=trouble.decode(errors="replace")[-200:].strip())
    return process.returncode == 0


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
