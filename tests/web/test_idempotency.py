"""A POST that is sent again because its answer got lost has its effect once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.web.models import IdempotentAnswer
from tests.clients import Browser
from tests.web.asgi import JSON, ask

BODY = {"title": "Emma", "author": "Jane Austen"}
KEY = {"Idempotency-Key": "one"}


async def _books(client: Browser) -> list[str]:
    return [book["title"] for book in (await client.get("/books")).json["books"]]


async def test_the_same_request_gets_the_same_answer(client: Browser) -> None:
    first = await client.post("/books", json=BODY, headers=KEY)
    again = await client.post("/books", json=BODY, headers=KEY)
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert await _books(client) == ["Emma"]


@pytest.mark.parametrize("form", ["page", "fragment"])
async def test_it_holds_for_forms_too(client: Browser, form: str) -> None:
    first = await client.post("/books", form, data=BODY, headers=KEY)
    again = await client.post("/books", form, data=BODY, headers=KEY)
    assert again.status == first.status
    assert again.body == first.body
    assert await _books(client) == ["Emma"]


async def test_another_body_or_address_needs_another_key(client: Browser) -> None:
    await client.post("/books", json=BODY, headers=KEY)
    other = await client.post("/books", json=BODY | {"title": "Persuasion"}, headers=KEY)
    assert other.status == 422
    assert "Idempotency-Key" in other.json["errors"]
    assert (await client.post("/books/1/delete", headers=KEY)).status == 422
    assert (await client.post("/books", "fragment", json=BODY, headers=KEY)).status == 422
    assert await _books(client) == ["Emma"]


async def test_many_at_once_have_one_effect(client: Browser) -> None:
    answers = await asyncio.gather(*(client.post("/books", json=BODY, headers=KEY) for _ in range(10)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert 201 in {answer.status for answer in answers}
    assert len({answer.body for answer in answers if answer.status == 201}) == 1
    assert await _books(client) == ["Emma"]


async def test_two_processes_have_one_effect(app, settings) -> None:  # type: ignore[no-untyped-def]
    """Two applications on the same database stand for two workers."""
    from bookapp.app import create_app
    from bookapp.web import idempotency

    other = create_app(settings)
    async with other.test_app():
        one, two = Browser(app), Browser(other)
        asked = []
        for client in (one, two):
            asked.append(asyncio.create_task(client.post("/books", json=BODY, headers=KEY)))
            await asyncio.sleep(0)
            idempotency._running.clear()  # each process only knows of its own
        statuses = {answer.status for answer in await asyncio.gather(*asked)}
        assert statuses <= {201, 409}
        assert await _books(one) == ["Emma"]


async def test_guests_at_different_addresses_do_not_meet(client: Browser) -> None:
    import json

    told = []
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        data = json.dumps(BODY).encode()
        told.append(await ask(client.app, "POST", "/books", headers=JSON | KEY, chunks=[data], client=address))
    assert [answer.status for answer in told] == [201, 201, 201]
    assert told[0].body == told[2].body != told[1].body
    assert len(await _books(client)) == 2


async def test_a_failure_is_not_kept(client: Browser, db: Database) -> None:
    assert (await client.post("/books", json={"title": ""}, headers=KEY)).status == 422
    assert (await client.post("/books", json=BODY, headers=KEY)).status == 201
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(IdempotentAnswer)) == 1


async def test_a_form_that_came_back_is_not_kept(client: Browser) -> None:
    assert (await client.post("/books", "page", data={"title": "x"}, headers=KEY)).status == 422
    assert (await client.post("/books", "page", data=BODY, headers=KEY)).status == 303


async def test_an_error_leaves_neither_effect_nor_answer(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("bookapp.books.queries.show_line", broken)
        assert (await client.post("/books", json=BODY, headers=KEY)).status == 500
    assert await _books(client) == []
    assert (await client.post("/books", json=BODY, headers=KEY)).status == 201
    assert await _books(client) == ["Emma"]


async def test_a_key_is_forgotten_after_a_day(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    await client.post("/books", json=BODY, headers=KEY)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    again = await client.post("/books", json=BODY, headers=KEY)
    assert again.status == 201
    assert len(await _books(client)) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\xe9", "a\tb"])
async def test_a_strange_key_is_refused(sqlite_client: Browser, key: str) -> None:
    answer = await ask(
        sqlite_client.app,
        "POST",
        "/books",
        headers=JSON,
        chunks=[b"{}"],
        more_headers=[(b"idempotency-key", key.encode("latin-1"))],
    )
    assert answer.status == 422
    assert "Idempotency-Key" in answer.json["errors"]


async def test_what_changed_is_announced_and_seen(client: Browser) -> None:
    assert await _books(client) == []
    answer = await client.post("/books", "fragment", data=BODY, headers=KEY)
    assert "books-changed" in answer.headers["HX-Trigger"]
    assert await _books(client) == ["Emma"]
