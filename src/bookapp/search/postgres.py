"""The index in PostgreSQL: a tsvector column under a GIN index, made to stop early.

GIN collects all matches before it gives the first, so that a common word costs more the larger the catalogue. Hence
the ids are cut into blocks, and the block is part of every indexed word ("4:harry"): one scan sees one block, the
blocks are asked in turn, and the LIMIT stops them when the window is full. Blocks grow with their ids (a quarter of a
power of two each), so that rare words need few scans: 30 for a million documents.

The tsvector is made of our own folded words. PostgreSQL's parser would read "1e5" as a number and "c3po" otherwise
than SQLite does.
"""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.search.documents import LONGEST_WORD, Document
from bookapp.search.engine import Condition, Ids, Words
from bookapp.search.models import SearchDocument
from bookapp.search.relevance import ALL, has_all

_COLUMNS = SearchDocument.__table__.c
_MOST_ASKED = 3
_TELLING = 4
_SMALLEST = 8192
_STEP = _SMALLEST // 4
_STORE = text(
    """INSERT INTO search_document (id, title, names, more, words)
       SELECT d.id, d.title, d.names, d.more, array_to_tsvector(string_to_array(d.words, ' '))
       FROM unnest(CAST(:ids AS bigint[]), CAST(:titles AS text[]), CAST(:names AS text[]), CAST(:more AS text[]),
                   CAST(:words AS text[])) AS d (id, title, names, more, words)
       ON CONFLICT (id) DO UPDATE
       SET title = excluded.title, names = excluded.names, more = excluded.more, words = excluded.words"""
)
_LEARN = text(
    "INSERT INTO search_word (word) SELECT unnest(CAST(:words AS text[])) ON CONFLICT DO NOTHING RETURNING word"
)
_FILE = text(
    "INSERT INTO search_word_key (key, word) SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:words AS text[]))"
    " ON CONFLICT DO NOTHING"
)


def block_of(id_: int) -> int:
    """The first id of the block that `id_` lies in: it has the three highest bits of `id_`."""
    if id_ < _SMALLEST:
        return 0
    low = id_.bit_length() - 3
    return id_ >> low << low


_first: ColumnElement[int] = literal_column("blocks.first", BigInteger)
BLOCKS = (0, *(top << low for low in range(_SMALLEST.bit_length() - 3, 61) for top in (4, 5, 6, 7)))


class PostgresEngine:
    """Engine over tsvector and GIN."""

    def matches(self, words: Words, limit: int, *, after: int = 0, conditions: Sequence[Condition] = ()) -> Ids:
        """See Engine."""
        inside = _having(words).where(*(condition(_COLUMNS.id) for condition in conditions))
        if after:
            inside = inside.where(_COLUMNS.id > after)
        # Sorted by an expression, or the planner may walk the primary key from its start instead of asking the index.
        return _by_block(inside.order_by(_COLUMNS.id + 0), limit, after)

    def some(self, words: Words, limit: int) -> Ids:
        """See Engine."""
        # A materialized CTE is planned as if all of it were read: for three rows the planner would rather read the
        # table and hope. It is run only as far as the limit asks.
        having = _having(words).cte("having", nesting=True).prefix_with("MATERIALIZED")
        return _by_block(select(having.c.id), limit)

    def position(self, text: ColumnElement[str], part: str) -> ColumnElement[int]:
        """See Engine."""
        return func.strpos(text, part)

    async def store(self, db: AsyncSession, documents: Sequence[Document]) -> None:
        """See Engine."""
        columns = {
            "ids": [d.id for d in documents],
            "titles": [d.title for d in documents],
            "names": [d.names for d in documents],
            "more": [d.more for d in documents],
            "words": [_lexemes(d) for d in documents],
        }
        await db.execute(_STORE, columns)

    async def learn(self, db: AsyncSession, words: Sequence[str]) -> Sequence[str]:
        """See Engine."""
        return (await db.scalars(_LEARN, {"words": list(words)})).all()

    async def file(self, db: AsyncSession, keys: Sequence[tuple[str, str]]) -> None:
        """See Engine."""
        await db.execute(_FILE, {"keys": [key for key, _ in keys], "words": [word for _, word in keys]})


def _having(words: Words) -> Ids:
    """The documents of the block `first` that have all words.

    Only the longest words are asked of the index, which collects all words that begin with "r" before it looks for
    those with "simon" too; the others are looked for in the texts of what remains.
    """
    by_length = sorted(words, key=lambda either: -min(map(len, either)))
    telling = [either for either in by_length[:_MOST_ASKED] if min(map(len, either)) >= _TELLING] or by_length[:1]
    label = cast(_first // _STEP, Text)
    query = cast(func.replace(_tsquery(telling), "#", label), TSQUERY)
    others = [either for either in words if either not in telling]
    asked = select(_COLUMNS.id).where(literal_column("search_document.words", TSVECTOR).op("@@")(query))
    if not others:
        return asked
    return asked.where(
        has_all(ALL, others, lambda texts, word: or_(*(func.strpos(text, f" {word}") > 0 for text in texts)))
    )


def _by_block(inside: Ids, limit: int, after: int = 0) -> Ids:
    firsts = bindparam(None, [first for first in BLOCKS if first >= block_of(after + 1)], ARRAY(BigInteger))
    blocks = func.unnest(firsts).table_valued("first").render_derived(name="blocks")
    block = inside.limit(limit).lateral("block")
    last = select(func.max(_COLUMNS.id)).scalar_subquery()
    # No ORDER BY out here: it would ask all blocks. A nested loop over `unnest` already runs in order.
    return select(block.c.id).select_from(blocks).join(block, true()).where(_first <= last).limit(limit)


def _lexemes(document: Document) -> str:
    label = block_of(document.id) // _STEP
    words = f"{document.title} {document.names} {document.more}".split()
    return " ".join(f"{label}:{word[:LONGEST_WORD]}" for word in dict.fromkeys(words))


def _tsquery(words: Words) -> str:
    # Folded words are letters and digits, so that nothing in the quotes can end them.
    return " & ".join("(" + " | ".join(f"'#:{word}':*" for word in either) + ")" for either in words)
