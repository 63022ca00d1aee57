"""Feeds say what everybody may see, and nothing else, in XML that every reader understands."""

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from bookapp.core.db import Database
from bookapp.feeds.atom import draw
from bookapp.feeds.results import Feed, FeedEntry
from bookapp.web.application import Application
from tests.clients import Answer, Browser
from tests.factories import a_book
from tests.people import a_person, sign_in
from tests.shelves.shelved import a_shelf, off, put, rated, settled

ATOM = "{http://www.w3.org/2005/Atom}"
PERSON, SHELF = "/accounts/alice/feed.atom", "/accounts/alice/shelves/{}.atom"


@pytest.fixture
def app_db(app: Application) -> Database:
    db: Database = app.extensions["db"]
    return db


def read(answer: Answer) -> ElementTree.Element:
    """The feed, after a look at what RFC 4287 asks of each."""
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.body)
    assert root.tag == f"{ATOM}feed"
    for piece in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = piece.findall(ATOM + name)
            assert found.text
        assert piece.findtext(f"{ATOM}id", "").startswith("tag:localhost,2026:")
        datetime.fromisoformat(piece.findtext(f"{ATOM}updated", ""))
        assert piece.findall(f"{ATOM}author") or piece.findall(f"{ATOM}entry")
        for link in piece.findall(f"{ATOM}link"):
            assert link.attrib["href"].startswith("http://localhost/")
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return root


def titles(answer: Answer) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in read(answer).findall(f"{ATOM}entry")]


async def reviewed(client: Browser, book: int, text: str, who: str, **more: Any) -> None:
    body = {"text": text, "visibility": who} | more
    answer = await client.ask("PUT", f"/books/{book}/review", json=body)
    assert answer.status in (200, 201), answer.text


async def test_a_person_tells_everybody_what_they_read(client: Browser, app_db: Database) -> None:
    alice = await a_person(app_db)
    book = await a_book(app_db, title="Emma & <Emma>")
    await settled(app_db, alice, visibility="everyone")
    await put(app_db, alice, book, "read")
    await rated(app_db, alice, book, 4)
    await reviewed(await sign_in(Browser(client.app)), book, "Better *every* time", "everyone")
    answer = await client.get(PERSON)
    told = titles(answer)
    assert sorted(told) == [
        "alice gave Emma & <Emma> 4 of 5 stars",
        "alice has read Emma & <Emma>",
        "alice on Emma & <Emma>",
    ]
    (content,) = read(answer).findall(f".//{ATOM}content")
    assert content.attrib["type"] == "html"
    assert "<em>every</em>" in (content.text or "")


async def test_a_review_that_tells_the_end_is_not_in_the_feed(client: Browser, app_db: Database) -> None:
    await a_person(app_db)
    book = await a_book(app_db)
    alice = await sign_in(Browser(client.app))
    await reviewed(alice, book, "She marries Mr. Knightley", "everyone", is_spoiler=True)
    answer = await client.get(PERSON)
    assert titles(answer) == ["alice on Emma"]
    assert "Knightley" not in answer.text


@pytest.mark.parametrize("who", ["members", "me"])
async def test_what_is_not_for_everybody_is_never_in_a_feed(client: Browser, app_db: Database, who: str) -> None:
    alice = await a_person(app_db)
    await a_person(app_db, "bob")
    hidden = await a_book(app_db, title="Quagga")
    await settled(app_db, alice, visibility="everyone")
    await put(app_db, alice, hidden, "read", who)
    await rated(app_db, alice, hidden, 5)
    hers = await sign_in(Browser(client.app))
    await reviewed(hers, hidden, "Quagga review", who)
    await a_shelf(app_db, alice, "Open", hidden, visibility="everyone")
    await a_shelf(app_db, alice, "Quagga shelf", hidden, visibility=who)
    bob = await sign_in(Browser(client.app), "bob")
    for browser in (client, bob, hers):
        for path in (PERSON, *map(SHELF.format, ("read", "all", "open"))):
            answer = await browser.get(path)
            assert titles(answer) == [], path
            assert "uagga" not in answer.text, path
        assert (await browser.get(SHELF.format("quagga-shelf"))).status == 404
    assert "Quagga review" not in (await client.get("/feeds/recommended.atom")).text


