"""Counts that are kept with every change: how many books an author, a subject, a decade or a language has."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.models import Author, FacetCount, Subject

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


async def add_to_counts(db: AsyncSession, kind: type[Author] | type[Subject], changes: Mapping[int, int]) -> None:
    """Move the book counts of authors or subjects, by id.

    By a difference and not by counting: a count would not see the book that another transaction is just adding.
    """
    # In the order of their ids, so that two transactions on PostgreSQL never wait for each other crosswise.
    for key, change in sorted(changes.items()):
        if change:
            await db.execute(update(kind).where(kind.id == key).values(book_count=kind.book_count + change))


def difference(before: Iterable[T], after: Iterable[T]) -> Counter[T]:
    """What became more and what became less."""
    changes = Counter(after)
    changes.subtract(Counter(before))
    return changes


async def add_to_facets(db: AsyncSession, changes: Mapping[Facet, int]) -> None:
    """Move the counts of decades, languages and of the whole by what `changes` says."""
    rows = [
        {"kind": kind, "value": value, "book_count": change}
        for (kind, value), change in sorted(changes.items())
        if change
    ]
    if not rows:
        return
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(FacetCount).values(rows)
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "value"], set_={"book_count": FacetCount.book_count + statement.excluded.book_count}
        )
    )
