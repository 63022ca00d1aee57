"""Putting a catalogue back: a book that is here is found again, whatever brought it, and gets what it lacks."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, cast

from sqlalchemy import Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.bulk import BookRecord, BulkCounts, put_books
from bookapp.books.edition_actions import EditionTold, put_editions
from bookapp.books.edition_queries import find_by_isbns
from bookapp.books.keeping_queries import OURS, find_written_here
from bookapp.books.models import Author, Book, BookSource
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.sql import upsert
from bookapp.core.text import name_key, sort_key
from bookapp.transfer.actions import PAUSE, insist
from bookapp.transfer.catalogue_lines import Line
from bookapp.transfer.goodbooks import Problem

STEP = 500
MOST_TOLD = 10_000
TAKEN = "Another book has this ISBN already; the book was kept without it."


@dataclass(slots=True)
class Run:
    """What one file's lines have in common."""

    last: int
    """The last book that was here before: of two lines with the same names, the second is not the first again."""
    named: set[int] = field(default_factory=set)
    """The books that were found by their names: each is one line's."""


async def put_catalogue(
    db: Database, actor: Actor, lines: Iterable[Line | Problem], told: Callable[[int], None]
) -> tuple[BulkCounts, list[Problem]]:
    """Put the lines of a file in, telling after each step how many are done; what is done stays when it is interrupted.

    Returns what became of them, and what could not be read, up to MOST_TOLD. Raises Busy.
    """
    counts = BulkCounts()
    problems: list[Problem] = []
    run = await insist(db, begin)
    for some in _steps(lines, problems):
        came = await insist(db, partial(put_lines, actor=actor, run=run, lines=some))
        counts += came
        told(len(some))
        taken = frozenset(came.isbn_taken)
        problems += [
            Problem(line.file, line.number, line.record.title, TAKEN) for line in some if line.record.key in taken
        ]
        await asyncio.sleep(PAUSE)
    return counts, problems


def _steps(lines: Iterable[Line | Problem], problems: list[Problem]) -> Iterator[list[Line]]:
    """The lines that could be read, some hundred at a time; `problems` gets the others, as many as it may hold."""
    step: list[Line] = []
    for line in lines:
        if isinstance(line, Problem):
            if len(problems) < MOST_TOLD:
                problems.append(line)
            continue
        step.append(line)
        if len(step) == STEP:
            yield step
            step = []
    if step:
        yield step


async def begin(db: AsyncSession) -> Run:
    """Remember what is here before the first line."""
    return Run(await db.scalar(select(func.max(Book.id))) or 0)


async def put_lines(db: AsyncSession, actor: Actor, run: Run, lines: Sequence[Line]) -> BulkCounts:
    """Bring the catalogue up to what these lines tell, at most some hundred of them; repeating changes nothing.

    May raise IntegrityError when another writer put in the same meanwhile; trying again is right then.
    """
    distinct = list({line.record.key: line for line in lines}.values())
    known = await _find_ours(db, [line.record.key for line in distinct])
    strange = [line for line in distinct if line.record.key not in known]
    if strange:
        found = await _find_again(db, run, strange, set(known.values()))
        await _remember(db, [(OURS, key, book_id) for key, book_id in found.items()])
    counts = await put_books(db, actor, OURS, [line.record for line in distinct])
    ids = await _find_ours(db, [line.record.key for line in distinct])
    sources = [(*pair, ids[line.record.key]) for line in distinct for pair in line.sources]
    await _remember(db, [row for row in sources if row[0] != OURS])
    facts = ((ids[line.record.key], asdict(one)) for line in distinct for one in line.editions)
    await put_editions(db, [EditionTold(book_id=book_id, **told) for book_id, told in facts])
    return counts + BulkCounts(known=len(lines) - len(distinct))


async def _find_ours(db: AsyncSession, keys: Sequence[str]) -> dict[str, int]:
    rows = await db.execute(
        select(BookSource.key, BookSource.book_id).where(BookSource.source == OURS, BookSource.key.in_(keys))
    )
    return {row.key: row.book_id for row in rows}


async def _find_again(db: AsyncSession, run: Run, lines: Sequence[Line], taken: set[int]) -> dict[str, int]:
    """The books that are here without being known by these keys: each for one line at most."""
    by_number = await find_written_here(db, [line.record.key for line in lines], or_deleted=True)
    by_source = await _by_sources(db, lines)
    by_isbn = await find_by_isbns(db, [line.record.isbn for line in lines if line.record.isbn])
    by_names = await _by_names(db, run, lines)
    found: dict[str, int] = {}
    for line in lines:
        record = line.record
        sure = (
            by_number.get(record.key),
            *(by_source.get(pair) for pair in line.sources),
            by_isbn.get(record.isbn or ""),
        )
        book_id = next((one for one in sure if one is not None and one not in taken), None)
        if book_id is None:
            book_id = _named(by_names.get((sort_key(record.title), name_key(record.authors[0])), ()), record)
            if book_id is None or book_id in taken or book_id in run.named:
                continue
            run.named.add(book_id)
        taken.add(book_id)
        found[record.key] = book_id
    return found


def _named(books: Sequence[tuple[int, str | None]], record: BookRecord) -> int | None:
    """The one book of these names, unless its ISBN says that it is another one. Of two, nobody knows which."""
    if len(books) != 1:
        return None
    book_id, isbn = books[0]
    return None if isbn and record.isbn and isbn != record.isbn else book_id


async def _by_sources(db: AsyncSession, lines: Sequence[Line]) -> dict[tuple[str, str], int]:
    keys: dict[str, list[str]] = {}
    for line in lines:
        for source, key in line.sources:
            keys.setdefault(source, []).append(key)
    if not keys:
        return {}
    wanted = [and_(BookSource.source == source, BookSource.key.in_(some)) for source, some in sorted(keys.items())]
    rows = await db.execute(select(BookSource.source, BookSource.key, BookSource.book_id).where(or_(*wanted)))
    return {(row.source, row.key): row.book_id for row in rows}


async def _by_names(
    db: AsyncSession, run: Run, lines: Sequence[Line]
) -> dict[tuple[str, str], list[tuple[int, str | None]]]:
    """Books that were here before, by title and first author."""
    titles = {sort_key(line.record.title) for line in lines}
    rows = await db.execute(
        select(Book.id, Book.isbn, Book.title_sort, Author.name_key)
        .join(Author, Author.id == Book.author_id)
        .where(Book.title_sort.in_(titles), Book.deleted_at.is_(None), Book.id <= run.last)
    )
    found: dict[tuple[str, str], list[tuple[int, str | None]]] = {}
    for row in rows:
        found.setdefault((row.title_sort, row.name_key), []).append((row.id, row.isbn))
    return found


async def _remember(db: AsyncSession, rows: Iterable[tuple[str, str, int]]) -> None:
    """Note under which keys the books are known elsewhere; a key that leads to a book stays with it."""
    distinct: Mapping[tuple[str, str], int] = {(source, key): book_id for source, key, book_id in rows}
    # In order, as everybody writes them: two transactions that meet wait for each other and never in a circle.
    values: list[dict[str, Any]] = [
        {"source": source, "key": key, "book_id": book_id} for (source, key), book_id in sorted(distinct.items())
    ]
    if values:
        add = upsert(db, cast(Table, BookSource.__table__))
        await db.execute(add.on_conflict_do_nothing(index_elements=["source", "key"]), values)
