"""Ties between people: made and ended by one, never told to the other."""

import asyncio

import pytest
from sqlalchemy import insert, select, update

from bookapp.accounts.models import Account, ImportedReader
from bookapp.circles import actions, queries, visibility
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.web.application import Application
from tests.clients import FORMS, Browser
from tests.people import a_person, as_person


async def test_alice_trusts_bob_and_blocking_him_ends_that(db: Database) -> None:
    alice, bob = await a_person(db, "alice"), await a_person(db, "bob")
    assert alice.id
    assert bob.id
    async with db.writing() as session:
        await actions.tie(session, alice, "BOB", "trust")
        assert await queries.trusts(session, alice.id, bob.id)
        assert not await queries.trusts(session, bob.id, alice.id)
        await actions.tie(session, alice, "bob", "trust")
        await actions.tie(session, alice, "bob", "block")
        assert not await queries.trusts(session, alice.id, bob.id)
        assert await session.scalar(select(visibility.blocks(alice.id, bob.id)))
        await actions.untie(session, alice, "bob", "trust")
        assert (await queries.show_tie(session, alice, "bob")).tie == "block"
        with pytest.raises(Conflict, match="You block bob"):
            await actions.tie(session, alice, "bob", "trust")
        await actions.untie(session, alice, "bob", "block")
        assert (await queries.show_tie(session, alice, "bob")).tie is None


async def test_nobody_is_tied_to_themselves_or_to_who_is_not_here(db: Database) -> None:
    alice = await a_person(db, "alice")
    gone = {name: await a_person(db, name) for name in ("leaving", "shut-out", "reader")}
    now = clock.now()
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.id == gone["leaving"].id).values(delete_at=now))
        await session.execute(update(Account).where(Account.id == gone["shut-out"].id).values(disabled_at=now))
        row = {"source": "data", "key": "1", "account_id": gone["reader"].id, "group": "fit"}
        await session.execute(insert(ImportedReader).values(**row))
    async with db.writing() as session:
        with pytest.raises(Invalid):
            await actions.tie(session, alice, "alice", "block")
        for name in (*gone, "nobody"):
            with pytest.raises(NotFound):
                await actions.tie(session, alice, name, "trust")
            with pytest.raises(NotFound):
                await queries.find_person(session, alice, name)


async def test_two_clicks_at_once_make_one_tie(db: Database) -> None:
    alice, bob = await a_person(db, "alice"), await a_person(db, "bob")

    async def click(kind: str) -> None:
        async with db.writing() as session:
            await actions.tie(session, alice, "bob", kind)  # type: ignore[arg-type]

    await asyncio.gather(*(click("trust") for _ in range(5)))
    await asyncio.gather(*(click("block") for _ in range(3)))
    async with db.reading() as session:
        circle = await queries.show_circle(session, alice)
    assert [one.person.name for one in circle.blocked] == ["bob"]
    assert (circle.trusted, circle.total) == ((), 1)
    assert bob.id == circle.blocked[0].person.id


async def test_the_circle_is_hers_alone(app: Application) -> None:
    alice, bob = await as_person(app, "alice"), await as_person(app, "bob")
    await as_person(app, "charlie")
    assert (await alice.put("/accounts/bob/trust")).json["tie"] == "trust"
    assert (await alice.put("/accounts/charlie/block")).json["tie"] == "block"
    circle = (await alice.get("/circle?name=Bob")).json
    assert [one["person"]["name"] for one in circle["trusted"]] == ["bob"]
    assert [one["person"]["name"] for one in circle["blocked"]] == ["charlie"]
    assert (circle["total"], circle["found"]["tie"]) == (2, "trust")
    page = await alice.get("/circle", "page")
    assert "Trust no longer: bob" in page.text
    theirs = (await bob.get("/circle?name=alice")).json
    assert (theirs["trusted"], theirs["blocked"], theirs["found"]["tie"]) == ([], [], None)
    assert (await Browser(app).get("/circle")).status == 401


async def test_a_tie_needs_no_scripts(app: Application) -> None:
    alice = await as_person(app, "alice")
    await as_person(app, "bob")
    for what, told in (("trust", "You trust bob"), ("trust/delete", "no longer trust"), ("block", "You block bob")):
        answer = await alice.post(f"/accounts/bob/{what}", "page", data={})
        assert (answer.status, answer.headers["Location"]) == (303, "/accounts/bob")
        assert told in (await alice.get("/accounts/bob", "page")).text
    buttons = await alice.post("/accounts/bob/block/delete", "fragment")
    assert buttons.text.lstrip().startswith('<div class="tie"')
    assert '"circle-changed"' in buttons.headers["HX-Trigger"]


@pytest.mark.parametrize("form", list(FORMS))
async def test_oneself_and_nobody_are_refused(app: Application, form: str) -> None:
    alice = await as_person(app, "alice")
    assert (await alice.post("/accounts/alice/trust", form)).status == 422
    assert (await alice.post("/accounts/nobody/block", form)).status == 404


async def test_who_is_blocked_sees_the_profile_of_somebody_who_shows_nothing_to_members(app: Application) -> None:
    alice, charlie = await as_person(app, "alice"), await as_person(app, "charlie")
    await alice.put("/accounts/alice/reading-settings", json={"visibility": "me"})
    private = await charlie.get("/accounts/alice")
    await alice.put("/accounts/alice/reading-settings", json={"visibility": "members"})
    await alice.put("/accounts/charlie/block")
    blocked = await charlie.get("/accounts/alice")
    assert (blocked.status, blocked.json) == (private.status, private.json)
    assert (await charlie.put("/accounts/alice/trust")).status == 200
