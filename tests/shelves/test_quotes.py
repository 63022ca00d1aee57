"""Passages that people copy out of books: who sees which, and how they are kept."""

import pytest

from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.shelves import entry_actions
from bookapp.web.application import Application
from tests.clients import FORMS, Browser
from tests.factories import a_book
from tests.people import a_person, as_person, sign_in
from tests.shelves.readers import a_block, a_quote

QUOTES = "/books/1/quotes"


@pytest.fixture
async def alice(app: Application, db: Database) -> Browser:
    await a_book(db)
    return await as_person(app, "alice")


@pytest.fixture
async def alone(sqlite_app: Application) -> Browser:
    """Alice, on SQLite alone."""
    await a_book(sqlite_app.extensions["db"])
    return await as_person(sqlite_app, "alice")


async def test_a_quote_goes_through_its_life_by_json(alice: Browser) -> None:
    made = await alice.post(QUOTES, json={"text": "Handsome,\nclever", "page": 7})
    assert (made.status, made.headers["Location"]) == (201, f"{QUOTES}/1")
    assert (made.json["text"], made.json["page"], made.json["seen_by"]) == ("Handsome,\nclever", 7, "members")
    first = f"{QUOTES}/1"
    assert (await alice.ask("PATCH", first, json={"page": 8})).status == 428
    changed = await alice.ask("PATCH", first, json={"page": None, "visibility": "everyone", "version": 1})
    assert (changed.json["page"], changed.json["visibility"], changed.json["version"]) == (None, "everyone", 2)
    late = await alice.ask("PATCH", first, json={"text": "Late"}, headers={"If-Match": '"1-x"'})
    assert (late.status, late.json["newer"]["version"]) == (412, 2)
    assert (await alice.get(QUOTES)).json["quotes"] == [(await alice.get(first)).json]
    assert (await alice.delete(first)).status == 204
    assert (await alice.get(first)).status == 404


async def test_a_quote_goes_through_its_life_without_scripts(alone: Browser) -> None:
    posted = await alone.post(QUOTES, "page", data={"text": "<b>Bold</b>", "page": "12", "visibility": "me"})
    assert (posted.status, posted.headers["Location"]) == (303, f"{QUOTES}/1")
    page = (await alone.get(f"{QUOTES}/1", "page")).text
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "page 12" in page
    assert "Only you see it" in page
    edited = await alone.post(f"{QUOTES}/1/edit", "page", data={"text": "Plain", "page": "", "version": "1"})
    assert edited.status == 303
    assert (await alone.get(f"{QUOTES}/1")).json["visibility"] == "me"
    stale = await alone.post(f"{QUOTES}/1/edit", "page", data={"text": "Mine", "version": "1"})
    assert (stale.status, "Save mine over it" in stale.text) == (409, True)
    gone = await alone.post(f"{QUOTES}/1/delete", "page", data={})
    assert (gone.status, gone.headers["Location"]) == (303, QUOTES)
    for form in ("page", "fragment"):
        wrong = await alone.post(QUOTES, form, data={"text": "", "page": "last"})
        assert wrong.status == 422
        assert 'id="quote-text-error"' in wrong.text
        assert 'id="quote-page-error"' in wrong.text


async def test_everybody_sees_what_they_may_see_and_no_more(app: Application, db: Database) -> None:
    book_id = await a_book(db)
    alice, eve = await a_person(db, "alice"), await a_person(db, "eve")
    numbers = {
        visibility: await a_quote(db, eve, book_id, f"Seen by {visibility}", visibility=visibility)
        for visibility in ("me", "members", "everyone")
    }
    await a_person(db, "bob")
    await a_block(db, eve, alice)
    seen = {
        "guest": {"everyone"},
        "alice": {"everyone"},
        "bob": {"members", "everyone"},
        "eve": {"me", "members", "everyone"},
    }
    for name, found in seen.items():
        person = Browser(app) if name == "guest" else await sign_in(Browser(app), name)
        answer = await person.get(QUOTES)
        assert {one["text"].removeprefix("Seen by ") for one in answer.json["quotes"]} == found, name
        assert answer.json["total"] == len(found)
        for visibility, number in numbers.items():
            for form in FORMS:
                one = await person.get(f"{QUOTES}/{number}", form)
                assert one.status == (200 if visibility in found else 404), (name, visibility, form)
            if name != "eve":
                theirs = await person.ask("PATCH", f"{QUOTES}/{number}", json={"text": "Mine", "version": 1})
                gone = await person.delete(f"{QUOTES}/{number}")
                assert (theirs.status, gone.status) == ((401, 401) if name == "guest" else (404, 404))


async def test_a_quote_stands_at_its_own_book_alone(alice: Browser, db: Database) -> None:
    await a_book(db, title="Persuasion")
    await alice.post(QUOTES, json={"text": "It is a truth"})
    assert (await alice.get("/books/2/quotes/1")).status == 404
    assert (await alice.ask("PATCH", "/books/2/quotes/1", json={"text": "x", "version": 1})).status == 404


async def test_a_quote_is_seen_as_the_book_is(alice: Browser, app: Application, db: Database) -> None:
    await alice.post(QUOTES, json={"text": "It is a truth"})
    actor = Actor((await alice.get("/accounts/alice")).json["id"], "alice")
    bob = await as_person(app, "bob")
    assert (await bob.get(f"{QUOTES}/1")).status == 200
    async with db.writing() as session:
        await entry_actions.edit_entry(session, actor, 1, {"visibility": "me"})
    assert (await bob.get(f"{QUOTES}/1")).status == 404


async def test_the_list_goes_on_where_it_says(alone: Browser) -> None:
    for number in range(3):
        await alone.post(QUOTES, json={"text": f"Passage {number}"})
    first = await alone.get(f"{QUOTES}?limit=2")
    second = await alone.get(first.json["next"])
    assert [one["id"] for answer in (first, second) for one in answer.json["quotes"]] == [3, 2, 1]
    assert second.json["next"] is None
