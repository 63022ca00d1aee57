"""Counts that are kept with every change: how many books an author, a subject, a decade or a language has."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.finding import HERE
from bookapp.books.models import Author, Book, BookSubject, Contribution, FacetCount, Subject

Facet = tuple[str, str]
EVERYTHING: Facet = ("all", "")


def facets_of(year: int | None, language: str | None) -> set[Facet]:
    """The facets that a book with this year and language counts in."""
    found = {EVERYTHING}
    if year is not None:
        found.add(("decade", str(rules.decade_of(year))))
    if language is not None:
        found.add(("language", language))
    return found


async def recount_authors(db: AsyncSession, ids: Iterable[int]) -> None:
    """Count the books of these authors anew."""
    # In the order of their ids, so that two transactions on PostgreSQL never wait for each other crosswise.
    for author_id in sorted(set(ids)):
        count = (
            select(func.count())
            .select_from(Contribution)
            .join(Book, Book.id == Contribution.book_id)
            .where(Contribution.author_id == author_id, HERE)
            .scalar_subquery()
        )
        await db.execute(update(Author).where(Author.id == author_id).values(book_count=count))


async def recount_subjects(db: AsyncSession, ids: Iterable[int]) -> None:
    """Count the books of these subjects anew."""
    for subject_id in sorted(set(ids)):
        count = (
            select(func.count())
            .select_from(BookSubject)
            .join(Book, Book.id == BookSubject.book_id)
            .where(BookSubject.subject_id == subject_id, HERE)
            .scalar_subquery()
        )
        await db.execute(update(Subject).where(Subject.id == subject_id).values(book_count=count))


async def add_to_facets(db: AsyncSession, changes: Counter[Facet]) -> None:
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
