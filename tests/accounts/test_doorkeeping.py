"""Who comes: what the doorkeeper makes of cookies and tokens, and how little it asks the database for that."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bookapp.accounts.passwords import _hasher
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Busy
from bookapp.web.application import Application
from tests.accounts.doors import a_token, login, put, stored, who, with_cookie, with_token
from tests.clients import Browser
from tests.people import PASSWORD, a_person, with_role

BOOK = {"title": "Emma", "author": "Jane Austen"}


@pytest.fixture
async def alice(app: Application, db: Database) -> Browser:
    """Alice in her browser; the first who registered was somebody else."""
    await a_person(db, "dora")
    await a_person(db, "alice")
    return (await login(app))[0]


async def test_a_fresh_place_is_open_until_somebody_registers(client: Browser) -> None:
    assert (await client.post("/books", json=BOOK)).status == 201
    page = await client.get("/books", "page")
    assert "/books/new" in page.text
    body = {"username": "alice", "email": "alice@example.org", "password": PASSWORD}
    assert (await client.post("/register", json=body)).status == 201
    assert (await client.post("/books", json=BOOK)).status == 401
    assert "/books/new" not in (await client.get("/books", "page")).text, "no page that was kept is true any more"


async def test_that_somebody_registered_is_asked_once(client: Browser, alice: Browser, db: Database) -> None:
    app_db: Database = client.app.extensions["db"]
    await client.post("/books", json=BOOK)
    said: list[str] = []
    listen = lambda *call: said.append(str(call[2]))  # noqa: E731  # SQLAlchemy wants a function of its own
    event.listen(app_db.engine.sync_engine, "before_cursor_execute", listen)
    await client.post("/books", json=BOOK)
    assert not [statement for statement in said if "FROM account" in statement]


async def test_a_request_of_a_person_asks_once_who_they_are(app: Application, alice: Browser) -> None:
    database: Database = app.extensions["db"]
    await alice.get("/about/keys")
    said: list[str] = []
    for engine in {database._reader.sync_engine, database._writer.sync_engine}:
        event.listen(engine, "before_cursor_execute", lambda *call: said.append(str(call[2])))
    await alice.get("/about/keys")
    assert len([statement for statement in said if "account_session" in statement]) == 1
    assert not [statement for statement in said if statement.startswith(("UPDATE", "INSERT"))]


async def test_the_last_use_of_an_account_is_one_by_browser_or_program(
    app: Application, alice: Browser, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, now = (await a_token(app))["token"], clock.now()
    for minutes, asks in ((5, alice), (10, Browser(app))):
        monkeypatch.setattr(clock, "now", lambda later=timedelta(minutes=minutes): now + later)
        await asks.get("/about/keys", **({} if asks is alice else with_token(token)))
        assert (await stored(db)).seen_at == now + timedelta(minutes=minutes)


async def test_a_visit_is_noted_once_a_minute(
    app: Application, alice: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def seen() -> str:
        told: str = (await alice.get("/accounts/alice/sessions")).json["items"][0]["seen_at"]
        return told

    first, now = await seen(), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=30))
    assert await seen() == first
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=90))
    assert await seen() != first


async def test_a_database_that_cannot_write_keeps_nobody_out(
    app: Application, alice: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await a_token(app))["token"]
    _, value = await login(app)
    assert await who(app, **with_token(token))

    async def busy(*_args: Any) -> None:
        raise Busy("It cannot write now.")

    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=5))
    monkeypatch.setattr("bookapp.accounts.actions.see_session", busy)
    monkeypatch.setattr("bookapp.accounts.token_actions.see_token", busy)
    assert await who(app, **with_cookie(value))
    assert await who(app, **with_token(token))


async def test_another_role_counts_at_the_next_request(app: Application, alice: Browser, db: Database) -> None:
    token = (await a_token(app))["token"]
    path = next(rule.rule for rule in app.url_map.iter_rules() if rule.rule == "/admin/accounts")
    assert (await alice.get(path)).status == 403
    await with_role(db, "alice", "admin")
    assert (await alice.get(path)).status == 200
    assert (await Browser(app).get(path, **with_token(token))).status == 200
    await with_role(db, "alice", "member")
    assert (await alice.get(path)).status == 403


@pytest.mark.parametrize("said", ["Basic YWxpY2U6cGFzcw==", "bearer", "Token x", "alice"])
async def test_other_words_of_authorization_are_a_guest(client: Browser, alice: Browser, said: str) -> None:
    answer = await client.get("/accounts/alice", headers={"Authorization": said})
    assert answer.status == 401 if said == "bearer" else answer.json["email"] is None


async def test_an_old_hash_is_made_anew_when_its_owner_signs_in(app: Application, alice: Browser, db: Database) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await put(db, "alice", password_hash=old)
    answer = await Browser(app).post("/login", json={"username": "alice", "password": "wrong"})
    assert answer.status == 401
    assert (await stored(db)).password_hash == old
    await login(app)
    fresh = str((await stored(db)).password_hash)
    assert fresh != old
    assert not _hasher.check_needs_rehash(fresh)
    await login(app)
    assert (await stored(db)).password_hash == fresh


async def test_without_a_password_nobody_signs_in(app: Application, alice: Browser, db: Database) -> None:
    await put(db, "alice", password_hash=None)
    answer = await Browser(app).post("/login", json={"username": "alice", "password": "somebody who is not here"})
    assert answer.status == 401
