"""Answers that are the same for everybody are made once, and never outlive what they show."""

import asyncio
from typing import Any

import pytest

from bookapp.core.db import Database
from bookapp.web.application import Application
from bookapp.web.cache import Cache, Flights, Kept
from tests.clients import FORMS, Browser
from tests.factories import a_book
from tests.house.plan import PAGES
from tests.web.asgi import ask


def _kept(app: Application) -> int:
    return len(app.asgi_app.cache._kept)  # type: ignore[attr-defined]  # the guard


async def _listening(app: Application) -> None:
    """On PostgreSQL nothing is kept until the process hears of changes."""
    async with asyncio.timeout(5):
        while app.extensions["db"].version.current() is None:  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)


@pytest.fixture
async def asked(client: Browser, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The client's questions that reached the list of books."""
    from bookapp.books import queries

    await _listening(client.app)
    seen: list[str] = []
    ask_really = queries.list_books

    async def list_books(*args: Any) -> Any:
        seen.append("asked")
        return await ask_really(*args)

    monkeypatch.setattr(queries, "list_books", list_books)
    return seen


@pytest.mark.parametrize("form", list(FORMS))
async def test_an_answer_is_made_once(client: Browser, db: Database, asked: list[str], form: str) -> None:
    await a_book(db)
    await _settled(client)
    first = await client.get("/books", form)
    again = await client.get("/books", form)
    assert again.body == first.body
    for name in ("ETag", "Vary", "Cache-Control", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert len(asked) == 1


async def _settled(client: Browser) -> None:
    """Wait until a change of another connection has been heard."""
    await asyncio.sleep(0.3 if client.app.extensions["db"].dialect == "postgresql" else 0)


async def test_a_change_here_is_seen_at_once(client: Browser, asked: list[str]) -> None:
    assert (await client.get("/books")).json["total"] == 0
    await client.post("/books", json={"title": "Emma", "author": "Jane Austen"})
    assert (await client.get("/books")).json["total"] == 1
    await client.delete("/books/1")
    assert (await client.get("/books")).json["total"] == 0
    await client.post("/books/1/restoration")
    assert (await client.get("/books")).json["total"] == 1
    await client.ask("PATCH", "/books/1", json={"title": "New", "version": 3})
    assert (await client.get("/books")).json["books"][0]["title"] == "New"


async def test_a_change_by_another_process_is_seen(client: Browser, db: Database, asked: list[str]) -> None:
    assert (await client.get("/books")).json["total"] == 0
    await a_book(db)
    await _settled(client)
    assert (await client.get("/books")).json["total"] == 1
    assert len(asked) == 2


async def test_what_is_personal_is_not_kept(client: Browser, asked: list[str]) -> None:
    for headers in (
        {"Cookie": "bookapp_session=a"},
        {"Cookie": "__Host-bookapp_session=a"},
        {"Cookie": "bookapp_flash=a"},
        {"Authorization": "Basic a"},
    ):
        before = len(asked)
        for _ in range(2):
            assert (await client.get("/books", headers=headers)).status == 200
        assert len(asked) == before + 2, headers
    for _ in range(2):
        assert (await client.get("/books", headers={"Authorization": "Bearer a"})).status == 401


async def test_cookies_of_others_do_not_matter(client: Browser, asked: list[str]) -> None:
    for number in range(3):
        await client.get("/books", headers={"Cookie": f"theirs={number}"})
    assert len(asked) == 1


async def test_the_chosen_look_makes_a_page_of_its_own(client: Browser) -> None:
    await _listening(client.app)
    plain = await client.get("/books", "page")
    dark = await client.get("/books", "page", headers={"Cookie": "bookapp_theme=dark"})
    strange = await client.get("/books", "page", headers={"Cookie": "bookapp_theme=pink"})
    assert 'data-theme="dark"' in dark.text
    assert "data-theme" not in plain.text
    assert strange.body == plain.body
    assert (await client.get("/books", "page", headers={"Cookie": "bookapp_theme=dark"})).body == dark.body


async def test_the_three_answers_do_not_mix(client: Browser) -> None:
    await _listening(client.app)
    first = {form: (await client.get("/books", form)).body for form in FORMS}
    assert len(set(first.values())) == 3
    for form, body in first.items():
        assert (await client.get("/books", form)).body == body
    api = await client.get("/api/v1/books", "page")
    assert api.body == first["json"]


async def test_a_kept_answer_knows_head_and_conditions(client: Browser) -> None:
    await _listening(client.app)
    full = await ask(client.app, path="/books")
    assert _kept(client.app) >= 1
    head = await ask(client.app, "HEAD", "/books")
    assert head.status == 200
    assert head.body == b""
    assert head.headers["content-length"] == str(len(full.body))
    known = await ask(client.app, path="/books", headers={"If-None-Match": full.headers["etag"]})
    assert known.status == 304
    assert known.body == b""
    assert "content-length" not in known.headers
    assert known.headers["etag"] == full.headers["etag"]


async def test_errors_and_writes_are_not_kept(client: Browser) -> None:
    await _listening(client.app)
    await client.get("/books/77")
    await client.get("/nowhere")
    await client.get("/books?limit=0")
    await client.post("/preferences", json={"theme": "dark"})
    await client.get("/healthz")
    await client.get("/books/random")
    assert _kept(client.app) == 0


async def test_every_kept_answer_is_the_one_that_was_given(client: Browser, db: Database) -> None:
    await a_book(db, subjects=["Fantasy"], series="Tales")
    await _listening(client.app)
    await _settled(client)
    for route in PAGES:
        if not route.handler.gives.shared:
            continue
        for form in FORMS:
            first, again = await client.get(route.path(), form), await client.get(route.path(), form)
            assert first.status == again.status == 200
            assert first.body == again.body, route.name
            assert dict(first.headers) | {"x-request-id": ""} | {"X-Request-Id": ""} == dict(again.headers) | {
                "x-request-id": ""
            } | {"X-Request-Id": ""}, route.name


async def test_an_answer_that_crosses_a_change_is_not_kept_for_it(
    sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who asked before a change and is answered after it must not keep the old list."""
    from bookapp.books import queries

    client, ask_really = sqlite_client, queries.list_books
    db: Database = client.app.extensions["db"]

    async def list_books(*args: Any) -> Any:
        answer = await ask_really(*args)
        monkeypatch.setattr(queries, "list_books", ask_really)
        await a_book(db)
        return answer

    monkeypatch.setattr(queries, "list_books", list_books)
    assert (await client.get("/books")).json["total"] == 0
    assert (await client.get("/books")).json["total"] == 1


def _one(size: int, version: int = 1) -> Kept:
    return Kept(version, 200, (), b"x" * size, b'"e"', "books.index")


def test_the_cache_holds_only_so_much() -> None:
    cache = Cache(most_bytes=10_000)
    for number in range(100):
        cache.put(number, _one(500))
    assert 1 <= len(cache._kept) <= 5
    assert cache.get(99, 1) is not None
    assert cache.get(0, 1) is None


def test_what_is_used_stays() -> None:
    cache = Cache(most_bytes=10_000)
    for number in range(5):
        cache.put(number, _one(500))
        assert cache.get(0, 1) is not None
    cache.put(5, _one(500))
    assert cache.get(0, 1) is not None
    assert cache.get(1, 1) is None


def test_an_answer_for_another_version_is_none() -> None:
    cache = Cache()
    cache.put("a", _one(5, version=1))
    assert cache.get("a", 2) is None
    assert cache.get("a", None) is None
    cache.put("a", _one(7, version=2))
    kept = cache.get("a", 2)
    assert kept is not None
    assert len(kept.body) == 7


def test_an_answer_larger_than_the_cache_is_not_kept() -> None:
    cache = Cache(most_bytes=1000)
    cache.put("a", _one(5000))
    assert cache.get("a", 1) is None
    assert cache._room == 1000


async def test_many_that_find_a_page_out_of_date_have_it_made_once(
    client: Browser, db: Database, asked: list[str]
) -> None:
    await client.get("/books", "page")
    await a_book(db)
    await _settled(client)
    before = len(asked)
    pages = await asyncio.gather(*(client.get("/books", "page") for _ in range(12)))
    assert len({page.body for page in pages}) == 1
    assert len(asked) == before + 1


async def test_nobody_waits_for_a_slow_page_for_long() -> None:
    flights = Flights(seconds=0.02)
    assert not await flights.joined("page")
    assert await flights.joined("page")
    flights.land("page")
    assert not await flights.joined("page")
