"""The table of goals."""

from sqlalchemy import BigInteger, ForeignKey, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import Model


class Goal(Model):
    """How many books a person means to read in a year; seen as their shelf of read books is."""

    __tablename__ = "goal"
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    books: Mapped[int] = mapped_column(Integer)
