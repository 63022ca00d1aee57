"""The tables of answers from outside, and of pictures that are there to be fetched."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.actor import Actor
from bookapp.core.db import BigKey, Model, UtcDateTime

MAKER = Actor(None, "Open Library")
"""Who adds the books of a dump and brings covers, so that people see where they come from, and the next dump which
are its own."""


class LookUp(Model):
    """What Open Library answered to an ISBN, kept so that it is not asked again."""

    __tablename__ = "look_up"
    isbn: Mapped[BigKey] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """NULL when it knows no such book."""


class OutsideCover(Model):
    """Which picture of a book Open Library has, as far as a dump told, and what came of asking for one."""

    __tablename__ = "outside_cover"
    book_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True)
    cover_id: Mapped[int | None] = mapped_column(BigInteger)
    """The number of the picture there; NULL when no dump told one."""
    wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when somebody waits for it; NULL when nobody does."""
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))
    """What came of the last question: a picture, none that can be used, no answer."""

    __table_args__ = (CheckConstraint("outcome IN ('found', 'none', 'silent')", name="outcome_known"),)


_WANTED = OutsideCover.wanted_at.is_not(None)
# A large dump tells of a million pictures, and few are waited for.
Index("ix_outside_cover_wanted_at", OutsideCover.wanted_at, sqlite_where=_WANTED, postgresql_where=_WANTED)
