"""The tables of imports."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


class Import(Model):
    """A file that somebody brought, and what became of it."""

    __tablename__ = "import"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("job.id", ondelete="SET NULL"))
    """The work that was begun last."""
    file_name: Mapped[str] = mapped_column(String(200))
    """As the person called it."""
    token: Mapped[str | None] = mapped_column(String(64))
    """What the file is called in the data directory; NULL when it is thrown away."""
    size: Mapped[int] = mapped_column(BigInteger)
    format: Mapped[str | None] = mapped_column(String(30))
    """Which format it has; NULL until it was looked at."""
    step: Mapped[str] = mapped_column(String(10))
    """look: nothing is put in yet; put: it is."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """read, new, known, changed, failed, doubtful."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What else is known of the file: its columns and encoding, remarks, and which jobs go on with it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        CheckConstraint("step IN ('look', 'put')", name="step_known"),
        Index("ix_import_account_id_id", "account_id", "id"),
        Index("ix_import_job_id", "job_id"),
    )


class ImportRow(Model):
    """A row that needs somebody: it could not be read, or may be about a book that is here already."""

    __tablename__ = "import_row"
    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """The how many-th record of the file, from 1."""
    state: Mapped[str] = mapped_column(String(10))
    """failed; doubtful: waits for a choice; chosen: waits to be put in; put; left: the person leaves it out."""
    line: Mapped[int] = mapped_column(BigInteger)
    """Where in the file it begins."""
    cells: Mapped[dict[str, str]] = mapped_column(JSON)
    """The row itself, by the names of its columns."""
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What it tells, to be put in when its person has chosen; NULL when it could not be read."""
    title: Mapped[str] = mapped_column(String(500), default="")
    author: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    candidates: Mapped[list[int]] = mapped_column(JSON, default=list)
    """The books that it may be about, the likeliest first."""
    book_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="SET NULL"), index=True)
    """Which of them was chosen; NULL with `is_new`: none of them."""
    is_new: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        CheckConstraint("state IN ('failed', 'doubtful', 'chosen', 'put', 'left')", name="state_known"),
        Index("ix_import_row_import_id_state_number", "import_id", "state", "number"),
    )


class ImportMemory(Model):
    """What a file told a person's shelves of one book the last time: so what it tells again changes nothing."""

    __tablename__ = "import_memory"
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(30), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    book_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("book.id", ondelete="CASCADE"), index=True)
    told: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """A digest of each thing that it told."""
