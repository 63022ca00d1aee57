"""Tables that HTTP itself needs."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import Model, UtcDateTime


class IdempotentAnswer(Model):
    """The answer to a POST that came with an Idempotency-Key, stored in the transaction of its effect."""

    __tablename__ = "idempotent_answer"
    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    """Whose key it is: keys of different people do not meet."""
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of method, path and body."""
    status: Mapped[int] = mapped_column(SmallInteger)
    headers: Mapped[list[list[str]]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CatalogueVersion(Model):
    """One row: the number that moves with each commit that changes what everybody sees (`core.version`)."""

    __tablename__ = "catalogue_version"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


class LimitBucket(Model):
    """How much of a limit somebody has used up; shared by all workers, kept over a restart."""

    __tablename__ = "limit_bucket"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    """The limit's name and whose it is."""
    full_at: Mapped[int] = mapped_column(BigInteger, index=True)
    """Milliseconds since 1970 of the moment at which all of it is available again (GCRA's arrival time)."""
