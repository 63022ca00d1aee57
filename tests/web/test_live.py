"""People hear what changes for them, once, in order, and nothing of what is somebody else's."""

import asyncio
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bookapp.accounts.models import Account
from bookapp.core import clock, outbox
from bookapp.core.db import Database
from bookapp.core.events import CATALOGUE, Changed, announce, session_changed
from bookapp.core.outbox import Event
from bookapp.web import live
from bookapp.web.application import Application
from bookapp.web.live import Broker
from tests.clients import Browser
from tests.factories import a_book
from tests.people import PASSWORD, sign_in
from tests.web.listening import STREAM, key_of, listening


async def said(db: Database, *changes: Changed) -> None:
    """One transaction in which that changed."""
    async with db.writing() as session:
        for change in changes:
            announce(session, change)


async def person(db: Database, name: str) -> int:
    async with db.reading() as session:
        return await session.scalar(select(Account.id).where(Account.username == name)) or 0


def tasks_of(*people: int) -> Changed:
    return Changed("tasks-changed", frozenset(people))


async def stored(db: Database) -> list[tuple[str, int | None]]:
    async with db.reading() as session:
        rows = await session.execute(select(Event.name, Event.account_id).order_by(Event.id))
        return [(row.name, row.account_id) for row in rows]


@pytest.fixture
def broker(app: Application) -> Broker:
    broker: Broker = app.extensions["live"]
    return broker


# ---- What is written down --------------------------------------------------------------------


async def test_a_change_is_written_down_once_for_each_whom_it_concerns(db: Database) -> None:
    await said(
        db, Changed("shelf-changed", frozenset({2, 1}), about=7), Changed("shelf-changed", frozenset({1}), about=8)
    )
    await said(db, CATALOGUE, Changed("books-changed", frozenset({1})))
    assert await stored(db) == [("shelf-changed", 1), ("shelf-changed", 2), ("books-changed", None)]


async def test_what_is_rolled_back_is_not_written_down(db: Database) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012  # the transaction is what is tested
        async with db.writing() as session:
            announce(session, CATALOGUE)
            raise RuntimeError
    assert await stored(db) == []


async def test_numbers_are_given_in_the_order_of_the_commits(db: Database) -> None:
    """Somebody who always reads on from the last number has read everything at the end."""
    seen: list[int] = []
    over = asyncio.Event()

    async def write(number: int) -> None:
        for _ in range(10):
            await said(db, tasks_of(number, number + 100))

    async def read() -> None:
        while True:
            is_last = over.is_set()
            async with db.reading() as session:
                seen.extend(news.id for news in await outbox.list_after(session, seen[-1] if seen else 0))
            if is_last:
                return

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(number) for number in range(1, 9)))
    over.set()
    await reader
    assert len(seen) == len(set(seen)) == 8 * 10 * 2


async def test_old_events_are_thrown_away_but_numbers_are_never_given_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await said(db, CATALOGUE)
    today = clock.now()
    monkeypatch.setattr(clock, "now", lambda: today + timedelta(days=1, minutes=1))
    async with db.writing() as session:
        assert await outbox.sweep(session) == 2
    await said(db, CATALOGUE)
    async with db.reading() as session:
        assert await session.scalar(select(func.max(Event.id))) == 4


# ---- The stream ------------------------------------------------------------------------------


async def test_a_change_is_heard_by_whom_it_concerns_and_by_nobody_else(app: Application) -> None:
    db = app.extensions["db"]
    alice, bob = await key_of(app, "alice"), await key_of(app, "bob")
    async with listening(app, alice) as hers, listening(app, bob) as his:
        assert hers.status == 200
        assert hers.told["content-type"].startswith("text/event-stream")
        assert "no-store" in hers.told["cache-control"]
        assert "Cookie" in hers.told["vary"]
        assert re.match(r"retry: [234]\d{3}\n", hers.text)
        await said(db, tasks_of(await person(db, "alice")))
        await a_book(db)
        await hers.until(lambda: len(hers.events) == 2)
        await his.until(lambda: his.events)
        assert hers.names == ["tasks-changed", "books-changed"]
        assert his.names == ["books-changed"]
        assert hers.events[1] == his.events[0]


async def test_who_begins_hears_nothing_of_before(app: Application) -> None:
    alice = await key_of(app, "alice")
    await a_book(app.extensions["db"])
    async with listening(app, alice) as hers:
        assert hers.events == []
        await a_book(app.extensions["db"], title="Persuasion")
        await hers.until(lambda: hers.events)
        assert hers.names == ["books-changed"]


