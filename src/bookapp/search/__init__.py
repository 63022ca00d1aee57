"""Finding: one interface over two engines, an FTS5 table on SQLite and a GIN index on PostgreSQL.

It knows documents (an id, a title, names, more words), not books; `books` feeds it in the same transaction.

Matches are taken in the order of their ids and ranked a window at a time (`queries.window`). Ranking everything that
matches, as bm25 does, takes time in proportion to the catalogue; the first window takes the same time in any.
Both engines only answer "which documents have these words", so both give the same books in the same order.
"""
