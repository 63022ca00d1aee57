"""Readings through HTTP: dates as exact as one knows them, progress, one at a time, and the shelf that follows."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.shelves import entry_actions, reading_queries
from bookapp.shelves.models import Entry, Reading
from bookapp.web.application import Application
from tests.clients import FORMS, Browser
from tests.factories import a_book
from tests.people import a_person, as_person
from tests.shelves.readers import a_reading

READINGS, PROGRESS = "/books/1/readings", "/books/1/progress"
LATE = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)  # in Berlin it is the 19th already


@pytest.fixture
async def alice(app: Application, db: Database) -> Browser:
    await a_book(db, pages=200)
    return await as_person(app, "alice", zone="Europe/Berlin")


@pytest.fixture
async def alone(sqlite_app: Application) -> Browser:
    """Alice, on SQLite alone."""
    await a_book(sqlite_app.extensions["db"], pages=200)
    return await as_person(sqlite_app, "alice", zone="Europe/Berlin")


async def _state(client: Browser, book_id: int = 1) -> str | None:
    async with client.app.extensions["db"].reading() as session:
        state: str | None = await session.scalar(select(Entry.state).where(Entry.book_id == book_id))
    return state


async def test_a_reading_goes_through_its_life_by_json(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATE)
    made = await alice.post(READINGS, json={"started": "2026-11", "note": "On the train"})
    assert (made.status, made.headers["Location"]) == (201, f"{READINGS}/1")
    told = ("outcome", "started", "started_words", "finished", "when_words", "pages", "note", "version")
    assert {name: made.json[name] for name in told} == {
        "outcome": "reading",
        "started": "2026-11",
        "started_words": "November 2026",
        "finished": None,
        "when_words": "since November 2026",
        "pages": 200,
        "note": "On the train",
        "version": 1,
    }
    assert await _state(alice) == "reading"
    at = await alice.post(PROGRESS, json={"progress": "50"})
    assert (at.json["page"], at.json["percent"], at.json["progress_words"]) == (50, 25, "page 50 of 200")
    assert at.json["progressed_at"] == "2026-11-18T23:30:00Z"
    first = f"{READINGS}/1"
    assert (await alice.ask("PATCH", first, json={"outcome": "finished"})).status == 428
    assert (await alice.ask("PATCH", first, json={"outcome": "finished", "version": 1})).status == 409
    done = await alice.ask("PATCH", first, json={"outcome": "finished"}, headers={"If-Match": '"2-x"'})
    assert (done.json["outcome"], done.json["finished"]) == ("finished", "2026-11-19")  # her own today
    assert await _state(alice) == "read"
    late = await alice.ask("PATCH", first, json={"note": None}, headers={"If-Match": '"2-x"'})
    assert (late.status, late.json["newer"]["finished"]) == (412, "2026-11-19")
    assert (await alice.get(READINGS)).json["readings"] == [(await alice.get(first)).json]
    assert (await alice.delete(first)).status == 204
    assert (await alice.get(first)).status == 404
    assert await _state(alice) == "read"


async def test_a_reading_goes_through_its_life_without_scripts(alone: Browser) -> None:
    posted = await alone.post(READINGS, "page", data={"outcome": "reading", "started": "2024", "finished": ""})
    assert (posted.status, posted.headers["Location"]) == (303, f"{READINGS}/1")
    for address, data, told in (
        (PROGRESS, {"progress": "45%"}, "45 %"),
        (f"{READINGS}/1/edit", {"outcome": "stopped"}, "<b>Stopped</b>"),
        (f"{READINGS}/1/edit", {"outcome": "finished", "started": "2024", "finished": "2024-05"}, "2024 to May 2024"),
        (f"{READINGS}/1/delete", {}, "Forgot that reading of Emma"),
    ):
        answer = await alone.post(address, "page", data=data)
        assert (answer.status, answer.headers["Location"]) == (303, READINGS), address
        assert told in (await alone.get(READINGS, "page")).text, address


async def test_htmx_gets_the_row_and_the_list_hears_of_it(alone: Browser) -> None:
    await alone.post(READINGS, json={})
    row = await alone.post(PROGRESS, "fragment", data={"progress": "page 100"})
    assert row.text.lstrip().startswith('<li class="row reading reading" id="reading-1">')
    assert '<progress max="100" value="50"' in row.text
    assert '"readings-changed"' in row.headers["HX-Trigger"]
    done = await alone.post(f"{READINGS}/1/edit", "fragment", data={"outcome": "finished"})
    assert "<b>Read</b>" in done.text
    assert "progressing" not in done.text
    stale = await alone.ask("PATCH", f"{READINGS}/1", "fragment", data={"started": "2020", "version": "1"})
    assert stale.status == 409
    assert 'id="conflict"' in stale.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"started": "2026-11-20"}, "started"),
        ({"started": "2027"}, "started"),
        ({"finished": "2026-12"}, "finished"),
        ({"started": "2024-05-02", "finished": "2024-05-01"}, "finished"),
        ({"started": "2024", "finished": "2024", "outcome": "reading"}, "finished"),
        ({"started": "last year"}, "started"),
        ({"progress": "201"}, "progress"),
        ({"outcome": "bored"}, "outcome"),
        ({"outcome": "finished", "note": "x" * 5001}, "note"),
    ],
)
async def test_what_cannot_be_is_told_beside_its_field(
    alone: Browser, monkeypatch: pytest.MonkeyPatch, typed: dict[str, str], field: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATE)
    assert (await alone.post(READINGS, json=typed)).json["errors"].keys() == {field}
    if field != "progress":
        again = await alone.post(READINGS, "fragment", data=typed)
        assert again.status == 422
        assert f'id="{"reading-note" if field == "note" else field}-new-error"' in again.text
        assert field == "outcome" or typed[field] in again.text
    assert (await alone.get(READINGS)).json["readings"] == []
    # On her own calendar the 19th has begun.
    assert (await alone.post(READINGS, json={"started": "2026-11-19"})).status == 201


async def test_progress_that_cannot_be_comes_back_in_its_field(alone: Browser) -> None:
    assert (await alone.post(PROGRESS, json={"progress": "5"})).status == 404
    await alone.post(READINGS, json={})
    for form in ("page", "fragment"):
        answer = await alone.post(PROGRESS, form, data={"progress": "999"})
        assert answer.status == 422
        assert 'id="progress-1-error"' in answer.text
        assert "The book has 200 pages here." in answer.text
        assert 'value="999"' in answer.text
    assert (await alone.post(PROGRESS, json={"progress": 150})).json["percent"] == 75


async def test_one_reading_at_a_time_goes_on(alice: Browser) -> None:
    await alice.post(READINGS, json={"started": "2024"})
    second = await alice.post(READINGS, json={"started": "2025"})
    assert second.json["errors"].keys() == {"outcome"}
    # One that is over can be added all the same, and leaves the book where it is.
    assert (await alice.post(READINGS, json={"finished": "2019"})).status == 201
    assert await _state(alice) == "reading"
    again = await alice.ask("PATCH", f"{READINGS}/2", json={"outcome": "reading", "version": 1})
    assert again.json["errors"].keys() == {"outcome"}
    assert [one["outcome"] for one in (await alice.get(READINGS)).json["readings"]] == ["reading", "finished"]


async def test_of_many_beginnings_at_once_one_counts(db: Database) -> None:
    book_id, alice = await a_book(db), await a_person(db, "alice")
    tries = [a_reading(db, alice, book_id, "2024") for _ in range(3)]

    async def shelve() -> None:
        async with db.writing() as session:
            await entry_actions.put_on_shelf(session, alice, book_id, "reading")

    await asyncio.gather(*tries, shelve(), return_exceptions=True)
    async with db.reading() as session:
        assert len((await session.scalars(select(Reading.id))).all()) == 1


async def test_the_shelf_and_the_readings_say_the_same(db: Database) -> None:
    book_id, alice = await a_book(db), await a_person(db, "alice")
    async with db.writing() as session:
        await entry_actions.put_on_shelf(session, alice, book_id, "reading")
    async with db.reading() as session:
        (line,) = await reading_queries.list_own_readings(session, alice, book_id)
    today = clock.now().date().isoformat()
    assert (line.outcome, line.started) == ("reading", today)
    async with db.writing() as session:
        await entry_actions.put_on_shelf(session, alice, book_id, "stopped")
    async with db.reading() as session:
        (line,) = await reading_queries.list_own_readings(session, alice, book_id)
    assert (line.outcome, line.finished) == ("stopped", today)


@pytest.mark.parametrize(("outcome", "state"), [("finished", "read"), ("stopped", "stopped"), ("reading", "reading")])
async def test_a_book_goes_onto_the_shelf_that_follows(alone: Browser, outcome: str, state: str) -> None:
    await alone.post(READINGS, json={"outcome": outcome})
    assert await _state(alone) == state
    assert len((await alone.get(READINGS)).json["readings"]) == 1


async def test_who_reads_on_has_not_finished(alone: Browser) -> None:
    await alone.post(READINGS, json={"started": "2024", "finished": "2024-05"})
    again = await alone.ask("PATCH", f"{READINGS}/1", json={"outcome": "reading", "version": 1})
    assert (again.json["outcome"], again.json["finished"]) == ("reading", None)
    assert await _state(alone) == "reading"
    ended = await alone.ask("PATCH", f"{READINGS}/1", json={"finished": "2025", "version": 2})
    assert (ended.json["outcome"], ended.json["finished"]) == ("finished", "2025")
    unknown = await alone.ask("PATCH", f"{READINGS}/1", json={"finished": None, "version": 3})
    assert (unknown.json["outcome"], unknown.json["finished"]) == ("finished", None)


async def test_readings_are_ones_own(alice: Browser, app: Application) -> None:
    await alice.post(READINGS, json={"started": "2024", "note": "Secret"})
    bob, guest = await as_person(app, "bob"), Browser(app)
    assert (await bob.get(READINGS)).json["readings"] == []
    for method, path, body in (
        ("GET", f"{READINGS}/1", {}),
        ("GET", f"{READINGS}/1/edit", {}),
        ("PATCH", f"{READINGS}/1", {"json": {"note": "Mine", "version": 1}}),
        ("POST", f"{READINGS}/1/edit", {"json": {"note": "Mine", "version": 1}}),
        ("DELETE", f"{READINGS}/1", {}),
        ("POST", f"{READINGS}/1/delete", {}),
        ("POST", PROGRESS, {"json": {"progress": "9"}}),
    ):
        for form in FORMS:
            refused = await bob.ask(method, path, form, **body)
            assert refused.status == 404, (method, path, form)
            assert "Secret" not in refused.text
        assert (await guest.ask(method, path, **body)).status == 401
    assert (await alice.get(f"{READINGS}/1")).json["note"] == "Secret"
