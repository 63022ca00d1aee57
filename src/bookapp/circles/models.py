"""The table of ties between people."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import Model, UtcDateTime


class Tie(Model):
    """That a person trusts, or blocks, another one. There is one tie at most: who blocks does not trust."""

    __tablename__ = "tie"
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("kind IN ('trust', 'block')", name="kind_known"),
        Index("ix_tie_other_id_kind", "other_id", "kind"),
    )
