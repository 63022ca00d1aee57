"""Keys for programs: shown once, stored hashed, scoped, ending, and taken back at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bookapp.accounts import rules
from bookapp.accounts.models import ApiToken
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.web import rates
from bookapp.web.application import Application
from tests.accounts.doors import a_token, login, put, who, with_token
from tests.clients import Browser
from tests.people import PASSWORD, a_person

TOKENS = "/accounts/alice/tokens"
NEW = "four words that nobody said"


@pytest.fixture
async def alice(app: Application, db: Database) -> Browser:
    """Alice in her browser; the first who registered was somebody else."""
    await a_person(db, "dora")
    await a_person(db, "alice")
    return (await login(app))[0]


@pytest.fixture
async def program(app: Application) -> Browser:
    """A client without cookies."""
    return Browser(app)


async def test_a_token_is_long_and_known_to_secret_scanners(app: Application, alice: Browser) -> None:
    token = (await a_token(app))["token"]
    assert token.startswith("bookapp_")
    assert len(token) >= len("bookapp_") + 43
    assert await who(app, **with_token(token))


async def test_a_token_is_shown_once(app: Application, alice: Browser) -> None:
    made = await alice.post(TOKENS, "page", data={"name": "Reader", "scope": "read", "days": "90"})
    assert made.status == 201
    assert made.headers["Cache-Control"] == "no-store"
    (row,) = (await alice.get(TOKENS)).json["items"]
    token = made.text.partition("bookapp_")[2].partition('"')[0]
    assert row["prefix"] == f"bookapp_{token}"[:14]
    for form in ("page", "fragment", "json"):
        assert token not in (await alice.get(TOKENS, form)).text


async def test_the_database_does_not_know_the_token(app: Application, alice: Browser, db: Database) -> None:
    token = (await a_token(app))["token"]
    async with db.reading() as session:
        (kept,) = (await session.scalars(select(ApiToken.token_hash))).all()
    assert kept == rules.digest(token)
    assert not await who(app, **with_token(kept))


async def test_a_read_only_token_changes_nothing(app: Application, alice: Browser, program: Browser) -> None:
    token = (await a_token(app, scope="read"))["token"]
    book = {"title": "Emma", "author": "Jane Austen"}
    for method, path in (("POST", "/books"), ("PATCH", "/accounts/alice"), ("DELETE", TOKENS + "/1")):
        answer = await program.ask(method, path, json=book, **with_token(token))
        assert (answer.status, answer.json["detail"]) == (403, "This token may only read.")
    assert (await program.get(TOKENS, **with_token(token))).status == 200
    assert (await program.get("/books")).json["books"] == []


async def test_a_token_that_may_write_writes(app: Application, alice: Browser, program: Browser) -> None:
    token = (await a_token(app))["token"]
    book = {"title": "Emma", "author": "Jane Austen"}
    assert (await program.post("/books", json=book)).status == 401
    assert (await program.post("/books", json=book, **with_token(token))).status == 201


async def test_a_token_needs_no_origin(app: Application, alice: Browser, program: Browser) -> None:
    headers = with_token((await a_token(app))["token"])["headers"] | {"Sec-Fetch-Site": "cross-site"}
    answer = await program.post("/books", json={"title": "Emma", "author": "Jane Austen"}, headers=headers)
    assert answer.status == 201, "no browser sends a token by itself"


@pytest.mark.parametrize(("method", "more"), [("DELETE", ""), ("POST", "/delete")])
async def test_a_token_that_was_taken_back_is_refused_at_the_next_request(
    app: Application, alice: Browser, program: Browser, method: str, more: str
) -> None:
    made = await a_token(app)
    assert await who(app, **with_token(made["token"]))
    assert (await alice.ask(method, f"{TOKENS}/{made['id']}{more}")).status == 204
    for path in ("/", "/books", "/accounts/alice"):
        answer = await program.get(path, **with_token(made["token"]))
        assert answer.status == 401, path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["", "x", "bookapp_", "bookapp_" + "a" * 43, "é", "bookapp_\x00", "a" * 3000])
async def test_what_is_no_token_is_refused(app: Application, alice: Browser, program: Browser, token: str) -> None:
    answer = await program.get("/books", **with_token(token))
    assert answer.status == 401
    assert answer.json["title"] == "Please sign in"


async def test_a_token_ends_on_its_day(app: Application, alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    short, ever = await a_token(app, days=7), await a_token(app, days=None)
    assert ever["expires_at"] is None
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=6, hours=23))
    assert await who(app, **with_token(short["token"]))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=7, minutes=1))
    assert not await who(app, **with_token(short["token"]))
    assert await who(app, **with_token(ever["token"]))
    browser, _ = await login(app)
    told = {row["id"]: row["is_expired"] for row in (await browser.get(TOKENS)).json["items"]}
    assert told == {short["id"]: True, ever["id"]: False}
    assert "ended" in (await browser.get(TOKENS, "page")).text


async def test_one_sees_when_a_token_was_used(app: Application, alice: Browser, program: Browser) -> None:
    token = (await a_token(app))["token"]
    assert (await alice.get(TOKENS)).json["items"][0]["used_at"] is None
    await program.get("/books", **with_token(token))
    assert (await alice.get(TOKENS)).json["items"][0]["used_at"] is not None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "x", "scope": "admin"}, "scope"),
        ({"name": "x", "days": 0}, "days"),
        ({"name": "x", "days": 4000}, "days"),
        ({"name": "x", "days": "soon"}, "days"),
        ({"name": "x", "days": "²"}, "days"),
        ({"name": "x", "days": True}, "days"),
        ({"name": "x", "days": 1.5}, "days"),
        ({"name": "x", "can_write": True}, "can_write"),
        ({"name": "x", "account_id": 1}, "account_id"),
    ],
)
async def test_a_token_has_rules(alice: Browser, fields: dict[str, Any], field: str) -> None:
    answer = await alice.post(TOKENS, json=fields)
    assert answer.status == 422
    assert list(answer.json["errors"]) == [field]
    assert "int()" not in answer.text
    assert (await alice.get(TOKENS)).json["total"] == 0


async def test_an_empty_field_of_the_form_means_for_ever(alice: Browser) -> None:
    assert (await alice.post(TOKENS, data={"name": "x", "days": ""})).json["expires_at"] is None


async def test_fifty_tokens_are_enough(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookapp.accounts.token_actions.MOST_TOKENS", 2)
    assert [(await alice.post(TOKENS, json={"name": f"Number {n}"})).status for n in range(3)] == [201, 201, 422]


async def test_nobody_sees_or_deletes_the_tokens_of_somebody_else(
    app: Application, alice: Browser, db: Database
) -> None:
    await a_person(db, "bob")
    bob, _ = await login(app, "bob")
    made = await a_token(app)
    assert (await bob.get(TOKENS)).status == 404
    assert (await bob.post(TOKENS, json={"name": "Mine now"})).status == 404
    bodies = set()
    for path in (f"{TOKENS}/{made['id']}", f"{TOKENS}/987654", f"/accounts/bob/tokens/{made['id']}"):
        answer = await bob.delete(path)
        assert answer.status == 404
        bodies.add(str({**answer.json, "request_id": ""}))
    assert len(bodies) == 1
    assert await who(app, **with_token(made["token"]))


async def test_a_stolen_token_makes_no_further_ones(app: Application, alice: Browser, program: Browser) -> None:
    token = (await a_token(app))["token"]
    answer = await program.post(TOKENS, json={"name": "Another"}, **with_token(token))
    assert answer.json["errors"] == {"password": ["Type your password"]}
    answer = await program.post(TOKENS, json={"name": "Another", "password": "wrong"}, **with_token(token))
    assert answer.json["errors"] == {"password": ["That is not your password"]}
    answer = await program.post(TOKENS, json={"name": "Another", "password": PASSWORD}, **with_token(token))
    assert answer.status == 201


async def test_a_stolen_token_cannot_lock_the_owner_out(app: Application, alice: Browser, program: Browser) -> None:
    asked = with_token((await a_token(app))["token"])
    wrong: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "/accounts/alice/password", {"password": "guessed", "new_password": NEW}),
        ("DELETE", "/accounts/alice", {"password": "guessed"}),
        ("PATCH", "/accounts/alice", {"email": "mallory@example.org", "version": 1}),
        ("PATCH", "/accounts/alice", {"email": "mallory@example.org", "password": "guessed", "version": 1}),
    ]
    for method, path, body in wrong:
        answer = await program.ask(method, path, json=body, **asked)
        assert (answer.status, list(answer.json["errors"])) == (422, ["password"]), path
    assert (await alice.get("/accounts/alice")).json["email"] == "alice@example.org"
    await login(app)


async def test_a_program_signs_in_by_password_and_out_again(app: Application, alice: Browser, program: Browser) -> None:
    answer = await program.post("/accounts/login", json={"username": "alice", "password": PASSWORD})
    assert (answer.status, answer.json["msg"], answer.json["username"]) == (200, "Logged in successfully!", "alice")
    assert "bookapp_session" not in str(answer.headers)
    token = answer.json["token"]
    assert await who(app, **with_token(token))
    told = await program.get("/accounts/logout", **with_token(token))
    assert (told.status, told.json) == (200, {"msg": "Logged out."})
    assert not await who(app, **with_token(token))


async def test_a_program_that_signed_in_ends_with_the_password(
    app: Application, alice: Browser, program: Browser
) -> None:
    by_password = (await program.post("/login", json={"username": "alice", "password": PASSWORD})).json["token"]
    made = (await a_token(app))["token"]
    form = {"password": PASSWORD, "new_password": NEW}
    assert (await alice.put("/accounts/alice/password", json=form)).status == 200
    assert not await who(app, **with_token(by_password))
    assert await who(app, **with_token(made)), "a key made for a program is taken back by itself"


async def test_the_tokens_of_somebody_who_is_shut_out_open_nothing(
    app: Application, alice: Browser, db: Database
) -> None:
    token = (await a_token(app))["token"]
    await put(db, "alice", disabled_at=clock.now())
    assert not await who(app, **with_token(token))
    await put(db, "alice", disabled_at=None)
    assert await who(app, **with_token(token))


async def test_leaving_takes_the_tokens_along(app: Application, alice: Browser) -> None:
    token = (await a_token(app))["token"]
    assert (await alice.delete("/accounts/alice", json={"password": PASSWORD})).status == 200
    assert not await who(app, **with_token(token))
    await login(app)
    assert not await who(app, **with_token(token))


async def test_a_token_may_ask_three_hundred_times(
    app: Application, alice: Browser, program: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (rates.API.most, rates.API.seconds) == (300, 300)
    monkeypatch.setattr(rates, "API", rates.Rate("api", 20, 300))
    asked = with_token((await a_token(app))["token"])
    answers = [await program.get("/about/keys", **asked) for _ in range(21)]
    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert (await program.get("/about/keys", **with_token((await a_token(app))["token"]))).status == 200


async def test_a_token_by_hand_counts_more_than_the_cookie(app: Application, alice: Browser) -> None:
    answer = await alice.get("/accounts/alice/sessions", **with_token("bookapp_" + "a" * 43))
    assert answer.status == 401
