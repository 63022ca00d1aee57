"""The tables of the catalogue."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, SortKey, UtcDateTime

UNKNOWN_YEAR = -32768
"""Stored in `year_sort` when the year is unknown, so that a keyset never meets a NULL."""


class Author(Model):
    """A person, or a body, that books are by."""

    __tablename__ = "author"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(250), unique=True)
    sort_key: Mapped[SortKey]
    """Folded, surname first: the order of the list."""
    written_key: Mapped[SortKey] = mapped_column(index=True)
    """Folded, in the order it is written: found by the first name, too."""
    book_count: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        Index("ix_author_sort_key_id", "sort_key", "id"),
        Index("ix_author_book_count_id", "book_count", "id"),
    )


class Series(Model):
    """A row of books that belong together."""

    __tablename__ = "series"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(250), unique=True)


class Subject(Model):
    """What books are about, as readers call it."""

    __tablename__ = "subject"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(250), unique=True)
    book_count: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (Index("ix_subject_book_count_id", "book_count", "id"),)


class Book(Model):
    """A work, with the facts of its main edition."""

    __tablename__ = "book"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(500))
    title_sort: Mapped[SortKey]
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("author.id"))
    author_sort: Mapped[SortKey]
    year: Mapped[int | None] = mapped_column(SmallInteger)
    year_sort: Mapped[int] = mapped_column(SmallInteger, default=UNKNOWN_YEAR)
    language: Mapped[str | None] = mapped_column(String(8))
    pages: Mapped[int | None] = mapped_column(Integer)
    isbn: Mapped[str | None] = mapped_column(String(13))
    description: Mapped[str | None] = mapped_column(Text)
    series_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("series.id"))
    series_position: Mapped[str | None] = mapped_column(String(20))
    series_sort: Mapped[float] = mapped_column(Float, default=0.0)
    rating_average: Mapped[float | None] = mapped_column(Float)
    rating_count: Mapped[int] = mapped_column(Integer, default=0)
    """Of the wide world and of the readers here together (`rules.together`)."""
    world_average: Mapped[float | None] = mapped_column(Float)
    world_count: Mapped[int] = mapped_column(Integer, default=0)
    """What an import brought."""
    here_quarters: Mapped[int] = mapped_column(Integer, default=0)
    here_count: Mapped[int] = mapped_column(Integer, default=0)
    """The ratings of readers here that everyone may see: their sum in quarter stars, and how many."""
    score: Mapped[float] = mapped_column(Float, default=0.0)
    """Average rating, drawn towards the middle while few have rated (`rules.score`)."""
    cover: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the uploaded cover, which is also its file name."""
    random_key: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(40))
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_HERE = Book.deleted_at.is_(None)


def _index(name: str, *columns: Any, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=_HERE, postgresql_where=_HERE)


_index("ix_book_here_id", Book.id)
_index("ix_book_title_sort_id", Book.title_sort, Book.id)
_index("ix_book_author_sort_id", Book.author_sort, Book.id)
_index("ix_book_year_sort_id", Book.year_sort, Book.id)
_index("ix_book_score_id", Book.score, Book.id)
_index("ix_book_rating_count_id", Book.rating_count, Book.id)
_index("ix_book_language_id", Book.language, Book.id)
_index("ix_book_series_id_series_sort", Book.series_id, Book.series_sort)
_index("ix_book_random_key", Book.random_key)
_index("uq_book_isbn", Book.isbn, unique=True)


class Contribution(Model):
    """That an author made a book, and in which place of the author line."""

    __tablename__ = "contribution"
    book_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("author.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)

    __table_args__ = (Index("ix_contribution_author_id_book_id", "author_id", "book_id"),)


class BookSubject(Model):
    """That a book is about a subject; `weight` orders the subjects of one book, the heaviest first."""

    __tablename__ = "book_subject"
    book_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("subject.id"), primary_key=True)
    weight: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (Index("ix_book_subject_subject_id_book_id", "subject_id", "book_id"),)


class BookSource(Model):
    """Under which key another catalogue knows a book: makes imports repeatable."""

    __tablename__ = "book_source"
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    book_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="CASCADE"), index=True)


class Edition(Model):
    """An ISBN under which a book was published, besides or like the one of its main edition."""

    __tablename__ = "edition"
    isbn: Mapped[BigKey] = mapped_column(primary_key=True, autoincrement=False)
    """The thirteen digits as a number: three million of them are small that way."""
    book_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="CASCADE"), index=True)
    publisher: Mapped[str | None] = mapped_column(String(200))
    year: Mapped[int | None] = mapped_column(SmallInteger)
    language: Mapped[str | None] = mapped_column(String(8))
    pages: Mapped[int | None] = mapped_column(Integer)
    format: Mapped[str | None] = mapped_column(String(40))
    """As its publisher calls it: Paperback, Audio CD."""


_SOMEBODY = text("actor_id IS NOT NULL")


class BookChange(Model):
    """One change of a book: who, when, what. Never updated, never deleted with the book."""

    __tablename__ = "book_change"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    fields: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)
    """Field name to [before, after], both as JSON values."""

    __table_args__ = (
        CheckConstraint("what IN ('added', 'edited', 'deleted', 'restored', 'cover', 'imported')", name="what_known"),
        Index("ix_book_change_book_id_id", "book_id", "id"),
        # Most rows of a large catalogue are imported, by nobody.
        Index("ix_book_change_actor_id_id", "actor_id", "id", sqlite_where=_SOMEBODY, postgresql_where=_SOMEBODY),
    )


class FacetCount(Model):
    """How many books a decade or a language has; kept with every change, since counting a million rows is slow."""

    __tablename__ = "facet_count"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(12), primary_key=True)
    book_count: Mapped[int] = mapped_column(Integer, default=0)


class Merge(Model):
    """That two authors or two books became one, with everything that is needed to make them two again."""

    __tablename__ = "merge"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    from_id: Mapped[int] = mapped_column(BigInteger)
    from_name: Mapped[str] = mapped_column(String(500))
    into_id: Mapped[int] = mapped_column(BigInteger)
    into_name: Mapped[str] = mapped_column(String(500))
    kept: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What to bring back."""
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(40))
    remarks: Mapped[list[str]] = mapped_column(JSON, default=list)
    """What could not be brought back, as sentences."""

    __table_args__ = (
        CheckConstraint("kind IN ('author', 'book')", name="kind_known"),
        Index("ix_merge_kind_from_id", "kind", "from_id"),
    )
