"""Reading what is here of a person and many books, locked for a change: one statement for each table."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyColumn, is_among
from bookapp.shelves.bulk_rules import Here, Row, passage
from bookapp.shelves.models import Detail, Entry, EntryTag, Quote, Reading, Review, Shelf, ShelfBook
from bookapp.shelves.told import DetailTold, EntryTold

ENTRY = (
    Entry.state, Entry.quarters, Entry.rated_at, Entry.visibility, Entry.seen_by, Entry.is_owned, Entry.note,
    Entry.added_at, Entry.state_at, Entry.version,
)  # fmt: skip
DETAIL = (
    Detail.moods, Detail.pace, Detail.traits, Detail.warnings, Detail.warning_note, Detail.format, Detail.copies,
    Detail.is_favorite, Detail.more,
)  # fmt: skip
REVIEW = (Review.text, Review.is_spoiler, Review.visibility, Review.seen_by, Review.created_at, Review.version)
READING = (
    Reading.id, Reading.outcome, Reading.started_on, Reading.started_as, Reading.finished_on, Reading.finished_as,
    Reading.page, Reading.percent, Reading.progressed_at, Reading.note, Reading.version,
)  # fmt: skip
_NO_DETAIL_TOLD = DetailTold()
_HANGS: tuple[tuple[type[Any], tuple[AnyColumn, ...], Callable[[EntryTold], object]], ...] = (
    (Detail, DETAIL, lambda told: told.detail != _NO_DETAIL_TOLD or told.is_owned),
    (EntryTag, (EntryTag.name_key, EntryTag.name), lambda told: told.tags or told.shelves),
    (Review, REVIEW, lambda told: told.review),
    (Reading, READING, lambda told: told.readings or told.state),
    (Quote, (Quote.text,), lambda told: told.quotes),
)


async def lock_books(db: AsyncSession, ids: Collection[int]) -> set[int]:
    """Which of these books are there; they stay as they are until the transaction ends."""
    if not ids:
        return set()
    # Always in the order of their ids: two people who bring their books never wait for each other crosswise.
    locked = select(Book.id, Book.deleted_at).where(is_among(db, Book.id, sorted(ids))).order_by(Book.id)
    rows = await db.execute(locked.with_for_update(key_share=True))
    return {row.id for row in rows if row.deleted_at is None}


async def find_here(db: AsyncSession, actor: Actor, told: dict[int, EntryTold]) -> dict[int, Here]:
    """What is here of a person and these books, as far as what is told of any of them may have to do with it."""
    here = {book_id: Here() for book_id in told}
    if not told:
        return here
    rows = await db.execute(
        select(Entry.book_id, *ENTRY)
        .where(Entry.account_id == actor.id, is_among(db, Entry.book_id, told))
        .order_by(Entry.book_id)
        .with_for_update()
    )
    for row in rows:
        book_id, *values = row
        here[book_id].entry = dict(zip(_names(ENTRY), values, strict=True))
    for kind, columns, is_about in _HANGS:
        books = [book_id for book_id, one in told.items() if is_about(one)]
        if books:
            order = (kind.book_id, kind.id) if kind is Reading else (kind.book_id,)
            own = (kind.account_id == actor.id, is_among(db, kind.book_id, books))
            found = select(kind.book_id, *columns).where(*own).order_by(*order).with_for_update()
            for book_id, *values in await db.execute(found):
                _put(here[book_id], kind, dict(zip(_names(columns), values, strict=True)))
    mixed = [book_id for book_id, one in told.items() if one.are_words_mixed and (one.tags or one.shelves)]
    if mixed:
        on = select(ShelfBook.book_id, Shelf.name).join(Shelf, Shelf.id == ShelfBook.shelf_id)
        own_shelves = on.where(Shelf.account_id == actor.id, is_among(db, ShelfBook.book_id, mixed))
        for book_id, name in await db.execute(own_shelves):
            here[book_id].shelves.add(name)
    return here


async def find_shelves(db: AsyncSession, actor: Actor) -> list[Row]:
    """The shelves that a person made, locked."""
    own = select(Shelf.id, Shelf.name, Shelf.slug).where(Shelf.account_id == actor.id).order_by(Shelf.id)
    return [dict(row._mapping) for row in await db.execute(own.with_for_update())]


async def find_places(db: AsyncSession, shelves: Sequence[int], books: Collection[int]) -> list[tuple[int, int]]:
    """Which of these books stand on which of these shelves."""
    if not books:
        return []
    on = (ShelfBook.shelf_id.in_(shelves), is_among(db, ShelfBook.book_id, books))
    return [
        (row.shelf_id, row.book_id)
        for row in await db.execute(select(ShelfBook.shelf_id, ShelfBook.book_id).where(*on))
    ]


def _names(columns: Iterable[AnyColumn]) -> list[str]:
    return [str(column.key) for column in columns]  # type: ignore[attr-defined]  # each is a column of a table


def _put(here: Here, kind: type[Any], row: Row) -> None:
    if kind is Detail:
        here.detail = row
    elif kind is EntryTag:
        here.tags[row["name_key"]] = row["name"]
    elif kind is Review:
        here.review = row
    elif kind is Reading:
        here.readings.append(row)
    else:
        here.quotes.add(passage(row["text"]))