async def test_who_comes_again_hears_what_they_missed_once(app: Application) -> None:
    db = app.extensions["db"]
    alice = await key_of(app, "alice")
    her = await person(db, "alice")
    async with listening(app, alice) as before:
        await said(db, tasks_of(her))
        await before.until(lambda: before.events)
    await said(db, tasks_of(her, her + 1), tasks_of(her + 2))
    await said(db, CATALOGUE)
    async with listening(app, alice, last=before.last) as after:
        await said(db, Changed("shelf-changed", frozenset({her})))
        await after.until(lambda: "shelf-changed" in after.names)
        assert after.names == ["tasks-changed", "books-changed", "shelf-changed"]
        assert len({number for number, _ in before.events + after.events}) == 4


async def test_nothing_is_lost_or_doubled_while_somebody_comes_and_goes(app: Application) -> None:
    db = app.extensions["db"]
    alice = await key_of(app, "alice")
    her = await person(db, "alice")

    async def write() -> None:
        for _ in range(60):
            await said(db, tasks_of(her))

    async with listening(app, alice) as first:
        last, heard = first.last, first.events
    writing = asyncio.create_task(write())
    for _ in range(6):
        async with listening(app, alice, last=last) as hers:
            await asyncio.sleep(0.1)
        last, heard = hers.last, heard + hers.events
    await writing
    async with listening(app, alice, last=last) as hers:
        pass
    heard += hers.events
    assert len(heard) == 60
    assert [number for number, _ in heard] == sorted({number for number, _ in heard})


@pytest.mark.parametrize("last", ["999999", "no number", "-1"])
async def test_a_number_that_was_never_given_resets(app: Application, last: str) -> None:
    alice = await key_of(app, "alice")
    await a_book(app.extensions["db"])
    async with listening(app, alice, last=last) as hers:
        assert hers.names == ["reset"]
    async with listening(app, alice, last=hers.last) as again:
        assert again.events == []


