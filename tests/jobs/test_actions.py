"""Adding jobs, stopping them, having them tried again."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bookapp.core import clock
from bookapp.core.actor import GUEST
from bookapp.core.db import Database
from bookapp.core.errors import Conflict, NotFound
from bookapp.jobs import rules
from bookapp.jobs.actions import add_job, add_sole_job, cancel_job, retry_job, sweep
from bookapp.jobs.models import Job
from bookapp.jobs.queries import show_job
from bookapp.jobs.work import GaveUp, Turn
from bookapp.jobs.worker import run_one
from tests.jobs.counting import a_job, counting, rows, seen
from tests.people import a_person


async def give_up(_turn: Turn, _number: int) -> None:
    raise GaveUp("It cannot be done.")


async def test_no_job_without_its_data(db: Database) -> None:
    alice = await a_person(db)
    try:
        async with db.writing() as session:
            await add_job(session, alice.id, "count", "Counting", {"until": 5})
            raise NotFound
    except NotFound:
        pass
    assert not await run_one(db, {"count": counting()})


async def test_what_waits_is_stopped_at_once_and_can_be_begun_after_all(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)
    for _ in range(2):
        async with db.writing() as session:
            await cancel_job(session, alice, job_id)
    assert (await seen(db, alice, job_id)).state == "cancelled"
    assert not await run_one(db, {"count": counting()})
    async with db.writing() as session:
        await retry_job(session, alice, job_id)
    assert await run_one(db, {"count": counting()})
    assert (await seen(db, alice, job_id)).state == "done"


async def test_what_failed_goes_on_where_it_ended(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)

    async def give_up_later(turn: Turn, number: int) -> None:
        if number == 3:
            await give_up(turn, number)

    assert await run_one(db, {"count": counting(give_up_later)})
    async with db.writing() as session:
        await retry_job(session, alice, job_id)
    assert await run_one(db, {"count": counting()})
    job = await seen(db, alice, job_id)
    assert (job.state, job.reason, len(await rows(db))) == ("done", None, 5)


async def test_what_is_over_is_neither_stopped_nor_done_again(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)
    assert await run_one(db, {"count": counting()})
    for action in (cancel_job, retry_job):
        with pytest.raises(Conflict):
            async with db.writing() as session:
                await action(session, alice, job_id)


async def test_somebody_elses_job_is_not_there_nor_the_places_own_for_guests(db: Database) -> None:
    alice, bob = await a_person(db, "alice"), await a_person(db, "bob")
    hers, its = await a_job(db, alice), await a_job(db)
    for actor, job_id in ((bob, hers), (bob, its), (GUEST, its)):
        for action in (cancel_job, retry_job):
            with pytest.raises(NotFound):
                async with db.writing() as session:
                    await action(session, actor, job_id)
        with pytest.raises(NotFound):
            async with db.reading() as session:
                await show_job(session, actor, job_id)


async def test_nobody_fills_the_queue(db: Database) -> None:
    alice = await a_person(db)
    async with db.writing() as session:
        for _ in range(rules.MOST_OPEN):
            await add_job(session, alice.id, "count", "Counting", {})
    with pytest.raises(Conflict, match="50 jobs"):
        await a_job(db, alice)


async def test_of_requests_at_once_one_gets_the_last_place_in_the_queue(db: Database) -> None:
    alice = await a_person(db)
    async with db.writing() as session:
        for _ in range(rules.MOST_OPEN - 1):
            await add_job(session, alice.id, "count", "Counting", {})

    async def ask() -> None:
        async with db.writing() as session:
            await add_job(session, alice.id, "count", "Counting", {})
            await asyncio.sleep(0.2)  # the others come before this one has ended

    came = await asyncio.gather(ask(), ask(), ask(), return_exceptions=True)
    assert sorted(isinstance(one, Conflict) for one in came) == [False, True, True]


async def test_of_two_that_ask_for_the_same_work_of_the_place_one_adds_it(db: Database) -> None:
    async def ask() -> int | None:
        async with db.writing() as session:
            return await add_sole_job(session, "count", "Counting", clock.now() - timedelta(days=1))

    assert len([job for job in await asyncio.gather(ask(), ask(), ask()) if job is not None]) == 1


async def test_a_job_that_ended_long_ago_is_forgotten(db: Database) -> None:
    alice = await a_person(db)
    old, lately, waiting = [await a_job(db, alice) for _ in range(3)]
    long_ago = clock.now() - rules.KEPT - timedelta(hours=1)
    async with db.writing() as session:
        await session.execute(update(Job).values(created_at=long_ago))
        await session.execute(update(Job).where(Job.id.in_((old, lately))).values(state="failed", ended_at=long_ago))
        await session.execute(update(Job).where(Job.id == lately).values(ended_at=clock.now()))
    async with db.writing() as session:
        assert await sweep(session) == 1
    async with db.reading() as session:
        assert set(await session.scalars(select(Job.id))) == {lately, waiting}
