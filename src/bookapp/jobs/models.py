"""The table of jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


class Job(Model):
    """A piece of long work. It is added in the transaction of the data that it is about."""

    __tablename__ = "job"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"))
    """Whose it is; NULL for the place's own."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What it is about, in words of the room that does it."""
    title: Mapped[str] = mapped_column(String(200))
    """What people read."""
    state: Mapped[str] = mapped_column(String(10), default="queued")
    saying: Mapped[str] = mapped_column(String(200), default="")
    """What it does just now."""
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int | None] = mapped_column(BigInteger)
    """How much of how much; NULL while nobody knows."""
    place: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Where to go on: written in the transaction of what was done."""
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str | None] = mapped_column(String(500))
    """Why it failed, or is tried again."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """How often it was begun since it last got on."""
    is_unwanted: Mapped[bool] = mapped_column(Boolean, default=False)
    """Somebody asked to stop it."""
    holder: Mapped[str | None] = mapped_column(String(32))
    """Which worker is at it."""
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then nobody else may take it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    begin_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Not before."""
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state_known"),
        Index("ix_job_state_begin_at_id", "state", "begin_at", "id"),
        Index("ix_job_account_id_id", "account_id", "id"),
    )
