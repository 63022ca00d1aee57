"""The tables of public advice. All of it is meant for everyone, and its author's name stands beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


def _of(table: str, *, primary_key: bool = False) -> Any:
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=primary_key)


class Praise(Model):
    """That a reader recommends a book to everybody here, and why."""

    __tablename__ = "praise"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of("account")
    book_id: Mapped[int] = _of("book")
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        UniqueConstraint("account_id", "book_id", name="uq_praise_account_id_book_id"),
        Index("ix_praise_book_id_id", "book_id", "id"),
    )


class Praised(Model):
    """A book that somebody praised: how many do, and where that puts it (`rules.rank`); kept with every change, since
    grouping all praise for every front page would not do."""

    __tablename__ = "praised"
    book_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    voices: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_praised_rank_book_id", "rank", "book_id"),
        Index("ix_praised_voices_rank", "voices", "rank"),
    )


class Pair(Model):
    """If you liked this book, try that one; there is one such pair, however many readers say so."""

    __tablename__ = "pair"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    book_id: Mapped[int] = _of("book")
    other_id: Mapped[int] = _of("book")
    vote_count: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("book_id", "other_id", name="uq_pair_book_id_other_id"),
        CheckConstraint("book_id <> other_id", name="two_books"),
        Index("ix_pair_book_id_vote_count_id", "book_id", "vote_count", "id"),
        Index("ix_pair_other_id", "other_id"),
    )


class PairVoice(Model):
    """That a reader says so, too: a vote, and perhaps a reason. The first voice is that of whoever wrote the pair."""

    __tablename__ = "pair_voice"
    pair_id: Mapped[int] = _of("pair", primary_key=True)
    account_id: Mapped[int] = _of("account", primary_key=True)
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_pair_voice_account_id", "account_id"),)
