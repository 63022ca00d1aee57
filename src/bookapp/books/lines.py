"""How a book in a list is read: one statement brings books with their authors, subjects and series."""

from functools import cache
from typing import Any

from sqlalchemy import select

from bookapp.books import rules
from bookapp.books.models import Author, Book, BookSubject, Contribution, Series, Subject
from bookapp.books.results import AuthorName, BookLine, Rating, SeriesPlace
from bookapp.core.sql import AnyRow, AnySelect, rows_as_json

SUBJECTS_SHOWN = 12

_AUTHORS = rows_as_json(
    select(Author.id, Author.name)
    .join(Contribution, Contribution.author_id == Author.id)
    .where(Contribution.book_id == Book.id)
    .order_by(Contribution.position)
    .correlate(Book)
)
_SUBJECTS = rows_as_json(
    select(Subject.name)
    .join(BookSubject, BookSubject.subject_id == Subject.id)
    .where(BookSubject.book_id == Book.id)
    .order_by(BookSubject.weight.desc(), Subject.name)
    .limit(SUBJECTS_SHOWN)
    .correlate(Book)
)


@cache
def lines() -> AnySelect:
    """The columns of a book line, for books that are not deleted."""
    # Made once: putting it together costs more than SQLite needs to answer it.
    return (
        select(
            Book.id,
            Book.title,
            Book.year,
            Book.language,
            Book.pages,
            Book.isbn,
            Book.series_id,
            Series.name.label("series_name"),
            Book.series_position,
            Book.rating_average,
            Book.rating_count,
            Book.cover,
            Book.created_by,
            Book.version,
            _AUTHORS.label("authors"),
            _SUBJECTS.label("subjects"),
        )
        .outerjoin(Series, Series.id == Book.series_id)
        .where(Book.deleted_at.is_(None))
    )


def facts_of(row: AnyRow) -> dict[str, Any]:
    """The fields of a BookLine, out of a row of `lines()`."""
    authors = tuple(AuthorName(*author) for author in row.authors)
    series = SeriesPlace(row.series_id, row.series_name, row.series_position) if row.series_id else None
    return {
        "id": row.id,
        "title": row.title,
        "author": authors[0],
        "authors": authors,
        "year": row.year,
        "language": row.language,
        "pages": row.pages,
        "isbn": row.isbn,
        "subjects": tuple(name for (name,) in row.subjects),
        "series": series,
        "rating": Rating(row.rating_average, row.rating_count),
        "cover_url": rules.cover_url(row.id, row.cover),
        "cover_drawn": row.cover is None,
        "created_by": row.created_by,
        "url": rules.book_url(row.id),
        "version": row.version,
    }


def line_of(row: AnyRow) -> BookLine:
    """A BookLine out of a row of `lines()`."""
    return BookLine(**facts_of(row))
