"""Which readers and books came from a data set, and under which numbers it knows them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import ImportedReader
from bookapp.books.models import BookSource
from bookapp.core.sql import AnyRow


async def list_readers(db: AsyncSession, group: str) -> list[AnyRow]:
    """Source, key and account of each imported reader of the group."""
    columns = select(ImportedReader.source, ImportedReader.key, ImportedReader.account_id)
    rows = await db.execute(columns.where(ImportedReader.group == group).order_by(ImportedReader.account_id))
    return list(rows.all())


async def find_keys(db: AsyncSession, source: str) -> dict[int, int | str]:
    """The key of each book that came from the source, a number where it is one."""
    rows = await db.execute(
        select(BookSource.book_id, BookSource.key).where(BookSource.source == source).order_by(BookSource.key.desc())
    )
    return {book_id: number(key) for book_id, key in rows}


def number(key: str) -> int | str:
    """A key as the data set writes it."""
    return int(key) if key.isdecimal() else key
