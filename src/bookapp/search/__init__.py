"""Finding: one interface over two engines, FTS5 on SQLite and tsvector with pg_trgm on PostgreSQL.

It knows documents (an id, a title, names, more words), not books; `books` feeds it in the same transaction.
"""
