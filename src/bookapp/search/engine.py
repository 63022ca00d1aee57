"""What the two engines have in common: which documents have these words."""

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.search.documents import Document

Words = Sequence[Sequence[str]]
"""For every word that a document must have, the alternatives; each also stands for words that begin with it."""
Ids = Select[int]
"""A plain SELECT of one column of ids."""
Condition = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""What else must be true of an id."""


class Engine(Protocol):
    """An inverted index in one kind of database."""

    def matches(self, words: Words, limit: int, *, after: int = 0, conditions: Sequence[Condition] = ()) -> Ids:
        """The first `limit` ids above `after`, in order, that have all words and fulfil the conditions."""
        ...

    def some(self, words: Words, limit: int) -> Ids:
        """Up to `limit` ids that have all words, whichever come first."""
        ...

    def position(self, text: ColumnElement[str], part: str) -> ColumnElement[int]:
        """Where `part` begins in `text`; 0 when it does not stand there."""
        ...

    async def store(self, db: AsyncSession, documents: Sequence[Document]) -> None:
        """Write documents whose text is folded and spaced, replacing those with the same ids."""
        ...

    async def learn(self, db: AsyncSession, words: Sequence[str]) -> Sequence[str]:
        """Write words that are not yet known, and return those that were not."""
        ...

    async def file(self, db: AsyncSession, keys: Sequence[tuple[str, str]]) -> None:
        """Write (key, word) pairs of new words."""
        ...


def narrowed_to(only: Ids, id_: ColumnElement[int]) -> ColumnElement[bool]:
    """That `id_` is one of `only`, asked row by row, so that a scan in order of the ids can stop early."""
    listed = only.subquery()
    # Not EXISTS: PostgreSQL would make a join of it, and read all of a wide filter before the first match.
    return select(literal(1)).select_from(listed).where(listed.c[0] == id_).limit(1).scalar_subquery() == 1
