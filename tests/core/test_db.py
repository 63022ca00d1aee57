"""The two doors: what is written stays or was never there, and who waits is told."""

import asyncio
import sqlite3
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bookapp.books.models import Author, Book
from bookapp.core import db as doors
from bookapp.core import gate as gates
from bookapp.core import sqlite
from bookapp.core.db import Database, UtcDateTime
from bookapp.core.errors import Busy, Invalid, NoSpace
from bookapp.core.events import CATALOGUE, Changed, announce, changes_of
from bookapp.core.gate import Gate
from bookapp.core.sql import is_among
from bookapp.core.version import NoVersion, PostgresVersion, SqliteVersion
from tests.databases import SqliteCopies
from tests.factories import a_book


@pytest.fixture
async def lite(sqlite_copies: SqliteCopies) -> Any:
    database = Database(await sqlite_copies.fresh())
    yield database
    await database.close()


async def test_leaving_commits_and_an_error_rolls_back(db: Database) -> None:
    book = await a_book(db)
    with pytest.raises(RuntimeError):  # noqa: PT012  # the transaction is what is tested
        async with db.writing() as session:
            await session.execute(update(Book).values(title="Half done"))
            raise RuntimeError
    async with db.reading() as session:
        assert await session.scalar(select(Book.title).where(Book.id == book)) == "Emma"


async def test_an_error_of_ours_rolls_back_and_stays_what_it_is(db: Database) -> None:
    await a_book(db)
    with pytest.raises(Invalid):  # noqa: PT012  # the transaction is what is tested
        async with db.writing() as session:
            await session.execute(update(Book).values(title="Half done"))
            raise Invalid({"title": ["no"]})
    async with db.reading() as session:
        assert await session.scalar(select(Book.title)) == "Emma"


async def test_a_clash_stays_a_clash(db: Database) -> None:
    await a_book(db)
    values = {"name": "Again", "name_key": "jane austen", "sort_key": "x", "book_count": 0, "version": 1}
    with pytest.raises(IntegrityError):
        async with db.writing() as session:
            await session.execute(insert(Author).values(**values))


async def test_a_column_is_among_many_values_some_or_none(db: Database) -> None:
    emma, other = await a_book(db, isbn="9780141439587"), await a_book(db, title="Persuasion")
    isbn = "9780141439587"
    among = [(Book.id, [emma, 99]), (Book.id, [emma, other]), (Book.id, []), (Book.isbn, [isbn]), (Book.isbn, [])]
    async with db.reading() as session:
        found = [
            (await session.scalars(select(Book.id).where(is_among(session, column, values)).order_by(Book.id))).all()
            for column, values in among
        ]
    assert found == [[emma], [emma, other], [], [emma], []]


async def test_reading_cannot_write_on_sqlite(lite: Database) -> None:
    await a_book(lite)
    with pytest.raises(Busy):
        async with lite.reading() as session:
            await session.execute(update(Book).values(title="Sneaked in"))


async def test_fifty_writers_lose_nothing(db: Database) -> None:
    """Each reads, then writes what it read and one more."""
    book = await a_book(db, pages=1)

    async def one_more() -> None:
        for _ in range(20):
            try:
                async with db.writing() as session:
                    row = select(Book.pages).where(Book.id == book).with_for_update()
                    pages = (await session.execute(row)).scalar_one()
                    await session.execute(update(Book).where(Book.id == book).values(pages=pages + 1))
                return
            except Busy:
                continue

    await asyncio.gather(*(one_more() for _ in range(50)))
    async with db.reading() as session:
        assert await session.scalar(select(Book.pages).where(Book.id == book)) == 51


async def test_writers_of_one_process_go_in_order(lite: Database) -> None:
    order: list[int] = []

    async def write(number: int) -> None:
        async with lite.writing():
            order.append(number)
            await asyncio.sleep(0.005)

    tasks = []
    for number in range(20):
        tasks.append(asyncio.create_task(write(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == list(range(20))


async def test_a_foreign_lock_is_told_within_two_seconds(lite: Database) -> None:
    other = sqlite3.connect(lite.url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()

    async def write() -> float:
        with pytest.raises(Busy):
            async with lite.writing():
                pytest.fail("another program holds the lock")
        return time.monotonic() - started

    waits = await asyncio.gather(*(write() for _ in range(5)))
    assert max(waits) < 2.6
    assert min(waits) > 1
    other.execute("ROLLBACK")
    other.close()
    await a_book(lite)


async def test_a_queue_that_moves_is_waited_for(lite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "PATIENCE", 0.3)

    async def write() -> None:
        async with lite.writing():
            await asyncio.sleep(0.12)

    await asyncio.gather(*(write() for _ in range(8)))


async def test_a_queue_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "QUEUE_PATIENCE", 0.3)
    gate = Gate(1)
    async with gate.turn():
        with pytest.raises(Busy):
            async with gate.turn():
                pytest.fail("two writers at once")


async def test_who_stops_waiting_does_not_block_the_next(lite: Database) -> None:
    async def write() -> None:
        async with lite.writing():
            await asyncio.sleep(0.1)

    first = asyncio.create_task(write())
    await asyncio.sleep(0.02)
    waiting = asyncio.create_task(write())
    await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.gather(first, waiting, return_exceptions=True)
    await a_book(lite)


async def test_another_error_at_begin_is_not_hidden() -> None:
    class Connection:
        async def exec_driver_sql(self, _statement: str) -> None:
            raise OperationalError("BEGIN", {}, Exception("file is not a database"))

    class Session:
        async def connection(self) -> Connection:
            return Connection()

    async with Gate(1).turn() as turn:
        with pytest.raises(OperationalError):
            await sqlite.begin(Session(), turn)  # type: ignore[arg-type]  # what is used of one


WHEN = [
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2))),
    datetime(1, 1, 2, tzinfo=UTC),
]


