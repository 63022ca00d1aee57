"""Putting the readers of a data set in: accounts in which nobody can sign in, and what they rated, for nobody to see.

Their ratings help to compute recommendations and are in the average of the world already, so no page shows them.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account, ImportedReader
from bookapp.books.models import BookSource
from bookapp.circles.visibility import ME
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Busy
from bookapp.shelves.models import Entry
from bookapp.transfer.actions import ATTEMPTS, PAUSE
from bookapp.transfer.readers import WANT, ReaderRecord

STEP = 50
"""Readers in one transaction: some thousand ratings, well below a second."""
_HOST = "readers.invalid"
"""No mail ever gets there (RFC 2606)."""
_SPARE = 9


@dataclass(frozen=True, slots=True)
class ReaderCounts:
    """What became of the readers and of their books."""

    readers: int = 0
    new: int = 0
    """Readers who were not here yet."""
    added: int = 0
    changed: int = 0
    known: int = 0
    """Of the books of readers, as the two above."""
    absent: int = 0
    """Books that are not in the catalogue."""

    def __add__(self, other: "ReaderCounts") -> "ReaderCounts":
        return ReaderCounts(*(getattr(self, name) + getattr(other, name) for name in ReaderCounts.__slots__))


async def put_readers(
    db: Database, source: str, records: Iterable[ReaderRecord], told: Callable[[int], None]
) -> ReaderCounts:
    """Put readers in, telling after each step how many are done. What was done stays done when it is interrupted.

    Raises Busy when others keep the database for long.
    """
    async with db.reading() as session:
        rows = await session.execute(select(BookSource.key, BookSource.book_id).where(BookSource.source == source))
        books: dict[str, int] = dict(rows.all())
    counts, rest = ReaderCounts(), iter(records)
    while step := list(islice(rest, STEP)):
        counts += await _put_step(db, source, step, books)
        told(len(step))
        await asyncio.sleep(PAUSE)
    return counts


async def _put_step(db: Database, source: str, step: Sequence[ReaderRecord], books: Mapping[str, int]) -> ReaderCounts:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with db.writing() as session:
                return await _put(session, source, step, books)
        except (Busy, IntegrityError) as error:
            if attempt == ATTEMPTS:
                raise Busy("The database was busy for too long. Run this again to go on where it stopped.") from error
            await asyncio.sleep(0.2 * attempt)
    raise AssertionError("unreachable")


async def _put(db: AsyncSession, source: str, step: Sequence[ReaderRecord], books: Mapping[str, int]) -> ReaderCounts:
    known = await _find_readers(db, source, [record.key for record in step])
    new = [record for record in step if record.key not in known]
    ids = {key: account_id for key, (account_id, _group) in known.items()} | await _add_readers(db, source, new)
    for record in step:
        if record.key in known and known[record.key][1] != record.group:
            here = (ImportedReader.source == source, ImportedReader.key == record.key)
            await db.execute(update(ImportedReader).where(*here).values(group=record.group))
    told = {
        (ids[record.key], books[key]): stars for record in step for key, stars in record.books.items() if key in books
    }
    added, changed = await _put_entries(db, told, [ids[record.key] for record in step if record.key in known])
    absent = sum(key not in books for record in step for key in record.books)
    return ReaderCounts(len(step), len(new), added, changed, len(told) - added - changed, absent)


async def _find_readers(db: AsyncSession, source: str, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    rows = await db.execute(
        select(ImportedReader.key, ImportedReader.account_id, ImportedReader.group).where(
            ImportedReader.source == source, ImportedReader.key.in_(keys)
        )
    )
    return {row.key: (row.account_id, row.group) for row in rows}


async def _add_readers(db: AsyncSession, source: str, new: Sequence[ReaderRecord]) -> dict[str, int]:
    """Make accounts without a password, and answer their ids by the keys of their readers."""
    if not new:
        return {}
    names = await _free_names(db, source, [record.key for record in new])
    now = clock.now()
    accounts = [
        {
            "username": name,
            "username_key": name.casefold(),
            "email": f"{name}@{_HOST}",
            "email_key": f"{name}@{_HOST}".casefold(),
            "password_hash": None,
            "role": "member",
            "time_zone": "UTC",
            "created_at": now,
            "totp_step": 0,
            "feed_number": 1,
            "version": 1,
        }
        for name in names.values()
    ]
    await db.execute(insert(_table(Account)), accounts)
    rows = await db.execute(select(Account.username, Account.id).where(Account.username.in_(names.values())))
    ids: dict[str, int] = dict(rows.all())
    readers = [
        {"source": source, "key": record.key, "account_id": ids[names[record.key]], "group_name": record.group}
        for record in new
    ]
    await db.execute(insert(_table(ImportedReader)), readers)
    return {record.key: ids[names[record.key]] for record in new}


async def _free_names(db: AsyncSession, source: str, keys: Sequence[str]) -> dict[str, str]:
    """A name for each reader that nobody has yet: people may be called like one of them."""
    choices = {
        key: [f"{source}-{key}"[:20], *(f"{source[:6]}-{key}-{n}"[:20] for n in range(2, _SPARE))] for key in keys
    }
    names = [name.casefold() for names in choices.values() for name in names]
    emails = [f"{name}@{_HOST}" for name in names]
    rows = await db.execute(
        select(Account.username_key, Account.email_key).where(
            or_(Account.username_key.in_(names), Account.email_key.in_(emails))
        )
    )
    taken = {word.removesuffix(f"@{_HOST}") for row in rows for word in row}
    free: dict[str, str] = {}
    for key, wanted in choices.items():
        free[key] = next((name for name in wanted if name.casefold() not in taken), wanted[0])
        taken.add(free[key].casefold())
    return free


async def _put_entries(db: AsyncSession, told: Mapping[tuple[int, int], int], known: Sequence[int]) -> tuple[int, int]:
    """Bring the books of these readers up to what is told; returns how many are new, and how many changed."""
    rows = await db.execute(
        select(Entry.account_id, Entry.book_id, Entry.state, Entry.quarters).where(Entry.account_id.in_(known))
    )
    stored = {(row.account_id, row.book_id): (row.state, row.quarters) for row in rows}
    now = clock.now()
    new, changes = [], []
    for (account_id, book_id), stars in told.items():
        state, quarters = ("want", None) if stars == WANT else ("read", 4 * stars)
        what: dict[str, Any] = {"state": state, "quarters": quarters, "rated_at": now if quarters else None}
        before = stored.get((account_id, book_id))
        if before is None:
            where = {"account_id": account_id, "book_id": book_id, "seen_by": ME, "visibility": None, "note": None}
            new.append(where | what | {"is_owned": False, "added_at": now, "state_at": now, "version": 1})
        elif before != (state, quarters):
            changes.append(what | {"its_account": account_id, "its_book": book_id})
    table = _table(Entry)
    if new:
        await db.execute(insert(table), new)
    if changes:
        its = (table.c.account_id == bindparam("its_account"), table.c.book_id == bindparam("its_book"))
        values: dict[str, Any] = {name: bindparam(name) for name in ("state", "quarters", "rated_at")}
        await db.execute(update(table).where(*its).values(values), changes)
    return len(new), len(changes)


def _table(model: Any) -> Table:
    return cast(Table, model.__table__)
