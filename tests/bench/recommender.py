"""How good and how fast the recommender is: `python -m tests.bench.recommender DIR` on the goodbooks data.

It takes 250 of the readers that the data set gives for training, hides a fifth of the books that each liked (4 or 5
stars), fits on what is left and asks the running product what it recommends: nothing here knows how that is done.
The readers whom the data set keeps for scoring are not touched.
"""

import argparse
import asyncio
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import delete, func, insert, select, update

from bookapp.accounts.models import Account, ImportedReader
from bookapp.books.models import BookSource
from bookapp.core.db import Database
from bookapp.recommender import queries
from bookapp.shelves.models import Entry
from tests import postgres

SEED, READERS, SHARE = 20260102, 250, 0.2
COVERED = 500
"""Coverage grows with the readers that are asked: the books in the lists of so many are counted."""
AT, DEEP = 20, 100
LONG = (100, 2000)
"""For readers of so many ratings the time of the query is measured."""
Hidden = Mapping[int, frozenset[int]]


def bookapp(url: str, data: Path, *arguments: str) -> str:
    """Run a command of the product and return what it said."""
    environment = {"DATABASE_URL": url, "BOOKAPP_DATA_DIR": str(data), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "bookapp", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


async def hide(db: Database) -> Hidden:
    """Take a fifth of what they liked from some readers, and nothing from as many others; call all of them `held`."""
    chance = random.Random(SEED)
    async with db.writing() as session:
        group = select(ImportedReader.account_id).where(ImportedReader.group == "train")
        people = chance.sample(sorted(await session.scalars(group)), READERS)
        liked = (
            select(Entry.account_id, Entry.book_id)
            .where(Entry.account_id.in_(people), Entry.quarters >= 16)
            .order_by(Entry.account_id, Entry.book_id)
        )
        of: dict[int, list[int]] = {person: [] for person in people}
        for person, book in await session.execute(liked):
            of[person].append(book)
        hidden = {person: frozenset(chance.sample(of[person], round(SHARE * len(of[person])))) for person in people}
        for person, books in hidden.items():
            await session.execute(delete(Entry).where(Entry.account_id == person, Entry.book_id.in_(books)))
        others = sorted(set(await session.scalars(group)) - set(people))
        hidden |= {person: frozenset() for person in chance.sample(others, COVERED - READERS)}
        people = sorted(hidden)
        await session.execute(update(ImportedReader).where(ImportedReader.account_id.in_(people)).values(group="held"))
        # Wishes are of a later time, and a hidden book among them would be left out for that.
        await session.execute(delete(Entry).where(Entry.account_id.in_(people), Entry.state == "want"))
    return hidden


async def score(db: Database, hidden: Hidden, lines: Sequence[str]) -> dict[str, float]:
    """What the scorers of the literature say of the lists in `lines`."""
    async with db.reading() as session:
        accounts = dict((await session.execute(select(ImportedReader.key, ImportedReader.account_id))).all())
        ids = dict((await session.execute(select(BookSource.key, BookSource.book_id))).all())
        own: dict[int, dict[int, int | None]] = {person: {} for person in hidden}
        entries = select(Entry.account_id, Entry.book_id, Entry.quarters).where(Entry.account_id.in_(list(hidden)))
        for person, book, quarters in await session.execute(entries):
            own[person][book] = quarters
    recall, gain, shown, false, known, given = [], [], set(), 0, 0, 0
    for line in lines:
        told = json.loads(line)
        person = accounts[str(told["user_id"])]
        items, targets = [ids[str(item)] for item in told["items"]], hidden[person]
        assert len(items) == len(set(items)) >= DEEP, f"{len(items)} books for reader {told['user_id']}"
        known += sum(item in own[person] for item in items)
        for sources in told["reasons"].values():
            given += len(sources)
            false += sum((own[person].get(ids[str(source)]) or 0) < 16 for source in sources)
        shown.update(items[:AT])
        if targets:
            recall.append(sum(item in targets for item in items[:AT]) / min(AT, len(targets)))
            won = sum(1 / math.log2(i + 2) for i, item in enumerate(items[:DEEP]) if item in targets)
            gain.append(won / sum(1 / math.log2(i + 2) for i in range(min(DEEP, len(targets)))))
    return {
        "R@20": statistics.mean(recall),
        "NDCG@100": statistics.mean(gain),
        "coverage@20": len(shown) / len(ids),
        "reasons": given,
        "false reasons": false,
        "known books": known,
    }


async def a_reader_of(db: Database, count: int) -> int:
    """A reader with so many ratings: the one that is nearest to it, with more of the popular books when too few."""
    from tests.people import a_person

    person = await a_person(db, f"reads{count}")
    async with db.writing() as session:
        many = select(Entry.book_id, func.count().label("n")).where(Entry.quarters.is_not(None)).group_by(Entry.book_id)
        books = [row.book_id for row in await session.execute(many.order_by(func.count().desc(), Entry.book_id))]
        random.Random(count).shuffle(books)
        now = await session.scalar(select(Account.created_at).where(Account.id == person.id))
        rows = [
            {
                "account_id": person.id, "book_id": book, "state": "read", "quarters": 4 * (2 + n % 4), "rated_at": now,
                "seen_by": 0, "is_owned": False, "added_at": now, "state_at": now, "version": 1,
            }
            for n, book in enumerate(books[:count])
        ]  # fmt: skip
        await session.execute(insert(Entry), rows)
    return person.id or 0


async def measure_queries(db: Database) -> dict[str, float]:
    """Milliseconds (95 of 100 are faster) for twenty books with reasons."""
    found: dict[str, float] = {}
    async with db.reading() as session:
        usual = select(Entry.account_id).where(Entry.quarters.is_not(None)).group_by(Entry.account_id)
        usual = usual.order_by(func.abs(func.count() - LONG[0]), Entry.account_id).limit(100)
        people = {LONG[0]: list(await session.scalars(usual))}
    people[LONG[1]] = [await a_reader_of(db, LONG[1])] * 50
    for count, accounts in people.items():
        times, processor = [], time.process_time()
        async with db.reading() as session:
            for account in [accounts[0], *accounts]:
                began = time.perf_counter()
                ranked = await queries.list_ranked(session, account, 20, mutes=False)
                await queries.list_reasons(session, account, [c.book_id for c in ranked])
                times.append((time.perf_counter() - began) * 1000)
        times = sorted(times[1:])
        found[f"{count} ratings: median ms"] = times[len(times) // 2]
        found[f"{count} ratings: p95 ms"] = times[int(len(times) * 0.95)]
        found[f"{count} ratings: mean ms of the processor here"] = (time.process_time() - processor) * 1000 / len(times)
    return found


async def _run(url: str, data: Path, source: Path, *, scores: bool) -> None:
    print(bookapp(url, data, "import", "goodbooks", str(source)).splitlines()[-2])
    db = Database(url)
    try:
        hidden = await hide(db) if scores else {}
        print("\n".join(bookapp(url, data, "recommender", "fit").splitlines()[-2:]))
        if scores:
            out = data / "held.jsonl"
            bookapp(url, data, "recommender", "export", "--users", "held", str(out))
            for name, value in (await score(db, hidden, out.read_text().splitlines())).items():
                print(f"  {name}: {value:.4g}")
        for name, value in (await measure_queries(db)).items():
            print(f"  {name}: {value:.1f}")
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--postgres", action="store_true", help="Measure the times on PostgreSQL, and nothing else.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        data = Path(name)
        url = f"sqlite+aiosqlite:///{data / 'bookapp.db'}"
        if arguments.postgres:
            url = f"{stack.enter_context(postgres.server())}/postgres"
        asyncio.run(_run(url, data, arguments.directory, scores=not arguments.postgres))


if __name__ == "__main__":
    main()
