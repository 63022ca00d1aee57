"""When the database is away, locked or slow, and when clients hang up."""

import asyncio
import random
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from bookapp.app import create_app
from bookapp.books.models import Book, BookChange
from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.web.application import Application
from tests.clients import FORMS, Browser
from tests.databases import PostgresCopies
from tests.factories import a_book
from tests.web.asgi import FORM, ask


def _out(db: Database) -> int:
    return sum(engine.sync_engine.pool.checkedout() for engine in {db._writer, db._reader})  # type: ignore[attr-defined]


async def _at_rest(db: Database) -> None:
    async with asyncio.timeout(5):
        while _out(db):  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("form", list(FORMS))
async def test_a_foreign_lock_on_sqlite_costs_two_seconds(sqlite_app: Application, form: str) -> None:
    client = Browser(sqlite_app)
    path = sqlite_app.extensions["settings"].sqlite_path
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        started = time.monotonic()
        answer = await client.post("/books", form, data={"title": "Emma", "author": "J"})
        assert time.monotonic() - started < 3
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert (await client.get("/books", form)).status == 200, "reading goes on"
        assert (await client.get("/readyz")).status == 200
    finally:
        other.close()
    assert (await client.post("/books", form, data={"title": "Emma", "author": "J"})).status in (201, 303)


async def test_a_short_foreign_lock_is_waited_for(sqlite_app: Application) -> None:
    other = sqlite3.connect(sqlite_app.extensions["settings"].sqlite_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def let_go() -> None:
        await asyncio.sleep(0.5)
        other.close()

    task = asyncio.create_task(let_go())
    answer = await Browser(sqlite_app).post("/books", json={"title": "Emma", "author": "J"})
    await task
    assert answer.status == 201


async def test_without_its_database_the_process_lives_and_says_so(
    postgres_copies: PostgresCopies, tmp_path: Path
) -> None:
    url = await postgres_copies.fresh()
    app = create_app(Settings(database_url=url, data_dir=tmp_path, secret_key="k" * 32))
    async with app.test_app():
        client = Browser(app)
        assert (await client.get("/readyz")).status == 200
        await postgres_copies.drop(url)
        for form in FORMS:
            started = time.monotonic()
            answers = [
                await client.get("/books", form),
                await client.get("/readyz", form),
                await client.post("/books", form, data={"title": "Emma", "author": "J"}),
            ]
            assert time.monotonic() - started < 6
            for answer in answers:
                assert answer.status == 503, answer.text
                assert int(answer.headers["Retry-After"]) > 0
        assert (await client.get("/healthz")).status == 200
        assert (await client.get("/nowhere")).status == 404


async def test_without_its_tables_it_is_not_ready(client: Browser, db: Database) -> None:
    async with db.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert (await client.get("/healthz")).status == 200


async def test_who_hangs_up_in_the_middle_of_a_write_loses_nothing(app: Application) -> None:
    """The body is complete, so the write is done, whole, whoever waits for the answer."""
    db: Database = app.extensions["db"]
    data = b"title=Emma&author=Jane+Austen"
    for _ in range(10):
        await ask(app, "POST", "/books", headers=FORM, chunks=[data], hang_up_after=1)
    await _at_rest(db)
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Book)) == 10
        assert await session.scalar(select(func.count()).select_from(BookChange)) == 10


async def test_who_hangs_up_while_reading_leaves_no_connection_behind(app: Application) -> None:
    db: Database = app.extensions["db"]
    await a_book(db)

    async def hang_up(seconds: float) -> None:
        async def receive() -> dict[str, Any]:
            nonlocal asked
            asked += 1
            if asked == 1:
                return {"type": "http.request", "body": b"", "more_body": False}
            await asyncio.sleep(seconds)
            return {"type": "http.disconnect"}

        async def send(_message: Any) -> None:
            return None

        asked = 0
        await app(
            {  # type: ignore[arg-type]  # a plain dict is what servers pass
                "type": "http",
                "http_version": "1.1",
                "method": "GET",
                "scheme": "http",
                "path": "/books",
                "raw_path": b"/books",
                "query_string": f"q=tale{seconds}".encode(),
                "root_path": "",
                "headers": [(b"host", b"localhost")],
                "client": ("127.0.0.1", 1),
                "extensions": {},
            },
            receive,
            send,
        )

    await asyncio.gather(*(hang_up(random.uniform(0, 0.05)) for _ in range(40)))
    await _at_rest(db)
    started = time.monotonic()
    await a_book(db, title="Persuasion")
    assert time.monotonic() - started < 1.5, "no lock is left behind"
    assert (await Browser(app).get("/books")).json["total"] == 2


async def test_a_write_that_is_cut_off_is_whole_or_not_there(db: Database) -> None:
    """Tasks cancelled at any moment: no half rows, no leaked connection, no lock."""

    async def add(number: int) -> None:
        await a_book(db, title=f"Tale {number}", author=f"Author {number}")

    for number in range(25):
        task = asyncio.create_task(add(number))
        await asyncio.sleep(random.uniform(0, 0.03))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await _at_rest(db)
    await a_book(db, title="Last")
    async with db.reading() as session:
        books = await session.scalar(select(func.count()).select_from(Book))
        changes = await session.scalar(select(func.count()).select_from(BookChange))
        indexed = await session.scalar(text("SELECT count(*) FROM search_document"))
    assert books == changes == indexed


async def test_fifty_at_once_are_all_answered(app: Application) -> None:
    client = Browser(app)
    asked = [client.post("/books", json={"title": f"Tale {n}", "author": "The same"}) for n in range(50)]
    statuses = [answer.status for answer in await asyncio.gather(*asked)]
    # All want the same author: on PostgreSQL some may wait too long for a connection, and are told so.
    assert set(statuses) <= ({201} if app.extensions["db"].is_sqlite else {201, 503})
    assert (await client.get("/books")).json["total"] == statuses.count(201) >= 10
    assert len((await client.get("/authors")).json["authors"]) == 1
    assert _out(app.extensions["db"]) == 0
