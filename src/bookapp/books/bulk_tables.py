"""The statements with which `bulk` writes: each writes a whole batch.

Rows that others may write too are inserted and updated in the order of their keys, so that two writers on
PostgreSQL wait for each other instead of locking each other out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import counts
from bookapp.books.bulk_stored import Facts, key_of
from bookapp.books.models import Author, Book, BookChange, BookSource, BookSubject, Contribution, Series, Subject
from bookapp.books.names import Named, ids_by_name
from bookapp.core.db import Model
from bookapp.core.sql import insert_rows

_NAMES = 2000
"""Names in one statement, which has five parameters for each."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Where the names of a batch are stored."""

    authors: Mapping[str, int]
    all_series: Mapping[str, int]
    subjects: Mapping[str, int]

    def author(self, name: str) -> int:
        """The id of an author."""
        return self.authors[key_of(name)]

    def series(self, name: str) -> int:
        """The id of a series."""
        return self.all_series[key_of(name)]

    def subject(self, name: str) -> int:
        """The id of a subject."""
        return self.subjects[key_of(name)]


def _table(model: type[Model]) -> Table:
    # Statements on the table, not on the model: they go to the driver as one executemany, without the unit of work.
    return cast(Table, model.__table__)


async def find_or_make_names(db: AsyncSession, all_facts: Iterable[Facts]) -> Ids:
    """The authors, series and subjects that are named, made where there are none yet."""
    authors: dict[str, str] = {}
    series: dict[str, str] = {}
    subjects: dict[str, str] = {}
    for facts in all_facts:
        for name in facts.authors:
            authors.setdefault(key_of(name), name)
        for name, _weight in facts.subjects:
            subjects.setdefault(key_of(name), name)
        if facts.series is not None:
            series.setdefault(key_of(facts.series), facts.series)
    return Ids(await _ids(db, Author, authors), await _ids(db, Series, series), await _ids(db, Subject, subjects))


async def _ids(db: AsyncSession, kind: Named, names: Mapping[str, str]) -> dict[str, int]:
    # In order over all parts, for the reason that is told above.
    ordered = [names[key] for key in sorted(names)]
    ids: dict[str, int] = {}
    for start in range(0, len(ordered), _NAMES):
        ids |= await ids_by_name(db, kind, ordered[start : start + _NAMES])
    return ids


async def insert_books(db: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Make the books, numbered in the order of `rows`, and answer their ids."""
    # The numbers come first: RETURNING in the order of the rows would be one statement for each row on SQLite.
    ids = await _next_ids(db, len(rows)) if rows else []
    await _insert(db, Book, [{**row, "id": book_id} for row, book_id in zip(rows, ids, strict=True)])
    return ids


async def _next_ids(db: AsyncSession, count: int) -> list[int]:
    if db.get_bind().dialect.name == "sqlite":
        # Nobody else inserts meanwhile: this transaction holds the only write lock.
        last = await db.scalar(select(func.max(Book.id))) or 0
        return list(range(last + 1, last + 1 + count))
    series = func.generate_series(1, count).table_valued()
    return sorted(await db.scalars(select(func.nextval(func.pg_get_serial_sequence("book", "id"))).select_from(series)))


async def insert_sources(db: AsyncSession, source: str, books: Mapping[str, int]) -> None:
    """Remember under which keys the source knows the books."""
    await _insert(db, BookSource, [{"source": source, "key": key, "book_id": book} for key, book in books.items()])


async def insert_history(db: AsyncSession, lines: Sequence[Mapping[str, Any]]) -> None:
    """Write lines into the histories of books."""
    await _insert(db, BookChange, lines)


async def _insert(db: AsyncSession, model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    await insert_rows(db, _table(model), rows)


async def update_books(db: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the columns that `rows` name; each has the book's `id`."""
    if rows:
        table = _table(Book)
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "id"}
        statement = update(table).where(table.c.id == bindparam("book_id")).values(values)
        ordered = sorted(rows, key=lambda row: row["id"])
        await db.execute(statement, [{**row, "book_id": row["id"]} for row in ordered])


async def unlink(db: AsyncSession, *, authors: Sequence[int], subjects: Sequence[int]) -> None:
    """Take the books in `authors` from their authors, and those in `subjects` from their subjects."""
    if authors:
        await db.execute(delete(_table(Contribution)).where(Contribution.book_id.in_(authors)))
    if subjects:
        await db.execute(delete(_table(BookSubject)).where(BookSubject.book_id.in_(subjects)))


async def link_authors(db: AsyncSession, books: Mapping[int, Facts], ids: Ids) -> None:
    """Give the books their authors, in the order of the author line."""
    rows = [
        {"book_id": book_id, "author_id": ids.author(name), "position": position}
        for book_id, facts in books.items()
        for position, name in enumerate(facts.authors)
    ]
    await _insert(db, Contribution, rows)


async def link_subjects(db: AsyncSession, books: Mapping[int, Facts], ids: Ids) -> None:
    """Give the books their subjects."""
    rows = [
        {"book_id": book_id, "subject_id": ids.subject(name), "weight": weight}
        for book_id, facts in books.items()
        for name, weight in facts.subjects
    ]
    await _insert(db, BookSubject, rows)


async def move_counts(db: AsyncSession, ids: Ids, gone: Iterable[Facts], come: Iterable[Facts]) -> None:
    """Count the books of authors, subjects, decades and languages: `gone` is how they were, `come` how they are."""
    authors: Counter[int] = Counter()
    subjects: Counter[int] = Counter()
    facets: Counter[counts.Facet] = Counter()
    for sign, all_facts in ((-1, gone), (1, come)):
        for facts in all_facts:
            for name in facts.authors:
                authors[ids.author(name)] += sign
            for name, _weight in facts.subjects:
                subjects[ids.subject(name)] += sign
            for facet in counts.facets_of(facts.year, facts.language):
                facets[facet] += sign
    await counts.move(db, authors, subjects, facets)
