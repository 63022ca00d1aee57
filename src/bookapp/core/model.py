"""What tables are made of, on both databases."""

from datetime import UTC, datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

BigKey = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"))]
"""A 64-bit key that SQLite, too, can count up by itself."""
SortKey = Annotated[str, mapped_column(String(200).with_variant(String(200, collation="C"), "postgresql"))]
"""Folded text, compared by code point on both databases."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on both databases: SQLite keeps no zone, asyncpg insists on one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Model(DeclarativeBase):
    """The base of all tables."""

    # Named constraints from the first day: SQLite cannot drop one that has no name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
