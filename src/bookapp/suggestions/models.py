"""The tables of recommendations between people."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


def _of(table: str, *, primary_key: bool = False) -> Any:
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=primary_key)


def _perhaps(table: str) -> Any:
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete="SET NULL"))


class SuggestionChoice(Model):
    """From whom a person wants recommendations; no row means from every member."""

    __tablename__ = "suggestion_choice"
    account_id: Mapped[int] = _of("account", primary_key=True)
    welcome: Mapped[str] = mapped_column(String(10))
    """members, trusted, or nobody."""
    tells_outcome: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether senders learn more than that it was seen, saved or declined."""

    __table_args__ = (CheckConstraint("welcome IN ('members', 'trusted', 'nobody')", name="welcome_known"),)


class Ask(Model):
    """A wish for recommendations: "something short and funny". Members see it and answer with books."""

    __tablename__ = "ask"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of("account")
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_ask_account_id_id", "account_id", "id"),)


class Suggestion(Model):
    """One book, recommended by one person to another one, or to whoever holds a link."""

    __tablename__ = "suggestion"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    from_id: Mapped[int | None] = _perhaps("account")
    to_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"))
    """NULL for a link that nobody has taken yet."""
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    link_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    book_id: Mapped[int] = _of("book")
    because_id: Mapped[int | None] = _perhaps("book")
    """The book that the other one liked."""
    ask_id: Mapped[int | None] = _perhaps("ask")
    """The wish that this answers."""
    reason: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(Text)
    """What the receiver said: thanks, or why not."""
    quarters: Mapped[int | None] = mapped_column(SmallInteger)
    """The rating that the sender learned, in quarter stars."""
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_news: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether the outcome is one that the sender has not seen yet."""
    from_hid: Mapped[bool] = mapped_column(Boolean, default=False)
    to_hid: Mapped[bool] = mapped_column(Boolean, default=False)
    """That one of the two took it out of their box."""
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        CheckConstraint("state IN ('sent', 'seen', 'saved', 'reading', 'finished', 'declined')", name="state_known"),
        Index("ix_suggestion_to_id_id", "to_id", "id"),
        Index("ix_suggestion_from_id_id", "from_id", "id"),
        Index("ix_suggestion_book_id_to_id", "book_id", "to_id"),
        Index("ix_suggestion_ask_id", "ask_id"),
    )
