"""A worker: takes one job after the other, and does it."""

import asyncio
import secrets
from collections.abc import Mapping

import structlog

from bookapp.core.db import Database
from bookapp.core.errors import AppError
from bookapp.jobs import claim_actions, queries, rules
from bookapp.jobs.work import GaveUp, Lost, Stopped, Turn, Unwanted, Work

log = structlog.get_logger("bookapp.jobs")
_LOOK = 1.0
"""Seconds between two looks for a job."""


def new_holder() -> str:
    """A word by which a worker is known."""
    return secrets.token_hex(16)


async def run_one(
    database: Database, works: Mapping[str, Work], *, holder: str | None = None, stop: asyncio.Event | None = None
) -> bool:
    """Claim one job of the kinds in `works` and do it; False when there was none.

    How it ends is written down with it: only trouble with the database itself is raised, as Busy. When `stop` is set
    the step in progress ends, and the next worker goes on.
    """
    holder = holder or new_holder()
    async with database.reading() as db:
        if not await queries.is_any_due(db, works.keys()):
            return False
    async with database.writing() as db:
        job = await claim_actions.claim_job(db, holder, works.keys())
    if job is None:
        return False
    await _do(Turn(database, job, holder, stop, works.keys()), works[job.kind], holder)
    return True


async def _do(turn: Turn, work: Work, holder: str) -> None:
    job = turn.job
    try:
        await work(turn)
    except Lost:
        log.info("a job went to somebody else", job=job.id, kind=job.kind)
    except Unwanted:
        await _end(turn, holder, "cancelled")
    except Stopped:
        await _give_back(turn, holder)
    except asyncio.CancelledError:
        await _give_back(turn, holder)
        raise
    except GaveUp as error:
        await _end(turn, holder, "failed", error.detail or error.title)
    except AppError as error:
        await _fail(turn, holder, error.detail or error.title)
    except Exception:
        log.exception("a job broke", job=job.id, kind=job.kind)
        await _fail(turn, holder, rules.OURS)
    else:
        await _end(turn, holder, "done")


async def work_off(
    database: Database, works: Mapping[str, Work], stop: asyncio.Event, *, until_idle: bool, holder: str | None = None
) -> int:
    """Do job after job until `stop` is set or, with `until_idle`, until none is due; returns how many."""
    holder, done = holder or new_holder(), 0
    while not stop.is_set():
        try:
            if await run_one(database, works, holder=holder, stop=stop):
                done += 1
                continue
        except AppError as error:
            log.warning("the worker waits", why=error.detail)
        if until_idle:
            break
        try:
            await asyncio.wait_for(stop.wait(), _LOOK)
        except TimeoutError:
            continue
    return done


async def _end(turn: Turn, holder: str, state: claim_actions.End, reason: str | None = None) -> None:
    async with turn.database.writing() as db:
        await claim_actions.end_job(db, turn.job, holder, state, reason)
    log.info("a job ended", job=turn.job.id, kind=turn.job.kind, state=state)


async def _fail(turn: Turn, holder: str, reason: str) -> None:
    async with turn.database.writing() as db:
        is_tried_again = await claim_actions.fail_job(db, turn.job, holder, reason)
    log.warning("a job failed", job=turn.job.id, kind=turn.job.kind, why=reason, again=is_tried_again)


async def _give_back(turn: Turn, holder: str) -> None:
    async with turn.database.writing() as db:
        await claim_actions.give_back(db, turn.job, holder)
    log.info("a job was given back", job=turn.job.id, kind=turn.job.kind)
