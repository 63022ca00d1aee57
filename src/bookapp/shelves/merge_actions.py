"""What people have to do with a book goes along when it becomes one with another, and comes back when that is undone.

Whoever has both keeps what they say of the second one, which is given what it lacks; the rest stays with the first,
where nobody sees it until it comes back.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.books.rating_actions import count_ratings
from bookapp.circles.visibility import EVERYONE
from bookapp.core.events import Changed, announce
from bookapp.core.sql import AnyRow, AnySelect
from bookapp.shelves import rules
from bookapp.shelves.models import Detail, Entry, EntryTag, Quote, Reader, Reading, Review, ShelfBook
from bookapp.shelves.person_queries import choices_of
from bookapp.shelves.rules import Choices

name = "shelves"
Given = dict[str, list[Any]]
"""What columns of an entry held before, and hold now."""
Row = dict[str, Any]
"""The columns of an entry."""
_AT_ONCE = 500
"""A statement takes some ten thousand values at most."""
_NOTHING = {"state": None, "quarters": None, "note": None, "is_owned": False}
"""What the columns of an entry hold that say nothing."""
_COLUMNS = (Entry.account_id, Entry.book_id, Entry.state, Entry.quarters, Entry.rated_at, Entry.note, Entry.is_owned,
            Entry.visibility, Entry.seen_by, Entry.version)  # fmt: skip


async def move(db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
    """Let everybody's things be about the second book, as far as they have none about it, and return what moved."""
    before = await _public(db, from_id, into_id)
    entries: dict[int, dict[int, Row]] = {from_id: {}, into_id: {}}
    choices: dict[int, Choices] = {}
    for entry, chosen in map(_read, await db.execute(_locked(from_id, into_id))):
        entries[entry["book_id"]][entry["account_id"]] = entry
        choices[entry["account_id"]] = chosen
    given = {
        key: _give(entry, entries[into_id][key], choices[key])
        for key, entry in entries[from_id].items()
        if key in entries[into_id]
    }
    await _store(db, [entries[into_id][key] for key in given])
    kept = {
        "entries": [[key] for key in entries[from_id] if key not in entries[into_id]],
        "tags": await _alone(db, EntryTag, (EntryTag.account_id, EntryTag.name_key), from_id, into_id),
        "details": await _alone(db, Detail, (Detail.account_id,), from_id, into_id),
        "shelf_books": await _alone(db, ShelfBook, (ShelfBook.shelf_id,), from_id, into_id),
        "reviews": await _alone(db, Review, (Review.account_id,), from_id, into_id),
        "readings": await _all(db, Reading, from_id),
        "quotes": await _all(db, Quote, from_id),
    }
    await _carry(db, kept, from_id, into_id)
    await _tell(db, before, (from_id, into_id), entries[from_id])
    return [kept | {"given": [[key, what] for key, what in given.items()]}]


async def move_back(db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
    """Let what was moved be about the first book again, and take from the second what it was given and still has."""
    if not moved:
        return
    kept = moved[0]
    before = await _public(db, from_id, into_id)
    given: dict[int, Given] = dict(kept["given"])
    changed = []
    for entry, chosen in map(_read, await db.execute(_locked(into_id))):
        if entry["account_id"] in given:
            _take(entry, given[entry["account_id"]], chosen)
            changed.append(entry)
    await _store(db, changed)
    await _carry(db, kept, into_id, from_id)
    await _tell(db, before, (from_id, into_id), [*given, *(key for (key,) in kept["entries"])])


def _locked(*books: int) -> AnySelect:
    """Everybody's entries for these books, with what each person chose about being seen."""
    return (
        select(*_COLUMNS, Reader)
        .outerjoin(Reader, Reader.account_id == Entry.account_id)
        .where(Entry.book_id.in_(books))
        .order_by(Entry.account_id, Entry.book_id)
        .with_for_update(of=Entry)
    )


def _read(row: AnyRow) -> tuple[Row, Choices]:
    return {column.key: getattr(row, column.key) for column in _COLUMNS}, choices_of(row.Reader)


async def _store(db: AsyncSession, entries: Sequence[Row]) -> None:
    """Let these entries hold what their rows hold by now: one statement, since a thousand may have read a book."""
    if entries:
        await db.execute(update(Entry), entries)


def _give(has: Row, lacks: Row, choices: Choices) -> Given:
    """Give an entry what it lacks and the other has, and say what each column held before and holds now."""
    told: Given = {
        column: [nothing, has[column]]
        for column, nothing in _NOTHING.items()
        if lacks[column] == nothing and has[column] != nothing
    }
    for column, (_before, after) in told.items():
        lacks[column] = after
    if "quarters" in told:
        lacks["rated_at"] = has["rated_at"]
    lacks["seen_by"] = rules.effective(lacks["visibility"], lacks["state"], choices)
    if has["seen_by"] < lacks["seen_by"]:
        # What others could not see of one book they must not see now of the other: a rating, tags, readings.
        told["visibility"] = [lacks["visibility"], has["seen_by"]]
        lacks["visibility"] = lacks["seen_by"] = has["seen_by"]
    lacks["version"] += 1
    return told


def _take(entry: Row, given: Given, choices: Choices) -> None:
    """Take from an entry what it was given, unless it was changed since."""
    for column, (before, after) in given.items():
        if entry[column] == after:
            entry[column] = before
    if entry["quarters"] is None:
        entry["rated_at"] = None
    entry["seen_by"] = rules.effective(entry["visibility"], entry["state"], choices)
    entry["version"] += 1


async def _alone(db: AsyncSession, kind: Any, key: tuple[Any, ...], from_id: int, into_id: int) -> list[list[Any]]:
    """The keys of those rows about the first book to which there is none about the second."""
    other = aliased(kind)
    same = and_(*(getattr(other, column.key) == column for column in key), other.book_id == into_id)
    rows = await db.execute(
        select(*key).where(kind.book_id == from_id, ~exists().where(same)).order_by(*key).with_for_update()
    )
    return [list(row) for row in rows]


async def _all(db: AsyncSession, kind: Any, book_id: int) -> list[list[Any]]:
    rows = await db.execute(select(kind.id).where(kind.book_id == book_id).order_by(kind.id).with_for_update())
    return [list(row) for row in rows]


_KEYS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "entries": (Entry, (Entry.account_id,)),
    "tags": (EntryTag, (EntryTag.account_id, EntryTag.name_key)),
    "details": (Detail, (Detail.account_id,)),
    "shelf_books": (ShelfBook, (ShelfBook.shelf_id,)),
    "reviews": (Review, (Review.account_id,)),
    "readings": (Reading, (Reading.id,)),
    "quotes": (Quote, (Quote.id,)),
}