async def test_who_shows_nothing_to_everybody_has_no_feed(client: Browser, app_db: Database) -> None:
    alice = await a_person(app_db)
    await put(app_db, alice, await a_book(app_db), "read")
    nobody = await client.get("/accounts/nobody-here/feed.atom")
    answer = await client.get(PERSON)
    assert answer.status == nobody.status == 404
    assert answer.json["detail"] == nobody.json["detail"]
    assert (await client.get(SHELF.format("read"))).status == 404
    assert (await client.get(SHELF.format("no-such-shelf"))).status == 404


async def test_a_shelf_lists_what_came_last(client: Browser, app_db: Database) -> None:
    alice = await a_person(app_db)
    await settled(app_db, alice, visibility="everyone")
    books = [await a_book(app_db, title=title) for title in ("Emma", "Persuasion")]
    for book in books:
        await put(app_db, alice, book, "want")
    slug = await a_shelf(app_db, alice, "Für später", *books)
    assert titles(await client.get(SHELF.format("want"))) == ["Persuasion by Jane Austen", "Emma by Jane Austen"]
    root = read(await client.get(SHELF.format(slug)))
    assert root.findtext(f"{ATOM}title") == "Für später: a shelf of alice"
    await off(app_db, alice, books[1])
    assert titles(await client.get(SHELF.format("want"))) == ["Emma by Jane Austen"]


async def test_a_feed_is_not_the_shelf_itself(client: Browser, app_db: Database) -> None:
    await a_person(app_db)
    for address in (SHELF.format("read"), PERSON):
        answer = await client.ask("DELETE", address)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_what_is_recommended_and_new_is_in_one_feed(client: Browser, app_db: Database) -> None:
    await a_person(app_db)
    book = await a_book(app_db)
    alice = await sign_in(Browser(client.app))
    answer = await alice.ask("PUT", f"/books/{book}/praise", json={"reason": "It is kind"})
    assert answer.status in (200, 201), answer.text
    assert sorted(titles(await client.get("/feeds/recommended.atom"))) == [
        "New: Emma by Jane Austen",
        "alice recommends Emma",
    ]


async def test_a_feed_that_is_known_is_not_sent_again(client: Browser, app_db: Database) -> None:
    await a_book(app_db)
    first = await client.get("/feeds/recommended.atom")
    assert first.headers["Last-Modified"].endswith("GMT")
    assert "public" in first.headers["Cache-Control"]
    known = {"If-None-Match": first.headers["ETag"]}
    assert (await client.get("/feeds/recommended.atom", headers=known)).status == 304
    await a_book(app_db, title="Persuasion")
    again = await client.get("/feeds/recommended.atom", headers=known)
    assert again.status == 200
    assert len(titles(again)) == 2


def ids(answer: Answer) -> list[str | None]:
    return [piece.findtext(f"{ATOM}id") for piece in read(answer)]


async def test_the_name_of_an_entry_outlives_the_name_of_its_person(client: Browser, app_db: Database) -> None:
    alice = await a_person(app_db)
    await settled(app_db, alice, visibility="everyone")
    await rated(app_db, alice, await a_book(app_db), 4)
    before = ids(await client.get(PERSON))
    hers = await sign_in(Browser(client.app))
    renamed = await hers.ask("PATCH", "/accounts/alice", json={"username": "alicia"}, headers={"If-Match": "*"})
    assert renamed.status == 200, renamed.text
    assert ids(await client.get("/accounts/alicia/feed.atom")) == before
    assert (await client.get(PERSON)).status == 404


def test_what_xml_cannot_hold_is_left_out() -> None:
    at = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
    entry = FeedEntry(
        key="a b",
        title="]]>\x00\x0b<b>&amp;\ud83d\ufffe",
        url="/x?a=1&b=ü",
        who="\x1b",
        at=at,
        changed_at=at,
        html="<p>",
    )
    made = draw(Feed(key="k", title="t", url="/", feed_url="/f", entries=(entry,)), "https://books.example.org:8443")
    root = ElementTree.fromstring(made)
    (found,) = root.findall(f"{ATOM}entry")
    assert found.findtext(f"{ATOM}title") == "]]><b>&amp;"
    assert found.findtext(f"{ATOM}id") == "tag:books.example.org,2026:a%20b"
    link = found.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"] == "https://books.example.org:8443/x?a=1&b=%C3%BC"
    assert found.findtext(f"{ATOM}content") == "<p>"
