"""The table of answers from outside."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


class LookUp(Model):
    """What Open Library answered to an ISBN, kept so that it is not asked again."""

    __tablename__ = "look_up"
    isbn: Mapped[BigKey] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """NULL when it knows no such book."""
