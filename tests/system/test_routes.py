"""What the instance says of itself."""

import pytest

from bookapp.core.db import Database
from bookapp.core.schema import HEAD
from tests.clients import FORMS, Browser
from tests.factories import a_book


@pytest.mark.parametrize("form", list(FORMS))
async def test_it_lives(sqlite_client: Browser, form: str) -> None:
    answer = await sqlite_client.get("/healthz", form)
    assert answer.status == 200
    assert "ok" in answer.text


async def test_living_asks_nothing_of_the_database(sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "reading", None)
    assert (await sqlite_client.get("/healthz")).json == {"status": "ok"}


async def test_it_is_ready_with_the_schema_of_this_release(client: Browser, db: Database) -> None:
    assert (await client.get("/readyz")).json == {"status": "ready", "database": db.dialect, "schema": HEAD}


async def test_about_counts_books_and_authors_that_have_some(client: Browser, db: Database) -> None:
    await a_book(db, title="Emma", author="Jane Austen")
    gone = await a_book(db, title="Dracula", author="Bram Stoker")
    await client.delete(f"/books/{gone}")
    about = (await client.get("/about")).json
    assert (about["books"], about["authors"]) == (1, 1)
    assert about["database"] == db.dialect
    assert about["licence"] == "MIT"


async def test_the_keys_are_listed(sqlite_client: Browser) -> None:
    keys = (await sqlite_client.get("/about/keys")).json["keys"]
    assert {"key", "does"} == set(keys[0])
    assert "<kbd>" in (await sqlite_client.get("/about/keys", "fragment")).text


async def test_metrics_are_in_the_text_format(sqlite_client: Browser) -> None:
    await sqlite_client.get("/about")
    answer = await sqlite_client.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE bookapp_requests_total counter" in answer.text
    assert "# TYPE bookapp_request_seconds histogram" in answer.text
