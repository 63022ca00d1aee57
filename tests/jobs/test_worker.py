"""Workers: each step is done once, whatever happens between two of them."""

import asyncio
from typing import Any

import pytest

from bookapp.core.db import Database
from bookapp.core.errors import Busy
from bookapp.jobs import claim_actions, rules
from bookapp.jobs.actions import cancel_job
from bookapp.jobs.work import GaveUp, Stopped, Turn
from bookapp.jobs.worker import run_one, work_off
from tests.jobs.counting import a_job, counting, put_back, rows, seen
from tests.people import a_person

FIVE = [f"Row {number}" for number in range(5)]


class PulledOut(BaseException):
    """The plug is pulled: nothing is written down any more."""


async def test_a_job_is_done_step_by_step(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)
    assert (await seen(db, alice, job_id)).state == "queued"
    assert await run_one(db, {"count": counting()})
    job = await seen(db, alice, job_id)
    assert (job.state, job.done, job.total, job.percent, job.reason) == ("done", 5, 5, 100, None)
    assert await rows(db) == FIVE
    assert not await run_one(db, {"count": counting()})


async def test_long_work_that_writes_nothing_can_be_stopped(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookapp.jobs.work._BEAT", 0.01)
    alice = await a_person(db)
    job_id = await a_job(db, alice)

    async def think(turn: Turn) -> None:
        assert await turn.through(asyncio.sleep(0.05, "thought")) == "thought"
        async with db.writing() as session:
            await cancel_job(session, alice, job_id)
        await turn.through(asyncio.sleep(60))

    assert await run_one(db, {"count": think})
    assert (await seen(db, alice, job_id)).state == "cancelled"


async def test_nobody_takes_what_they_cannot_do(db: Database) -> None:
    await a_job(db)
    assert not await run_one(db, {"other": counting()})


async def test_a_long_job_lets_others_have_their_turn(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookapp.jobs.rules.TURN", 0.0)
    alice, bob = await a_person(db), await a_person(db, "bob")
    long, short = await a_job(db, alice, until=4), await a_job(db, bob, until=1)
    order: list[tuple[int, int]] = []

    async def work(turn: Turn) -> None:
        for number in range(turn.job.place.get("next", 0), turn.job.payload["until"]):
            async with turn.step() as step:
                step.tell(done=number + 1, place={"next": number + 1})
            order.append((turn.job.id, number))

    await work_off(db, {"count": work}, asyncio.Event(), until_idle=True)
    assert order == [(long, 0), (short, 0), (long, 1), (long, 2), (long, 3)]
    assert (await seen(db, alice, long)).state == (await seen(db, bob, short)).state == "done"


async def test_two_workers_never_do_the_same(db: Database) -> None:
    alice = await a_person(db)
    for _ in range(6):
        await a_job(db, alice, until=1)
    taken: list[int] = []

    async def work(turn: Turn) -> None:
        taken.append(turn.job.id)
        async with turn.step() as step:
            step.tell(done=1)

    stop = asyncio.Event()
    counts = await asyncio.gather(*(work_off(db, {"count": work}, stop, until_idle=True) for _ in range(3)))
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == sum(counts) == 6


async def test_what_is_held_is_not_taken_until_its_time_is_over(db: Database) -> None:
    job_id = await a_job(db)
    async with db.writing() as session:
        assert await claim_actions.claim_job(session, "one", ["count"])
    async with db.writing() as session:
        assert await claim_actions.claim_job(session, "another", ["count"]) is None
    await put_back(db, job_id)
    async with db.writing() as session:
        again = await claim_actions.claim_job(session, "another", ["count"])
    assert again is not None
    assert again.tries == 2


async def test_a_worker_killed_in_the_middle_of_a_step_leaves_nothing_of_it_and_another_goes_on(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)

    def pull(number: int) -> None:
        if number == 3:
            raise PulledOut

    with pytest.raises(PulledOut):
        await run_one(db, {"count": counting(inside=pull)})
    assert await rows(db) == FIVE[:3]
    assert (await seen(db, alice, job_id)).state == "running"
    assert not await run_one(db, {"count": counting()})
    await put_back(db, job_id)
    assert await run_one(db, {"count": counting()})
    assert await rows(db) == FIVE
    assert (await seen(db, alice, job_id)).state == "done"


async def test_whoever_was_thought_dead_and_lives_changes_nothing_more(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)

    async def fall_asleep(turn: Turn, number: int) -> None:
        if number == 2:
            await put_back(db, turn.job.id)
            assert await run_one(db, {"count": counting()})

    assert await run_one(db, {"count": counting(fall_asleep)})
    assert await rows(db) == FIVE
    assert (await seen(db, alice, job_id)).state == "done"


async def test_a_job_that_is_stopped_ends_after_its_step_and_what_is_in_stays_in(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)

    async def think_better(_turn: Turn, number: int) -> None:
        if number == 2:
            async with db.writing() as session:
                await cancel_job(session, alice, job_id)
            job = await seen(db, alice, job_id)
            assert (job.state_words, job.cancellation_url) == ("stopping", None)

    assert await run_one(db, {"count": counting(think_better)})
    job = await seen(db, alice, job_id)
    assert (job.state, job.done) == ("cancelled", 2)
    assert await rows(db) == FIVE[:2]


async def test_a_stopped_worker_gives_its_job_back_at_once(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)
    stop = asyncio.Event()

    async def stop_soon(_turn: Turn, number: int) -> None:
        if number == 2:
            stop.set()

    assert await work_off(db, {"count": counting(stop_soon)}, stop, until_idle=False) == 1
    job = await seen(db, alice, job_id)
    assert (job.state, job.done, job.reason) == ("queued", 2, None)
    assert await run_one(db, {"count": counting()})
    assert await rows(db) == FIVE


async def test_trouble_that_passes_is_tried_again_where_it_was(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)
    troubles = [Busy("The database does not answer."), RuntimeError("/srv/books.py line 3: SELECT secret")]

    async def fail(_turn: Turn, number: int) -> None:
        if number == 1 and troubles:
            raise troubles.pop(0)

    works = {"count": counting(fail)}
    assert await run_one(db, works)
    job = await seen(db, alice, job_id)
    assert (job.state, job.reason) == ("queued", "The database does not answer.")
    assert job.state_words in ("tried again in 5 seconds", "tried again in 4 seconds")
    assert not await run_one(db, works)
    await put_back(db, job_id)
    assert await run_one(db, works)
    job = await seen(db, alice, job_id)
    assert (job.state, job.reason) == ("queued", rules.OURS)
    await put_back(db, job_id)
    assert await run_one(db, works)
    job = await seen(db, alice, job_id)
    assert (job.state, job.reason) == ("done", None)
    assert await rows(db) == FIVE


@pytest.mark.parametrize("gets_on", [False, True], ids=["at one place", "getting on"])
async def test_it_fails_after_four_tries_at_one_place_but_not_while_it_gets_on(db: Database, gets_on: bool) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)
    begun: list[int] = []

    async def fail(turn: Turn, number: int) -> None:
        is_first = number not in begun
        begun.append(number)
        if is_first or not gets_on:
            raise RuntimeError

    for _ in range(4):
        assert await run_one(db, {"count": counting(fail)})
        await put_back(db, job_id)
    job = await seen(db, alice, job_id)
    assert (job.state, len(await rows(db))) == (("queued", 3) if gets_on else ("failed", 0))
    assert job.reason == rules.OURS
    assert (job.cancellation_url is not None) is gets_on


async def test_a_job_that_kills_every_worker_is_begun_four_times_at_most(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)

    async def kill(_turn: Turn, _number: int) -> None:
        raise PulledOut

    for _ in range(4):
        with pytest.raises(PulledOut):
            await run_one(db, {"count": counting(kill)})
        await put_back(db, job_id)
    assert not await run_one(db, {"count": counting(kill)})
    job = await seen(db, alice, job_id)
    assert (job.state, job.reason) == ("failed", rules.DIED)


async def test_who_gives_up_fails_at_once_with_its_reason(db: Database) -> None:
    alice = await a_person(db)
    job_id = await a_job(db, alice)

    async def give_up(_turn: Turn, _number: int) -> None:
        raise GaveUp("That file is a picture.")

    assert await run_one(db, {"count": counting(give_up)})
    job = await seen(db, alice, job_id)
    assert (job.state, job.reason, job.ended_at is not None) == ("failed", "That file is a picture.", True)


async def test_long_thinking_keeps_the_job(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookapp.jobs.work._BEAT", 0)
    job_id = await a_job(db)

    async def think(turn: Turn, number: int) -> None:
        if number == 0:
            await put_back(db, job_id)
            await turn.beat()
            assert not await run_one(db, {"count": counting()})

    assert await run_one(db, {"count": counting(think)})
    assert await rows(db) == FIVE


async def test_news_is_told_twice_a_second_at_most(db: Database) -> None:
    alice = await a_person(db)
    await a_job(db, alice, until=40)
    told: list[Any] = []

    async def hear(_session: object, change: Any) -> None:
        told.append(change)

    db.listeners.append(hear)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await run_one(db, {"count": counting()})
    seconds = loop.time() - began
    assert {(change.name, change.people) for change in told} == {("jobs-changed", frozenset({alice.id}))}
    assert len(told) <= 3 + 2 * seconds  # its beginning, its end, and the first row


async def test_work_in_a_thread_hears_that_its_worker_ends(db: Database) -> None:
    await a_job(db)
    stop = asyncio.Event()

    async def work(turn: Turn) -> None:
        assert not turn.is_stopping
        stop.set()
        assert turn.is_stopping
        with pytest.raises(Stopped):
            await turn.beat()
        raise Stopped

    assert await run_one(db, {"count": work}, stop=stop)


async def test_what_a_dead_worker_held_is_free_at_once(db: Database) -> None:
    await a_job(db)
    async with db.writing() as session:
        await claim_actions.claim_job(session, "dead", ["count"])
    async with db.writing() as session:
        assert await claim_actions.give_all_back(session, "another") == 0
        assert await claim_actions.give_all_back(session, "dead") == 1
    assert await run_one(db, {"count": counting()})
