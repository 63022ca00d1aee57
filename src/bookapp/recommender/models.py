"""The tables of the recommender."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


def _of(table: str) -> Any:
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=True)


class Fit(Model):
    """One generation of neighbours."""

    __tablename__ = "fit"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    readers: Mapped[int] = mapped_column(Integer)
    ratings: Mapped[int] = mapped_column(Integer)
    books: Mapped[int] = mapped_column(Integer)
    neighbors: Mapped[int] = mapped_column(Integer)
    milliseconds: Mapped[int] = mapped_column(BigInteger)
    is_current: Mapped[bool] = mapped_column(Boolean, default=False)
    change_id: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last change of a book (`books.models.BookChange`) that it knows of."""


class FitClaim(Model):
    """That somebody is at some work now, so that nobody else begins it; it runs out by itself."""

    __tablename__ = "fit_claim"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class BookNeighbor(Model):
    """How much having liked one book speaks for another one. No foreign keys: a generation is thrown away whole."""

    __tablename__ = "book_neighbor"
    fit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    target_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    weight: Mapped[float] = mapped_column(Float)
    kind: Mapped[int] = mapped_column(SmallInteger)
    """What it rests on: 0 readers, 1 the same author, 2 the same series, 3 alike subjects."""

    __table_args__ = (
        # With the weights in the key PostgreSQL need not look at the rows, which lie in the order of their targets.
        PrimaryKeyConstraint("fit_id", "source_id", "target_id", postgresql_include=["weight", "kind"]),
        Index("ix_book_neighbor_target_id_fit_id", "target_id", "fit_id"),
        {"sqlite_with_rowid": False},
    )


class StaleBook(Model):
    """A book whose rows are to be made anew, because it was rated, added or changed."""

    __tablename__ = "stale_book"
    book_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Dismissal(Model):
    """That a person does not want a book recommended: not now, or never."""

    __tablename__ = "dismissal"
    account_id: Mapped[int] = _of("account")
    book_id: Mapped[int] = _of("book")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Mute(Model):
    """That a person wants nothing recommended by an author, or about a subject."""

    __tablename__ = "mute"
    account_id: Mapped[int] = _of("account")
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The id of the author or the subject."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("kind IN ('author', 'subject')", name="kind_known"),)


class Taste(Model):
    """How far from what they know a person wants to be led."""

    __tablename__ = "taste"
    account_id: Mapped[int] = _of("account")
    adventure: Mapped[int] = mapped_column(SmallInteger, default=0)
    """-1 close to home, 0, 1 further out."""
