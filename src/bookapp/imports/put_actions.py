"""Putting the rows of a step in: new books, editions, and what their person says of them, in one transaction."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.bulk import put_books
from bookapp.books.edition_actions import EditionTold, put_editions
from bookapp.books.models import Book, BookSource
from bookapp.core.actor import Actor
from bookapp.core.sql import is_among, upsert
from bookapp.imports import matching, rules
from bookapp.imports.commands import Options
from bookapp.imports.known_queries import Chosen, Remembered, find_choices, find_matches, find_memories
from bookapp.imports.matching import Match
from bookapp.imports.models import ImportMemory
from bookapp.imports.results import Counts
from bookapp.imports.row_actions import TOLD, say_put
from bookapp.imports.told import Record, RowTold
from bookapp.shelves.bulk_actions import put_entries
from bookapp.shelves.told import Put

WHOLE = "*"
"""Under which name a memory holds the digest of the whole row."""
NO_TITLE = "No book here has this {number}, and the file names no title by which to add one."
_TABLE = cast(Table, ImportMemory.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whose rows they are, and how they are to be put in."""

    import_id: int
    actor: Actor
    source: str
    options: Options
    is_look: bool = False
    """Whether they are taken out again at once, so that search need not learn of them."""


@dataclass(slots=True)
class _Step:
    """The rows of a step on their way."""

    order: Order
    records: Mapping[int, Record]
    chosen: Mapping[int, Chosen]
    drawn: Mapping[str, str]
    tally: dict[str, int]
    remarks: list[tuple[int, str]] = field(default_factory=list)
    """Beside the numbers of their rows."""
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What needs its person: by number, as it is stored."""

    def ask(self, number: int, state: str, reason: str, match: Match = matching.NEW) -> None:
        """Keep a row for its person."""
        record = self.records[number]
        book = record.told.book if record.told else None
        self.tally["failed" if state == "failed" else "doubtful"] += 1
        self.rows[number] = {
            "import_id": self.order.import_id,
            "number": number,
            "state": state,
            "line": record.line,
            "cells": dict(record.cells),
            "told": None if record.told is None or state == "failed" else TOLD.dump_python(record.told, mode="json"),
            "title": book.title[:500] if book else "",
            "author": ", ".join(book.authors)[:200] if book else "",
            "reason": reason,
            "candidates": list(match.candidates),
            "book_id": None,
            "is_new": False,
        }


@dataclass(frozen=True, slots=True)
class Came:
    """What became of the records of a step, and the rows that need their person, for `row_actions.keep_rows`."""

    counts: Counts
    remarks: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]


def puts_of(records: Sequence[Record]) -> list[Put]:
    """What these records say, for `draw_reviews`."""
    return [Put(book_id=0, told=one.told.entry, before=None, overwrite=False) for one in records if one.told]


async def put_records(db: AsyncSession, order: Order, records: Sequence[Record], drawn: Mapping[str, str]) -> Came:
    """Put records in, and say what became of them; `row_actions.keep_rows` keeps what needs its person.

    `drawn` are their reviews as `draw_reviews` drew them. May raise IntegrityError when another writer adds the same
    book meanwhile; trying again is right then.
    """
    numbers = [record.number for record in records]
    chosen = await find_choices(db, order.import_id, numbers)
    step = _Step(order, {r.number: r for r in records}, chosen, drawn, dict.fromkeys(asdict(Counts()), 0))
    step.tally["read"] = len(records)
    waiting: dict[int, RowTold] = {}
    for record in records:
        if record.told is None:
            step.ask(record.number, "failed", record.reason)
        elif record.number not in chosen or chosen[record.number].state == "chosen":
            waiting[record.number] = rules.with_options(record.told, order.options, order.source)
    while waiting:
        waiting = await _round(db, step, waiting)
    step.remarks.sort(key=itemgetter(0))
    return Came(Counts(**step.tally), tuple(text for _, text in step.remarks), tuple(step.rows.values()))


async def _round(db: AsyncSession, step: _Step, waiting: Mapping[int, RowTold]) -> dict[int, RowTold]:
    """Put in what can be put in together; returns the rows that have to wait, being about a book of this round."""
    order = step.order
    before = await find_memories(db, order.actor, order.source, [told.key for told in waiting.values()])
    marks = {number: rules.fingerprint(told) for number, told in waiting.items()}
    changed = {
        number: told
        for number, told in waiting.items()
        if order.options.overwrite or not _is_known(before.get(told.key), marks[number])
    }
    step.tally["known"] += len(waiting) - len(changed)
    matches = await find_matches(db, order.actor, order.source, changed, before)
    goes = _settle(step, changed, matches)
    books, late = _first_of_each(changed, goes)
    fresh = {number: changed[number] for number, book_id in books.items() if book_id is None}
    books |= await _make_books(db, order, fresh)
    known = {number: book_id for number, book_id in books.items() if book_id is not None}
    await put_editions(db, [one for number, book_id in known.items() for one in _editions(changed[number], book_id)])
    await _put_on_shelves(db, step, {number: changed[number] for number in known}, known, fresh, before, marks)
    return {number: changed[number] for number in late}


def _is_known(memory: Remembered | None, mark: str) -> bool:
    return memory is not None and not memory.is_deleted and memory.told.get(WHOLE) == mark


def _settle(step: _Step, rows: Mapping[int, RowTold], matches: Mapping[int, Match]) -> dict[int, int | None]:
    """The book of each row that can be put in; None for a new one. The others are kept for their person."""
    goes: dict[int, int | None] = {}
    for number, told in rows.items():
        match, said = matches[number], step.chosen.get(number)
        if said is not None and (said.is_new or said.book_id is not None):
            book_id = None if said.is_new else said.book_id
        elif not match.is_doubtful or step.order.options.doubtful == "new":
            book_id = match.book_id
        elif step.order.options.doubtful == "likeliest":
            book_id = match.candidates[0] if match.candidates else None
        else:
            step.ask(number, "doubtful", match.reason, match)
            continue
        if book_id is None and not told.book.title:
            step.ask(number, "failed", NO_TITLE.format(number="ISBN" if told.book.isbns else "number"))
        else:
            goes[number] = book_id
    return goes


def _first_of_each(
    rows: Mapping[int, RowTold], goes: Mapping[int, int | None]
) -> tuple[dict[int, int | None], list[int]]:
    """One row for each book, and those that come later because another one may be about the same."""
    first: dict[int, int | None] = {}
    late: list[int] = []
    taken: set[int] = set()
    keys: set[str] = set()
    fresh: dict[str, list[matching.Known]] = {}
    for number, book_id in goes.items():
        told = rows[number]
        if book_id in taken or told.key in keys or (book_id is None and _is_alike(told, fresh)):
            late.append(number)
            continue
        first[number] = book_id
        keys.add(told.key)
        if book_id is None:
            one = matching.known(number, told.book.title, told.book.authors, told.book.year)
            for mark in _marks(told):
                fresh.setdefault(mark, []).append(one)
        else:
            taken.add(book_id)
    return first, late


def _marks(told: RowTold) -> Iterable[str]:
    """Under what a new book is looked for among the others of its round."""
    yield from told.book.isbns
    yield from matching.title_of(told.book.title).keys
    yield from (f"by {matching.author_prefix(name)}" for name in told.book.authors[:2])


def _is_alike(told: RowTold, fresh: Mapping[str, Sequence[matching.Known]]) -> bool:
    near = {one.id: one for mark in _marks(told) for one in fresh.get(mark, ())}
    has_isbn = any(isbn in fresh for isbn in told.book.isbns)
    return has_isbn or matching.decide(told.book, list(near.values())) != matching.NEW


async def _make_books(db: AsyncSession, order: Order, fresh: Mapping[int, RowTold]) -> dict[int, int | None]:
    """Add these books to the catalogue, and answer their ids by the numbers of the rows."""
    if not fresh:
        return {}
    source = rules.source_of(order.source)
    keys = {number: _key(order, told) for number, told in fresh.items()}
    # What was deleted stays so: its key goes on to the new book.
    here = await db.execute(
        select(BookSource.key, Book.deleted_at)
        .join(Book, Book.id == BookSource.book_id)
        .where(BookSource.source == source, is_among(db, BookSource.key, keys.values()))
    )
    of_deleted: dict[str, bool] = {row.key: row.deleted_at is not None for row in here}
    if gone := [key for key, is_gone in of_deleted.items() if is_gone]:
        let_go = delete(BookSource).where(BookSource.source == source, BookSource.key.in_(gone))
        await db.execute(let_go.execution_options(synchronize_session=False))
    # A number that leads to a book of which its person says that it is another one stays with that book.
    held = of_deleted.keys() - set(gone)
    keys = {number: f"{order.import_id}/{number}" if key in held else key for number, key in keys.items()}
    records = [rules.book_record(keys[n], told.book) for n, told in fresh.items()]
    await put_books(db, order.actor, source, records, findable=not order.is_look)
    rows = await db.execute(
        select(BookSource.key, BookSource.book_id).where(
            BookSource.source == source, is_among(db, BookSource.key, keys.values())
        )
    )
    ids: dict[str, int] = dict(rows.all())
    return {number: ids[key] for number, key in keys.items()}


def _key(order: Order, told: RowTold) -> str:
    return rules.catalogue_key(order.source, order.actor.id or 0, told.key)


def _editions(told: RowTold, book_id: int) -> Iterable[EditionTold]:
    book = told.book
    for place, isbn in enumerate(book.isbns):
        facts: dict[str, Any] = {}
        if place == 0:  # the others are named without saying more
            facts = {"year": book.edition_year, "pages": book.pages, "publisher": book.publisher}
            facts |= {"language": book.language, "format": book.format}
        yield EditionTold(isbn=isbn, book_id=book_id, **facts)


async def _put_on_shelves(
    db: AsyncSession,
    step: _Step,
    rows: Mapping[int, RowTold],
    books: Mapping[int, int],
    fresh: Container[int],
    before: Mapping[str, Remembered],
    marks: Mapping[int, str],
) -> None:
    order = step.order
    puts = []
    for number, told in rows.items():
        memory = before.get(told.key)
        # What was told of another book says nothing about this one.
        same = memory is not None and memory.book_id == books[number]
        said = {name: mark for name, mark in memory.told.items() if name != WHOLE} if memory and same else None
        puts.append(
            Put(
                book_id=books[number],
                told=told.entry,
                before=said,
                overwrite=order.options.overwrite,
                is_new=number in fresh,
            )
        )
    memories = []
    for (number, told), came in zip(
        rows.items(), await put_entries(db, order.actor, puts, drawn=step.drawn), strict=True
    ):
        step.tally[came.outcome] += 1
        where = f"Line {step.records[number].line:,}, {told.book.title[:80]}"
        step.remarks += [(number, f"{where}: {text}") for text in (*told.remarks, *came.remarks)]
        memories.append(
            {
                "account_id": order.actor.id,
                "source": order.source,
                "key": told.key,
                "book_id": books[number],
                "told": dict(came.told) | {WHOLE: marks[number]},
            }
        )
    await _remember(db, memories)
    await say_put(db, order.import_id, [number for number in rows if number in step.chosen])


async def _remember(db: AsyncSession, memories: Sequence[Mapping[str, Any]]) -> None:
    if not memories:
        return
    add = upsert(db, _TABLE)
    new = {"book_id": add.excluded.book_id, "told": add.excluded.told}
    add = add.on_conflict_do_update(index_elements=["account_id", "source", "key"], set_=new)
    # As parameters and not as values of the statement: it is put together once for all steps.
    await db.execute(add, sorted(memories, key=lambda row: row["key"]))