async def _carry(db: AsyncSession, kept: dict[str, list[list[Any]]], before: int, after: int) -> None:
    """Let the rows with these keys be about another book, unless they are gone or somebody has such a row there."""
    for what, (kind, key) in _KEYS.items():
        rows = kept.get(what, [])  # what was kept by an older version has fewer kinds
        for start in range(0, len(rows), _AT_ONCE):
            some = [tuple(one) for one in rows[start : start + _AT_ONCE]]
            which = tuple_(*key).in_(some) if len(key) > 1 else key[0].in_([one[0] for one in some])
            await db.execute(
                update(kind)
                .where(kind.book_id == before, which, _is_free(kind, key, after))
                .values(book_id=after)
                .execution_options(synchronize_session=False)
            )
    for kind in (Review, Quote):
        seen_by = (
            select(Entry.seen_by)
            .where(Entry.account_id == kind.account_id, Entry.book_id == kind.book_id)
            .correlate(kind)
            .scalar_subquery()
        )
        await db.execute(
            update(kind)
            .where(kind.book_id.in_((before, after)), kind.visibility.is_(None))
            .values(seen_by=func.coalesce(seen_by, kind.seen_by))
            .execution_options(synchronize_session=False)
        )


def _is_free(kind: Any, key: tuple[Any, ...], book_id: int) -> ColumnElement[bool]:
    """That there is no such row about that book yet: it may have been written since."""
    other = aliased(kind)
    return ~exists().where(
        *(getattr(other, column.key) == column for column in key), other.book_id == book_id
    ).correlate(kind)


async def _public(db: AsyncSession, *books: int) -> dict[int, tuple[int, int]]:
    """The ratings of these books that everyone may see, of people who are here: how many, and their sum."""
    rows = await db.execute(
        select(Entry.book_id, func.count().label("rated"), func.sum(Entry.quarters).label("quarters"))
        .join(Account, Account.id == Entry.account_id)
        .where(Entry.book_id.in_(books), Entry.seen_by == EVERYONE, Entry.quarters.is_not(None), ACTIVE)
        .group_by(Entry.book_id)
    )
    found = {row.book_id: (int(row.rated), int(row.quarters)) for row in rows}
    return {book_id: found.get(book_id, (0, 0)) for book_id in books}


async def _tell(
    db: AsyncSession, before: dict[int, tuple[int, int]], books: tuple[int, int], people: Sequence[int] | dict[int, Any]
) -> None:
    """Let the ratings count for the book that they are about by now, and tell the people."""
    after = await _public(db, *books)
    for book_id in sorted(books):
        (had, sum_had), (has, sum_has) = before[book_id], after[book_id]
        await count_ratings(db, book_id, sum_has - sum_had, has - had)
        if people:
            announce(db, Changed("shelf-changed", frozenset(people), about=book_id))
            announce(db, Changed("rating-changed", frozenset(people), about=book_id))
