"""Asking the database about itself."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.facets import count_everything
from bookapp.books.models import Author
from bookapp.core.errors import Busy
from bookapp.core.schema import HEAD
from bookapp.system.results import Ready


async def show_ready(db: AsyncSession) -> Ready:
    """Ask the database for its schema. Raises Busy when it does not answer or has another schema."""
    revision = await db.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != HEAD:
        raise Busy("The database has the schema of another release.")
    return Ready("ready", db.get_bind().dialect.name, str(revision))


async def count_catalogue(db: AsyncSession) -> tuple[int, int]:
    """How many books and how many authors with books there are."""
    _facets, books = await count_everything(db)
    authors = await db.scalar(select(func.count()).select_from(Author).where(Author.book_count > 0))
    return books, authors or 0
