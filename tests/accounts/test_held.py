"""What an attacker tries against signing in, and what holds."""

import pytest
from sqlalchemy import func, select

from bookapp.accounts import actions, signing
from bookapp.accounts.models import AccountSession, ApiToken, AuditEntry
from bookapp.accounts.passwords import Passwords
from bookapp.core.db import Database
from bookapp.core.errors import Conflict
from bookapp.web.application import Application
from bookapp.web.models import IdempotentAnswer
from tests.accounts.doors import ALICE, login, with_token
from tests.clients import Browser
from tests.people import PASSWORD, a_person, as_person

ANY = {"If-Match": "*"}


async def _proven(db: Database) -> signing.Sealed:
    return await signing.prove(db, Passwords(), "alice", PASSWORD, address="local")


async def test_who_is_on_the_way_in_stays_out_when_the_password_changes(db: Database) -> None:
    alice = await a_person(db)
    account = await _proven(db)
    async with db.writing() as session:
        await actions.change_password(session, alice, "another hash", address="")
    with pytest.raises(Conflict, match="log in once more"):
        async with db.writing() as session:
            await actions.hold_proven(session, account)
    async with db.writing() as session:
        await actions.rehash(session, account, "the old one again")
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(AccountSession)) == 0
        assert await session.scalar(select(signing.queries.Account.password_hash)) == "another hash"


async def test_more_accounts_are_no_more_tries(app: Application, db: Database) -> None:
    await a_person(db, "dora")
    guest, bob = Browser(app), await as_person(app, "bob")
    for number in range(5):
        fields = ALICE | {"username": f"name{number}", "email": f"name{number}@example.org"}
        assert (await guest.post("/accounts", json=fields)).status == 201
    assert (await guest.post("/accounts", json=ALICE)).status == 429
    assert (await bob.post("/accounts", json=ALICE)).status == 429


async def test_a_key_of_an_administrator_does_not_become_the_account(app: Application, db: Database) -> None:
    dora = await a_person(db, "dora")
    browser, _ = await login(app, "dora")
    token = (await browser.post("/accounts/dora/tokens", json={"name": "Script", "scope": "write"})).json["token"]
    program = Browser(app)
    for method, path in (("POST", "reset-link"), ("DELETE", "second-factor")):
        answer = await program.ask(method, f"/admin/accounts/{dora.id}/{path}", **with_token(token))
        assert answer.status == 409, answer.text


@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
@pytest.mark.parametrize("value", ["http://[", "http://x[y]z/", "::::", ""])
async def test_a_broken_address_in_a_header_breaks_nothing(sqlite_client: Browser, header: str, value: str) -> None:
    for form in ("page", "fragment"):
        answer = await sqlite_client.post("/accounts/alice/tasks", form, headers={header: value})
        assert answer.status in (303, 401), answer.text


async def test_only_looking_ends_no_token(app: Application, db: Database) -> None:
    await a_person(db)
    token = (await Browser(app).post("/accounts/login", json={"username": "alice", "password": PASSWORD})).json["token"]
    await Browser(app).ask("HEAD", "/accounts/logout", **with_token(token))
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(ApiToken)) == 1


async def test_addresses_cannot_be_tried_one_after_the_other(app: Application, db: Database) -> None:
    alice = await as_person(app)
    statuses = [
        (
            await alice.ask(
                "PATCH", "/accounts/alice", json={"email": f"a{n}@example.org", "password": PASSWORD}, headers=ANY
            )
        ).status
        for n in range(6)
    ]
    assert statuses[-1] == 429


async def test_guests_cannot_fill_the_table_of_answers(sqlite_client: Browser) -> None:
    for number in range(3):
        await sqlite_client.post("/logout", headers={"Idempotency-Key": f"key {number}"})
    async with sqlite_client.app.extensions["db"].reading() as session:
        assert await session.scalar(select(func.count()).select_from(IdempotentAnswer)) == 0


async def test_what_matters_is_written_down(app: Application, db: Database) -> None:
    alice = await as_person(app)
    guest = Browser(app)
    for name in ("alice", "nobody"):
        assert (await guest.post("/login", json={"username": name, "password": "wrong"})).status == 401
    await alice.ask("PATCH", "/accounts/alice", json={"email": "new@example.org", "password": PASSWORD}, headers=ANY)
    await alice.ask("PATCH", "/accounts/alice", json={"username": "alicia"}, headers=ANY)
    await alice.post("/accounts/alicia/deletion", "page", data={"password": PASSWORD})
    await login(app, "alicia")
    async with db.reading() as session:
        rows = await session.execute(select(AuditEntry.what, AuditEntry.actor_name).order_by(AuditEntry.id))
        written = [tuple(row) for row in rows]
    assert written == [
        ("logged in", "alice"),
        ("wrong password", "alice"),
        ("wrong password", "a name of nobody"),
        ("e-mail address changed", "alice"),
        ("username changed", "alice"),
        ("deletion asked for", "alicia"),
        ("came back", "alicia"),
    ]


async def test_a_username_and_an_address_are_one_account(app: Application, db: Database) -> None:
    await a_person(db)
    guest = Browser(app)
    for number in range(10):
        name = "alice" if number % 2 else "alice@example.org"
        assert (await guest.post("/login", json={"username": name, "password": "wrong"})).status == 401
    assert (await guest.post("/login", json={"username": "alice", "password": PASSWORD})).status == 429


async def test_a_form_may_hold_plain_utf_8(sqlite_client: Browser) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = "title=Émile&author=Rousseau".encode()
    answer = await sqlite_client.post("/books", data=sent, headers=kind)
    assert (answer.status, answer.json["title"]) == (201, "Émile")
    broken = await sqlite_client.post("/books", data=b"title=\xff&author=x", headers=kind)
    assert broken.status == 400


async def test_a_place_that_is_nobodys_says_so(client: Browser, db: Database) -> None:
    words = "Make the first account"
    assert words in (await client.get("/", "page")).text
    await a_person(db)
    assert words not in (await client.get("/", "page")).text


async def test_an_invitation_that_counts_no_more_says_so_at_once(client: Browser, db: Database) -> None:
    await a_person(db)
    page = await client.get("/register?invite=used-up", "page")
    assert "counts no more" in page.text
