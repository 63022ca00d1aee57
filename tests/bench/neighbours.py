"""What is recommended, with a million books: `python -m tests.bench.neighbours FOLDER [--books N] [--postgres]`.

Makes a catalogue in FOLDER (once: what is there is used again), readers with 100 and with 2,000 ratings, and thirty
neighbours for each book, put straight into the tables; then tells how long the query with its reasons, the page of
recommendations and the similar books of a book take. The times are those of the clock, and beside them the least.

The skew is that of a fit over 50,000 made-up readers of a million books: who is read most speaks for ten thousand
others, and the books that a reader knows speak for a thousand each.
"""

import argparse
import asyncio
import io
import os
import random
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import asyncpg
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, insert, select

from bookapp.accounts.models import Account
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.recommender import page_queries, queries
from bookapp.recommender.commands import FindRecommendations
from bookapp.recommender.models import Fit
from bookapp.shelves.models import Entry
from tests import postgres
from tests.bench.catalogue import fill_postgres, fill_sqlite
from tests.people import a_person

READERS = {100: 60, 2000: 12}
"""How many readers there are with so many ratings."""
OFTEN, FAR = 20, 10
"""Of the neighbours of a book so many are read often, and so many are any."""
STEP = 100_000
_COLUMNS = ("fit_id", "source_id", "target_id", "weight", "kind")
Rows = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]
MADE = datetime(2026, 1, 1, tzinfo=UTC)


