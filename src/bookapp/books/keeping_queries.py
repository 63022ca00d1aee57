"""Reading all that the catalogue knows of books, for whoever takes them along: one statement for any number."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.keeping_results import KeptBook, KeptEdition
from bookapp.books.models import Author, Book, BookSource, BookSubject, Contribution, Edition, Series, Subject
from bookapp.books.rules import LARGEST_KEY
from bookapp.core.sql import AnyRow, rows_as_json

OURS = "bookapp"
"""The source under which another place of this kind is remembered."""
_AUTHORS = rows_as_json(
    select(Author.name)
    .join(Contribution, Contribution.author_id == Author.id)
    .where(Contribution.book_id == Book.id)
    .order_by(Contribution.position)
    .correlate(Book)
)
_SUBJECTS = rows_as_json(
    select(Subject.name, BookSubject.weight)
    .join(BookSubject, BookSubject.subject_id == Subject.id)
    .where(BookSubject.book_id == Book.id)
    .order_by(BookSubject.weight.desc(), Subject.name_key)
    .correlate(Book)
)
_EDITIONS = rows_as_json(
    select(Edition.isbn, Edition.publisher, Edition.year, Edition.language, Edition.pages, Edition.format)
    .where(Edition.book_id == Book.id)
    .order_by(Edition.isbn)
    .correlate(Book)
)
_SOURCES = rows_as_json(
    select(BookSource.source, BookSource.key)
    .where(BookSource.book_id == Book.id)
    .order_by(BookSource.source, BookSource.key)
    .correlate(Book)
)


async def list_kept(db: AsyncSession, ids: Iterable[int]) -> dict[int, KeptBook]:
    """These books by their ids, in the order of the ids; deleted ones as well, since shelves keep them."""
    rows = await db.execute(
        select(
            *(Book.id, Book.title, Book.year, Book.language, Book.pages, Book.isbn, Book.description),
            *(Book.series_position, Book.world_average, Book.world_count, Book.rating_average, Book.cover),
            *(Book.random_key, Series.name.label("series")),
            _AUTHORS.label("authors"),
            _SUBJECTS.label("subjects"),
            _EDITIONS.label("editions"),
            _SOURCES.label("sources"),
        )
        .outerjoin(Series, Series.id == Book.series_id)
        .where(Book.id.in_(list(ids)))
        .order_by(Book.id)
    )
    return {row.id: _kept(row) for row in rows}


async def find_written_here(db: AsyncSession, keys: Iterable[str], *, or_deleted: bool = False) -> dict[str, int]:
    """Which of these keys are those of books that were written down in this very place, and of which."""
    numbers = {number: key for key in keys if (number := _number(key)) is not None}
    wanted = select(Book.random_key, Book.id).where(Book.random_key.in_(numbers))
    rows = await db.execute(wanted if or_deleted else wanted.where(Book.deleted_at.is_(None)))
    return {numbers[row.random_key]: row.id for row in rows}


def _number(key: str) -> int | None:
    try:
        number = int(key, 16)
    except ValueError:
        return None
    return number if f"{number:x}" == key and number < LARGEST_KEY else None


def _kept(row: AnyRow) -> KeptBook:
    sources = [(source, key) for source, key in row.sources]
    ours = next((key for source, key in sources if source == OURS), None)
    return KeptBook(
        id=row.id,
        key=ours or f"{row.random_key:x}",
        title=row.title,
        authors=tuple(name for (name,) in row.authors),
        year=row.year,
        language=row.language,
        pages=row.pages,
        isbn=row.isbn,
        description=row.description,
        subjects=tuple((name, weight) for name, weight in row.subjects),
        series=row.series,
        series_position=row.series_position,
        rating_average=row.world_average,
        rating_count=row.world_count,
        average=row.rating_average,
        cover=row.cover,
        editions=tuple(KeptEdition(f"{isbn:013d}", *facts) for isbn, *facts in row.editions),
        sources=tuple(pair for pair in sources if pair[0] != OURS),
    )
