"""Tasks when their person takes another clock, or another name."""

import asyncio
from datetime import UTC, datetime

import pytest

from bookapp.core.db import Database
from bookapp.core.errors import Busy
from bookapp.lists import feed
from bookapp.lists.results import FeedOwner
from bookapp.web.application import Application
from tests.people import as_person

TASKS = "/accounts/alice/tasks"
ANY = {"If-Match": "*"}


async def test_a_day_stays_that_day_and_a_moment_that_moment(app: Application, db: Database) -> None:
    alice = await as_person(app)
    day = (await alice.post(TASKS, json={"name": "A day", "due_date": "2027-01-31"})).json["url"]
    moment = (await alice.post(TASKS, json={"name": "A moment", "due_date": "2027-01-31T18:00:00Z"})).json["url"]
    for zone, offset in (("Europe/Berlin", "+01:00"), ("America/New_York", "-05:00"), ("UTC", "+00:00")):
        assert (await alice.ask("PATCH", "/accounts/alice", json={"time_zone": zone}, headers=ANY)).status == 200
        shown = (await alice.get(day)).json
        assert shown["due_date"].replace("Z", "+00:00") == f"2027-01-31T23:59:59{offset}"
        assert "31 January 2027" in shown["due_exact"]
        at = datetime.fromisoformat((await alice.get(moment)).json["due_date"].replace("Z", "+00:00"))
        assert at.astimezone(UTC) == datetime(2027, 1, 31, 18, tzinfo=UTC)


async def test_a_calendar_outlives_a_new_name(app: Application, db: Database) -> None:
    alice = await as_person(app)
    address = (await alice.get(TASKS)).json["feed_url"].removeprefix("http://localhost")
    assert (await alice.ask("PATCH", "/accounts/alice", json={"username": "alicia"}, headers=ANY)).status == 200
    answer = await alice.get(address)
    assert (answer.status, b"Reading tasks of alicia" in answer.body) == (200, True)


async def test_few_calendars_wait_and_none_is_drawn_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    go_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(owner: FeedOwner, *_: object) -> bytes:
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)
        drawn.append(owner.id)
        return str(owner.id).encode()

    monkeypatch.setattr(feed, "draw", slowly)
    calendars = feed.Calendars()

    async def draw(number: int) -> bytes:
        return await calendars.draw(f"mark {number}", FeedOwner(number, "alice", "UTC", 1), (), "http://localhost")

    waiting = [asyncio.create_task(draw(number)) for number in range(feed.IN_LINE)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await draw(99)
    go_on.set()
    assert await asyncio.gather(*waiting) == [b"0", b"1", b"2", b"3"]
    assert await draw(0) == b"0"
    assert drawn == [0, 1, 2, 3]
