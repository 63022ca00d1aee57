"""What is recommended to the readers of a data set, in its own numbers, to be scored elsewhere."""

import json
from collections.abc import AsyncIterator

from bookapp.core.db import Database
from bookapp.recommender import export_queries, queries

ITEMS = 100
"""Books for each reader."""


async def lines_of(db: Database, group: str) -> AsyncIterator[str]:
    """A JSON object for each imported reader of the group, in the order in which they came."""
    async with db.reading() as session:
        readers = await export_queries.list_readers(session, group)
        numbers = {source: await export_queries.find_keys(session, source) for source in {r.source for r in readers}}
        for reader in readers:
            keys = numbers[reader.source]
            ranked = await queries.list_ranked(session, reader.account_id, ITEMS, mutes=False)
            items = [candidate.book_id for candidate in ranked if candidate.book_id in keys]
            because = await queries.list_reasons(session, reader.account_id, items)
            reasons = {str(keys[book]): [keys[source] for source, _kind in because[book]] for book in because}
            told = {
                "user_id": export_queries.number(reader.key),
                "items": [keys[book] for book in items],
                "reasons": reasons,
            }
            yield json.dumps(told, separators=(",", ":"))
