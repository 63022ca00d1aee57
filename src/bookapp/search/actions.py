"""Keeping the index true, in the transaction of the change itself."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.search.documents import Document, folded
from bookapp.search.engines import engine_for
from bookapp.search.models import SearchDocument
from bookapp.search.rules import is_learnable, keys_of


async def index(db: AsyncSession, documents: Sequence[Document]) -> None:
    """Make `documents` findable as they are now, up to 5,000 at once. The last of those with the same id counts."""
    by_id = {d.id: Document(d.id, _spaced(d.title), _spaced(d.names), _spaced(d.more)) for d in documents}
    if not by_id:
        return
    engine = engine_for(db.get_bind().dialect.name)
    # In order, as everybody writes them: two transactions that meet wait for each other and never in a circle.
    await engine.store(db, [by_id[id_] for id_ in sorted(by_id)])
    words = {word for d in by_id.values() for word in f"{d.title} {d.names}".split() if is_learnable(word)}
    new = await engine.learn(db, sorted(words)) if words else ()
    if new:
        await engine.file(db, sorted((key, word) for word in new for key in keys_of(word)))


def _spaced(text: str) -> str:
    return f" {folded(text)} "


async def forget(db: AsyncSession, ids: Sequence[int]) -> None:
    """Make the documents with these ids unfindable. Their words stay known: they were real words."""
    if ids:
        await db.execute(delete(SearchDocument).where(SearchDocument.id.in_(sorted(set(ids)))))
