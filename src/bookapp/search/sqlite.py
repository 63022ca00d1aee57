"""The index in SQLite: an FTS5 table that triggers keep equal to `search_document`.

FTS5 hands out matches in the order of their ids, and stops when nobody asks for more.
"""

import json
from collections.abc import Sequence

from sqlalchemy import ColumnElement, column, func, literal_column, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.search.documents import Document
from bookapp.search.engine import Condition, Ids, Words

_FTS = table("search_fts", column("rowid"))
_matched: ColumnElement[int] = literal_column("search_fts.rowid")
_STORE = text(
    "INSERT INTO search_document (id, title, names, more)"
    " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:rows) WHERE true"
    " ON CONFLICT (id) DO UPDATE SET title = excluded.title, names = excluded.names, more = excluded.more"
)
"""One statement for all: between two of them FTS5 writes its index out, which takes three times as long as the rest."""
_LEARN = text(
    "INSERT INTO search_word (word) SELECT value FROM json_each(:words) WHERE true"
    " ON CONFLICT DO NOTHING RETURNING word"
)
_FILE = text(
    "INSERT INTO search_word_key (key, word) SELECT value ->> 0, value ->> 1 FROM json_each(:keys)"
    " WHERE true ON CONFLICT DO NOTHING"
)


class SqliteEngine:
    """Engine over FTS5."""

    def matches(self, words: Words, limit: int, *, after: int = 0, conditions: Sequence[Condition] = ()) -> Ids:
        """See Engine."""
        found: Ids = (
            select(_matched.label("id")).select_from(_FTS).where(literal_column("search_fts").op("MATCH")(_fts(words)))
        )
        if after:
            found = found.where(_matched > after)
        return found.where(*(condition(_matched) for condition in conditions)).order_by(_matched).limit(limit)

    def some(self, words: Words, limit: int) -> Ids:
        """See Engine."""
        return self.matches(words, limit)

    def position(self, text: ColumnElement[str], part: str) -> ColumnElement[int]:
        """See Engine."""
        return func.instr(text, part)

    async def store(self, db: AsyncSession, documents: Sequence[Document]) -> None:
        """See Engine."""
        rows = [(d.id, d.title, d.names, d.more) for d in documents]
        await db.execute(_STORE, {"rows": json.dumps(rows, ensure_ascii=False)})

    async def learn(self, db: AsyncSession, words: Sequence[str]) -> Sequence[str]:
        """See Engine."""
        return (await db.scalars(_LEARN, {"words": json.dumps(words)})).all()

    async def file(self, db: AsyncSession, keys: Sequence[tuple[str, str]]) -> None:
        """See Engine."""
        await db.execute(_FILE, {"keys": json.dumps(keys)})


def _fts(words: Words) -> str:
    # Folded words are letters and digits, so that nothing in the quotes can end them.
    return " AND ".join("(" + " OR ".join(f'"{word}"*' for word in either) + ")" for either in words)
