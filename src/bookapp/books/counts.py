"""Counts that are kept with every change: how many books an author, a subject, a decade or a language has."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar, cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.models import Author, FacetCount, Subject
from bookapp.core.sql import upsert

Facet = tuple[str, str]
EVERYTHING: Facet = ("all", "")
T = TypeVar("T", bound=Hashable)


def facets_of(year: int | None, language: str | None) -> set[Facet]:
    """The facets that a book with this year and language counts in."""
    found = {EVERYTHING}
    if year is not None:
        found.add(("decade", str(rules.decade_of(year))))
    if language is not None:
        found.add(("language", language))
    return found


async def move(
    db: AsyncSession, authors: Mapping[int, int], subjects: Mapping[int, int], facets: Mapping[Facet, int]
) -> None:
    """Move the counts of books by what became more and less: of authors and subjects by id, and of facets.

    By a difference and not by counting: a count would not see the book that another transaction is just adding.
    """
    await _move_kept(db, Author, authors)
    await _move_kept(db, Subject, subjects)
    await _move_facets(db, facets)


async def _move_kept(db: AsyncSession, kind: type[Author] | type[Subject], changes: Mapping[int, int]) -> None:
    # In the order of their ids, so that two transactions on PostgreSQL never wait for each other crosswise.
    rows = [{"the_id": key, "more": change} for key, change in sorted(changes.items()) if change]
    if rows:
        # On the table, not on the model: it goes to the driver as one executemany, without the unit of work.
        table = cast(Table, kind.__table__)
        statement = update(table).where(table.c.id == bindparam("the_id"))
        await db.execute(statement.values(book_count=table.c.book_count + bindparam("more")), rows)


def difference(before: Iterable[T], after: Iterable[T]) -> Counter[T]:
    """What became more and what became less."""
    changes = Counter(after)
    changes.subtract(Counter(before))
    return changes


async def _move_facets(db: AsyncSession, changes: Mapping[Facet, int]) -> None:
    rows = [
        {"kind": kind, "value": value, "book_count": change}
        for (kind, value), change in sorted(changes.items())
        if change
    ]
    if not rows:
        return
    statement = upsert(db, FacetCount).values(rows)
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "value"], set_={"book_count": FacetCount.book_count + statement.excluded.book_count}
        )
    )
