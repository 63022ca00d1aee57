"""What changed and whom it concerns, written down in the transaction that changed it, to be told after the commit."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


class Event(Model):
    """One name that one person, or everybody, is to hear. Ids are given in the order of the commits."""

    __tablename__ = "event"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    """Who hears it; NULL for everybody. No foreign key: it says nothing that outlives a day."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
