"""The tables of a person and their books.

`seen_by` is always the effective visibility (`circles.visibility`), so that every query has one plain condition;
`visibility` beside it is what the person chose for this one thing, NULL for what its shelf says.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


def _of(table: str, *, primary_key: bool = False) -> Any:
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=primary_key)


class Reader(Model):
    """How a person wants to be seen as a reader; no row means that nothing was chosen yet."""

    __tablename__ = "reader"
    account_id: Mapped[int] = _of("account", primary_key=True)
    visibility: Mapped[int] = mapped_column(SmallInteger, default=1)
    """For whatever has no choice of its own: members."""
    want: Mapped[int | None] = mapped_column(SmallInteger)
    reading: Mapped[int | None] = mapped_column(SmallInteger)
    read: Mapped[int | None] = mapped_column(SmallInteger)
    stopped: Mapped[int | None] = mapped_column(SmallInteger)
    """The visibility of each of the four shelves; NULL for `visibility`."""
    is_counted: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether their ratings may help to compute recommendations for others."""


class Entry(Model):
    """That a person has to do with a book: on one of the four shelves, rated, noted, owned."""

    __tablename__ = "entry"
    account_id: Mapped[int] = _of("account", primary_key=True)
    book_id: Mapped[int] = _of("book", primary_key=True)
    state: Mapped[str | None] = mapped_column(String(10))
    """want, reading, read, stopped; NULL when it stands on own shelves only."""
    quarters: Mapped[int | None] = mapped_column(SmallInteger)
    """The rating in quarter stars, 1 to 20."""
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    visibility: Mapped[int | None] = mapped_column(SmallInteger)
    seen_by: Mapped[int] = mapped_column(SmallInteger)
    is_owned: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str | None] = mapped_column(Text)
    """Seen by the person alone, whatever the visibility."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it came onto the shelf on which it stands."""
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        CheckConstraint("state IN ('want', 'reading', 'read', 'stopped')", name="state_known"),
        CheckConstraint("quarters BETWEEN 1 AND 20", name="quarters_in_range"),
        Index("ix_entry_book_id_account_id", "book_id", "account_id"),
        Index("ix_entry_account_id_state_state_at_book_id", "account_id", "state", "state_at", "book_id"),
    )


class Detail(Model):
    """What a person says of a book beyond that: how it felt, what to be warned of, which copy is theirs.

    Seen as the entry is, but for `more`, which is for the person alone. It hangs on the entry: never without one.
    """

    __tablename__ = "detail"
    account_id: Mapped[int] = _of("account", primary_key=True)
    book_id: Mapped[int] = _of("book", primary_key=True)
    moods: Mapped[list[str]] = mapped_column(JSON, default=list)
    pace: Mapped[str | None] = mapped_column(String(10))
    """slow, medium, fast."""
    traits: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """drive: character, plot, mix; development, loveable, diverse, flawed: yes, no, complicated."""
    warnings: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """Pairs of how much (graphic, moderate, minor, or nothing) and of what."""
    warning_note: Mapped[str | None] = mapped_column(Text)
    format: Mapped[str | None] = mapped_column(String(40))
    """paperback, hardcover, digital, audio, or in the person's words."""
    copies: Mapped[int | None] = mapped_column(SmallInteger)
    """How many are theirs, where they counted them."""
    is_favorite: Mapped[bool] = mapped_column(Boolean, default=False)
    more: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Whatever else a file told, by the name of its column: nothing that was brought along is lost."""

    __table_args__ = (
        CheckConstraint("pace IN ('slow', 'medium', 'fast')", name="pace_known"),
        Index("ix_detail_book_id", "book_id"),
    )


class Shelf(Model):
    """A shelf of a person's own, beside the four that everybody has."""

    __tablename__ = "shelf"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of("account")
    name: Mapped[str] = mapped_column(String(60))
    slug: Mapped[str] = mapped_column(String(80))
    """Its place in an address, made from the name; never one of the four."""
    about: Mapped[str | None] = mapped_column(Text)
    visibility: Mapped[int | None] = mapped_column(SmallInteger)
    seen_by: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (UniqueConstraint("account_id", "slug", name="uq_shelf_account_id_slug"),)