async def test_a_number_that_is_too_old_resets(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    db = app.extensions["db"]
    alice = await key_of(app, "alice")
    for _ in range(3):
        await said(db, CATALOGUE)
    async with listening(app, alice) as hers:
        pass
    monkeypatch.setattr(outbox, "KEPT", timedelta(0))
    async with db.writing() as session:
        await outbox.sweep(session)
    monkeypatch.setattr(outbox, "MOST", 1)
    for last, names in ((int(hers.last) - 2, ["reset"]), (int(hers.last), [])):
        async with listening(app, alice, last=str(last)) as again:
            assert again.names == names
    await said(db, CATALOGUE)
    await said(db, CATALOGUE)
    async with listening(app, alice, last=hers.last) as again:
        assert again.names == ["reset"], "who missed too much looks at everything again"


async def test_silence_is_broken_by_a_line_that_says_nothing(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.1)
    db = app.extensions["db"]
    alice, _ = await key_of(app, "alice"), await key_of(app, "bob")
    async with listening(app, alice) as hers:
        await said(db, tasks_of(await person(db, "bob")))
        before = hers.last
        await hers.until(lambda: hers.last != before)
        assert hers.events == []
        assert "\n:\nid: " in hers.text


# ---- How streams end -------------------------------------------------------------------------


async def test_a_reader_who_takes_nothing_is_given_up(
    app: Application, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STUCK", 0.2)
    alice = await key_of(app, "alice")
    async with listening(app, alice, reads=False) as hers:
        await hers.until(lambda: hers.is_over, 3)
    assert broker._count == 0


async def test_a_slow_reader_is_let_go_and_loses_nothing(
    app: Application, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 3)
    db = app.extensions["db"]
    alice = await key_of(app, "alice")
    her = await person(db, "alice")
    async with listening(app, alice) as hers:
        start = hers.last
        await said(db, *(Changed(f"{name}-changed", frozenset({her})) for name in "abcdef"))
        await hers.until(lambda: hers.is_over)
    async with listening(app, alice, last=start) as again:
        assert len(again.events) == 6
    assert broker._count == 0


async def test_the_oldest_of_too_many_streams_ends_and_comes_back_later(
    app: Application, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_OF_ONE", 1)
    alice, bob = await key_of(app, "alice"), await key_of(app, "bob")
    async with listening(app, alice) as first, listening(app, bob) as his:
        async with listening(app, alice) as second:
            await first.until(lambda: first.is_over)
            assert first.text.endswith("retry: 60000\n\n")
            assert not second.is_over
        assert not his.is_over
    assert broker._count == 0


async def test_more_than_a_process_carries_ask_every_now_and_then(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST", 1)
    alice, bob = await key_of(app, "alice"), await key_of(app, "bob")
    async with listening(app, alice):
        answer = await Browser(app).get("/events", headers=STREAM | bob)
        assert answer.status == 503
        assert "Retry-After" in answer.headers
        assert (await Browser(app).get("/events", headers=bob)).status == 200


async def test_a_stream_does_not_live_for_ever(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LIFE", (0.1, 0.2))
    async with listening(app, await key_of(app, "alice")) as hers:
        await hers.until(lambda: hers.is_over)


async def test_streams_end_with_the_server(app: Application) -> None:
    stop = asyncio.Event()
    alice = await key_of(app, "alice")
    async with listening(app, alice, state={"stop": stop.wait}) as hers, listening(app, alice) as other:
        stop.set()
        await hers.until(lambda: hers.is_over, 1)
        await other.until(lambda: other.is_over, 1)
        async with listening(app, alice) as late:
            await late.until(lambda: late.is_over, 1)
            assert late.text.startswith("retry: ")


def _cookie(answer: Any) -> dict[str, str]:
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


WAYS_OUT = {
    "logging out": ("POST", "/logout", {}),
    "signing out everywhere": ("POST", "/accounts/alice/sessions/delete", {}),
    "another password": (
        "POST",
        "/accounts/alice/password",
        {"password": PASSWORD, "new_password": "four words that nobody said"},
    ),
    "leaving": ("DELETE", "/accounts/alice", {"password": PASSWORD}),
}


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_whoever_is_signed_out_hears_no_more(app: Application, way: str) -> None:
    await key_of(app, "alice")
    bob = await key_of(app, "bob")
    browser = Browser(app)
    cookie = _cookie(await browser.post("/login", "page", data={"username": "alice", "password": PASSWORD}))
    method, path, body = WAYS_OUT[way]
    async with listening(app, cookie) as hers, listening(app, bob) as his:
        more = {"json": body} if body else {}
        answer = await browser.ask(method, path, "page" if way == "logging out" else "json", **more)
        assert answer.status < 400, answer.text
        await hers.until(lambda: hers.is_over)
        assert not his.is_over
    assert hers.names == []
    assert (await Browser(app).get("/events", headers=STREAM | cookie)).status == 401


async def test_a_key_that_was_taken_back_hears_no_more(app: Application) -> None:
    alice = await key_of(app, "alice")
    async with listening(app, alice) as hers:
        await Browser(app).get("/accounts/logout", headers=alice)
        await hers.until(lambda: hers.is_over)
    async with listening(app, alice) as late:
        assert late.status == 401


async def test_somebody_who_is_disabled_hears_no_more(app: Application) -> None:
    db = app.extensions["db"]
    alice = await key_of(app, "alice")
    await key_of(app, "dora")
    dora = await sign_in(Browser(app), "dora")
    async with listening(app, alice) as hers:
        path = f"/admin/accounts/{await person(db, 'alice')}"
        answer = await dora.ask("PATCH", path, json={"state": "disabled"}, headers={"If-Match": "*"})
        assert answer.status == 200, answer.text
        await hers.until(lambda: hers.is_over)


async def test_who_is_let_in_while_their_session_ends_hears_nothing(app: Application) -> None:
    db = app.extensions["db"]
    alice = await key_of(app, "alice")
    await said(db, session_changed(await person(db, "alice")))
    async with listening(app, alice) as hers:
        await hers.until(lambda: hers.is_over, 1)
        assert re.fullmatch(r"retry: \d+\n\n", hers.text)


# ---- Asking every now and then ---------------------------------------------------------------


async def heard(app: Application, key: dict[str, str], **query: int) -> Any:
    answer = await Browser(app).get("/events", headers=key, query_string=query)
    assert answer.status == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.json


def names(events: Iterable[Any]) -> list[str]:
    return [event["name"] for event in events]


async def test_a_program_may_ask_instead_of_listening(app: Application) -> None:
    db = app.extensions["db"]
    alice = await key_of(app, "alice")
    her = await person(db, "alice")
    await said(db, CATALOGUE)
    began = await heard(app, alice)
    assert began["events"] == []
    await said(db, tasks_of(her))
    await said(db, tasks_of(her + 1))
    await said(db, session_changed(her))
    new = await heard(app, alice, last=began["last"])
    assert names(new["events"]) == ["tasks-changed"]
    assert (await heard(app, alice, last=new["last"]))["events"] == []
    assert names((await heard(app, alice, last=99999))["events"]) == ["reset"]
    answer = await Browser(app).get("/events", headers=alice, query_string={"last": "soon"})
    assert answer.status == 422


async def test_a_head_request_gets_the_head_alone(app: Application, broker: Broker) -> None:
    alice = await key_of(app, "alice")
    answer = await Browser(app).ask("HEAD", "/events", headers=STREAM | alice)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert broker._count == 0


async def test_guests_hear_nothing(app: Application) -> None:
    for headers in (STREAM, {"Accept": "application/json"}):
        assert (await Browser(app).get("/events", headers=headers)).status == 401
