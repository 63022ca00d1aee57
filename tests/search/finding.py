"""How these tests put something in and ask for it."""

from collections.abc import Sequence

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.db import Database
from bookapp.search.actions import index
from bookapp.search.documents import Document
from bookapp.search.queries import Understood, understand, window


async def fill(db: Database, documents: Sequence[Document]) -> None:
    async with db.writing() as session:
        await index(session, documents)


async def ranked(
    session: AsyncSession, understood: Understood, *, after: int = 0, only: Select[int] | None = None
) -> Sequence[Row[int, float, int]]:
    found = window(session.get_bind().dialect.name, understood, after=after, only=only)
    rows = await session.execute(select(found).order_by(found.c.relevance.desc(), found.c.id))
    return rows.all()


async def ids_of(db: Database, q: str, only: Select[int] | None = None) -> list[int]:
    async with db.reading() as session:
        understood = await understand(session, q)
        assert understood is not None
        return [row.id for row in await ranked(session, understood, only=only)]


async def meant(db: Database, q: str) -> Understood:
    async with db.reading() as session:
        understood = await understand(session, q)
    assert understood is not None
    return understood