class ShelfBook(Model):
    """That a book stands on a shelf of somebody's own. It is seen by whom both the shelf and the entry let see."""

    __tablename__ = "shelf_book"
    shelf_id: Mapped[int] = _of("shelf", primary_key=True)
    book_id: Mapped[int] = _of("book", primary_key=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_shelf_book_book_id", "book_id"),)


class EntryTag(Model):
    """A word by which a person finds a book again; seen as the entry is."""

    __tablename__ = "entry_tag"
    account_id: Mapped[int] = _of("account", primary_key=True)
    book_id: Mapped[int] = _of("book", primary_key=True)
    name_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))

    __table_args__ = (
        Index("ix_entry_tag_account_id_name_key", "account_id", "name_key"),
        Index("ix_entry_tag_book_id", "book_id"),
    )


class Review(Model):
    """What a person says about a book to others."""

    __tablename__ = "review"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of("account")
    book_id: Mapped[int] = _of("book")
    text: Mapped[str] = mapped_column(Text)
    """As it was typed: Markdown."""
    html: Mapped[str] = mapped_column(Text)
    """Drawn and sanitised once, when it was written."""
    is_spoiler: Mapped[bool] = mapped_column(Boolean, default=False)
    visibility: Mapped[int | None] = mapped_column(SmallInteger)
    seen_by: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        UniqueConstraint("account_id", "book_id", name="uq_review_account_id_book_id"),
        Index("ix_review_book_id_id", "book_id", "id"),
        Index("ix_review_seen_by_id", "seen_by", "id"),
    )


class Reading(Model):
    """One time that a person read a book; seen as the entry is. A date may be a year or a month only."""

    __tablename__ = "reading"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of("account")
    book_id: Mapped[int] = _of("book")
    started_on: Mapped[date | None] = mapped_column(Date)
    """The first day that it may have been."""
    started_as: Mapped[str | None] = mapped_column(String(5))
    """How exactly that is known: day, month or year."""
    finished_on: Mapped[date | None] = mapped_column(Date)
    """The first day that it may have been: that of a month or a year."""
    finished_as: Mapped[str | None] = mapped_column(String(5))
    outcome: Mapped[str] = mapped_column(String(10))
    """reading, finished or stopped."""
    page: Mapped[int | None] = mapped_column(Integer)
    percent: Mapped[int | None] = mapped_column(SmallInteger)
    progressed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    """Seen by the person alone."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        CheckConstraint("outcome IN ('reading', 'finished', 'stopped')", name="outcome_known"),
        CheckConstraint("started_as IN ('day', 'month', 'year')", name="started_as_known"),
        CheckConstraint("finished_as IN ('day', 'month', 'year')", name="finished_as_known"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_range"),
        Index("ix_reading_account_id_book_id", "account_id", "book_id"),
        Index("ix_reading_account_id_finished_on", "account_id", "finished_on"),
        Index("ix_reading_book_id", "book_id"),
    )


class Quote(Model):
    """A passage that a person copied out of a book."""

    __tablename__ = "quote"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of("account")
    book_id: Mapped[int] = _of("book")
    text: Mapped[str] = mapped_column(Text)
    page: Mapped[int | None] = mapped_column(Integer)
    visibility: Mapped[int | None] = mapped_column(SmallInteger)
    seen_by: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        Index("ix_quote_account_id_book_id", "account_id", "book_id"),
        Index("ix_quote_book_id_id", "book_id", "id"),
    )


RATED = text("quarters IS NOT NULL")
Index("ix_entry_rated", Entry.book_id, Entry.quarters, sqlite_where=RATED, postgresql_where=RATED)
Index(
    "ix_entry_account_id_quarters_rated_at_book_id",
    *(Entry.account_id, Entry.quarters, Entry.rated_at, Entry.book_id),
    sqlite_where=RATED,
    postgresql_where=RATED,
)