def neighbours(books: int) -> Iterator[Rows]:
    """Sources, targets, weights and kinds, in the order of the targets; the books are numbered by how often they are
    read."""
    chance = np.random.default_rng(1)
    known = max(books // 10, 100)
    for first in range(1, books + 1, STEP):
        some = np.arange(first, min(books + 1, first + STEP))
        often = 1 + (known * chance.random((len(some), OFTEN)) ** 2).astype(np.int64)
        far = 1 + chance.integers(0, books, (len(some), FAR))
        is_known = (some <= known)[:, None]
        by_readers = chance.uniform(np.where(is_known, 0.005, 0.0002), np.where(is_known, 0.1, 0.02), often.shape)
        by_likeness = chance.uniform(0.02, 0.055, far.shape)
        sources = np.concatenate((often, far), axis=1).ravel()
        targets = np.repeat(some, OFTEN + FAR)
        weights = np.concatenate((by_readers, by_likeness), axis=1).ravel().astype(np.float32)
        kinds = np.concatenate((np.where(is_known, 0, 3) + 0 * often, np.ones_like(far)), axis=1).ravel()
        # Each pair once, and no book for itself.
        _pairs, kept = np.unique(targets * (books + 1) + sources, return_index=True)
        kept = kept[sources[kept] != targets[kept]]
        yield sources[kept], targets[kept], weights[kept], kinds[kept]


def _into_sqlite(path: Path, books: int, fit_id: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-512000")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'book_neighbor' AND sql IS NOT NULL"
    ).fetchall()
    for name, _sql in indexes:
        connection.execute(f"DROP INDEX {name}")
    columns = [np.concatenate(column) for column in zip(*neighbours(books), strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    statement = f"INSERT INTO book_neighbor ({','.join(_COLUMNS)}) VALUES ({fit_id},?,?,?,?)"
    for start in range(0, len(order), STEP):
        step = order[start : start + STEP]
        connection.executemany(statement, zip(*(column[step].tolist() for column in columns), strict=True))
    for _name, sql in indexes:
        connection.execute(sql)
    connection.commit()
    connection.close()


async def _into_postgres(url: str, books: int, fit_id: int) -> None:
    """As a fit leaves it: in the order of the targets, and counted."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    row = np.dtype(
        [("columns", ">i2"), *((f"{n}{part}", kind) for n, one in enumerate(("i8", "i8", "i8", "f8", "i2"))
        for part, kind in (("length", ">i4"), ("", f">{one}")))]
    )  # fmt: skip
    for rows in neighbours(books):
        told = np.zeros(len(rows[0]), row)
        told["columns"] = len(_COLUMNS)
        for n, column in enumerate((np.full(len(rows[0]), fit_id), *rows)):
            told[f"{n}length"], told[str(n)] = row[f"{n}"].itemsize, column
        file = io.BytesIO(b"PGCOPY\n\xff\r\n\0" + bytes(8) + told.tobytes() + b"\xff\xff")
        await connection.copy_to_table("book_neighbor", source=file, columns=_COLUMNS, format="binary")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def fill(db: Database, path: Path, books: int) -> None:
    """Readers, their ratings, and the neighbours of all books."""
    for count, many in READERS.items():
        for number in range(many):
            person = await a_person(db, f"r{count}n{number}")
            await _rate(db, person, count, books)
    async with db.writing() as session:
        fit = Fit(
            made_at=MADE, readers=0, ratings=0, books=books, neighbors=0, milliseconds=0, is_current=True, change_id=0
        )
        session.add(fit)
        await session.flush()
        fit_id = fit.id
    if db.is_sqlite:
        await asyncio.to_thread(_into_sqlite, path, books, fit_id)
    else:
        await _into_postgres(db.url, books, fit_id)


async def _rate(db: Database, person: Actor, count: int, books: int) -> None:
    """What is read follows Zipf's law."""
    chance = random.Random(person.id)
    read: dict[int, None] = {}
    while len(read) < count:
        read[max(1, int(books ** chance.random()))] = None
    async with db.writing() as session:
        rows = [
            {
                "account_id": person.id, "book_id": book, "state": "read", "quarters": 4 * chance.randint(1, 5),
                "rated_at": MADE + timedelta(minutes=n), "seen_by": 0, "is_owned": False, "added_at": MADE,
                "state_at": MADE, "version": 1,
            }
            for n, book in enumerate(read)
        ]  # fmt: skip
        await session.execute(insert(cast(Table, Entry.__table__)), rows)


async def measure(db: Database, rounds: int) -> None:
    """Tell the milliseconds of what is asked: half are faster, 95 of 100 are faster, the fastest."""
    for count in READERS:
        async with db.reading() as session:
            found = await session.execute(
                select(Account.id, Account.username).where(Account.username.like(f"r{count}n%")).order_by(Account.id)
            )
            people = [Actor(row.id, row.username) for row in found]
            await _tell(f"{count} ratings, query with reasons", people, rounds, lambda p: _ask(session, p))
            await _tell(f"{count} ratings, page", people, rounds, lambda p: _show(session, p))
    async with db.reading() as session:
        books = [1, 10, 100, 1000, 5000, *range(7, await _count(session), max(1, await _count(session) // 40))]
        await _tell("similar books", books, rounds, lambda book: queries.list_similar_fitted(session, book, 12))


async def _count(db: Any) -> int:
    return int(await db.scalar(select(Fit.books).where(Fit.is_current)))


async def _ask(db: Any, person: Actor) -> None:
    me = person.id or 0
    ranked = await queries.list_ranked(db, me, 20, mutes=False)
    await queries.list_reasons(db, me, [candidate.book_id for candidate in ranked])


async def _show(db: Any, person: Actor) -> None:
    await page_queries.show_recommendations(db, person, FindRecommendations())


async def _tell(what: str, of: list[Any], rounds: int, ask: Callable[[Any], Awaitable[object]]) -> None:
    await ask(of[0])
    times = []
    for _ in range(rounds):
        for one in of:
            began = time.perf_counter()
            await ask(one)
            times.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(times, n=20)
    print(f"{what}: {cuts[9]:.1f} / {cuts[18]:.1f} / {min(times):.1f} ms, load {os.getloadavg()[0]:.1f}", flush=True)


async def _run(url: str, path: Path, books: int, rounds: int, *, new: bool) -> None:
    db = Database(url)
    try:
        if new:
            began = time.perf_counter()
            await fill(db, path, books)
            print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        await measure(db, rounds)
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--books", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", action="store_true", help="On PostgreSQL; what is made there stays.")
    asked = parser.parse_args()
    path = asked.folder / f"bookapp-{asked.books}.db"
    with ExitStack() as stack:
        if asked.postgres:
            base = stack.enter_context(postgres.server())
            name = f"bookapp_neighbours_{asked.books}"
            new = asyncio.run(_make(f"{base}/postgres", name))
            url = f"{base}/{name}"
        else:
            new, url = not path.exists(), f"sqlite+aiosqlite:///{path}"
        if new and asked.postgres:
            fill_postgres(url, asked.books)
        elif new:
            fill_sqlite(path, asked.books)
        asyncio.run(_run(url, path, asked.books, asked.rounds, new=new))


async def _make(url: str, name: str) -> bool:
    """Make a database; False when it is there."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    except asyncpg.DuplicateDatabaseError:
        return False
    finally:
        await connection.close()
    return True


if __name__ == "__main__":
    main()
