"""The tables of the reading to-do list."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


class Task(Model):
    """Something a person means to do, perhaps with a book and until a moment."""

    __tablename__ = "task"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"))
    book_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    creation_date: Mapped[datetime] = mapped_column(UtcDateTime)
    due_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed: Mapped[bool]
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_sort: Mapped[datetime] = mapped_column(UtcDateTime)
    """`due_date`, or a moment after all others when there is none, so that a keyset never meets a NULL."""
    folded: Mapped[str] = mapped_column(Text, default="")
    """Name and note as search compares them."""
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was deleted; kept a day longer, so that the person can take that back."""
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_task_account_id_completed_due_sort_id", "account_id", "completed", "due_sort", "id"),)