@pytest.mark.parametrize("when", WHEN)
async def test_a_moment_comes_back_aware(db: Database, when: datetime) -> None:
    book = await a_book(db)
    async with db.writing() as session:
        await session.execute(update(Book).where(Book.id == book).values(deleted_at=when))
    async with db.reading() as session:
        stored = await session.scalar(select(Book.deleted_at).where(Book.id == book))
    assert stored == when
    assert stored is not None
    assert stored.utcoffset() == timedelta(0)


def test_no_moment_is_none() -> None:
    kind = UtcDateTime()
    assert kind.process_bind_param(None, None) is None  # type: ignore[arg-type]  # not asked for
    assert kind.process_result_value(None, None) is None  # type: ignore[arg-type]


TROUBLE: list[tuple[Exception, type[Exception]]] = [
    (PoolTimeout(), Busy),
    (ConnectionRefusedError(), Busy),
    (FileNotFoundError("the socket"), Busy),
    (TimeoutError(), Busy),
    (OperationalError("x", {}, Exception("database is locked")), Busy),
    (OperationalError("x", {}, Exception("attempt to write a readonly database")), Busy),
    (OperationalError("x", {}, Exception("disk I/O error")), Busy),
    (OperationalError("x", {}, Exception("database or disk is full")), NoSpace),
    (DBAPIError("x", {}, Exception("could not extend file: No space left on device")), NoSpace),
    (DBAPIError("x", {}, Exception("deadlock detected")), Busy),
    (DBAPIError("x", {}, Exception("canceling statement due to statement timeout")), Busy),
    (DBAPIError("x", {}, Exception("the database system is shutting down")), Busy),
    (DBAPIError("x", {}, Exception("odd"), connection_invalidated=True), Busy),
    (OperationalError("x", {}, Exception("no such table: book")), OperationalError),
    (KeyError("ours"), KeyError),
]


@pytest.mark.parametrize(("trouble", "told"), TROUBLE)
async def test_trouble_is_told_in_our_words(lite: Database, trouble: Exception, told: type[Exception]) -> None:
    with pytest.raises(told):
        async with lite.reading():
            raise trouble
    with pytest.raises(told), doors._translated():
        raise trouble


async def test_what_changed_is_heard_after_the_commit_only(db: Database) -> None:
    heard: list[tuple[Changed, ...]] = []

    class Listening(NoVersion):
        def committed(self, changes: Any) -> None:
            heard.append(tuple(changes))

    db.version = Listening()
    with pytest.raises(RuntimeError):  # noqa: PT012  # the transaction is what is tested
        async with db.writing() as session:
            announce(session, CATALOGUE)
            raise RuntimeError
    assert heard == []
    async with db.writing() as session:
        announce(session, CATALOGUE)
        announce(session, CATALOGUE)
        assert heard == []
        assert changes_of(session) == (CATALOGUE,)
    assert heard == [(CATALOGUE,)]


async def test_the_engine_and_the_dialect_have_names(db: Database) -> None:
    assert db.engine is db._writer
    assert db.dialect == ("sqlite" if db.is_sqlite else "postgresql")
    assert NoVersion().current() is None
    await NoVersion().close()


def _version(db: Database) -> SqliteVersion | PostgresVersion:
    from pathlib import Path

    if db.is_sqlite:
        return SqliteVersion(Path(db.url.removeprefix("sqlite+aiosqlite:///")))
    return PostgresVersion(db.url)


async def _known(version: Any) -> int:
    async with asyncio.timeout(5):
        while (number := version.current()) is None:  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)
    return int(number)


async def _moved(version: Any, number: int) -> bool:
    try:
        async with asyncio.timeout(1):
            while version.current() == number:  # noqa: ASYNC110  # nothing tells
                await asyncio.sleep(0.01)
    except TimeoutError:
        return False
    return True


async def test_a_change_is_seen_across_connections(db: Database) -> None:
    version = _version(db)
    try:
        number = await _known(version)
        async with db.writing() as session:
            await session.execute(text("SELECT 1"))
        assert not await _moved(version, number), "nothing that everybody sees changed"
        await a_book(db)
        assert await _moved(version, number)
    finally:
        await version.close()


async def test_what_was_rolled_back_moves_nothing(db: Database) -> None:
    version = _version(db)
    try:
        number = await _known(version)
        with pytest.raises(RuntimeError):  # noqa: PT012  # the transaction is what is tested
            async with db.writing() as session:
                announce(session, CATALOGUE)
                raise RuntimeError
        assert not await _moved(version, number)
    finally:
        await version.close()


async def test_a_version_that_cannot_be_known_is_none(lite: Database) -> None:
    version = _version(lite)
    assert version.current() is not None
    async with lite.writing() as session:
        await session.execute(text("DROP TABLE catalogue_version"))
    assert version.current() is None
    await version.close()


async def test_a_listener_comes_back_after_the_connection_broke(postgres_url: str) -> None:
    db = Database(postgres_url)
    version = PostgresVersion(db.url)
    try:
        number = await _known(version)
        async with db.writing() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
                )
            )
        assert await _moved(version, number)
        assert await _known(version) > number
        version.committed([Changed("other")])
        now = version.current()
        version.committed([CATALOGUE])
        assert version.current() == (now or 0) + 1
    finally:
        await version.close()
        await db.close()


async def test_a_listener_without_a_server_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    version = PostgresVersion("postgresql+asyncpg://book@127.0.0.1:1/nothing")
    await asyncio.sleep(0.2)
    assert version.current() is None
    await version.close()
