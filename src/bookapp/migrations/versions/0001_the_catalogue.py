"""The catalogue: books, authors, subjects, series, their history, and what finds them."""

import sqlalchemy as sa
from alembic import op

from bookapp.core.db import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SORT_KEY = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
WORD = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
HERE = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}

SQLITE_SEARCH = (
    # External content: the words stand once, in search_document; the triggers keep the index true. Its text is already
    # folded to words between spaces, so the plainest tokenizer is the exact one; positions are never asked for.
    """CREATE VIRTUAL TABLE search_fts USING fts5(title, names, more, content='search_document', content_rowid='id',
       tokenize='ascii', detail='none', prefix='1 2 3 4')""",
    """CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN
       INSERT INTO search_fts (rowid, title, names, more) VALUES (new.id, new.title, new.names, new.more); END""",
    """CREATE TRIGGER search_document_removed AFTER DELETE ON search_document BEGIN
       INSERT INTO search_fts (search_fts, rowid, title, names, more)
       VALUES ('delete', old.id, old.title, old.names, old.more); END""",
    """CREATE TRIGGER search_document_changed AFTER UPDATE ON search_document BEGIN
       INSERT INTO search_fts (search_fts, rowid, title, names, more)
       VALUES ('delete', old.id, old.title, old.names, old.more);
       INSERT INTO search_fts (rowid, title, names, more) VALUES (new.id, new.title, new.names, new.more); END""",
    "CREATE INDEX ix_search_document_title ON search_document (title)",
)

POSTGRES_SEARCH = (
    "ALTER TABLE search_document ADD COLUMN words tsvector NOT NULL DEFAULT ''",
    # Without fastupdate: the list of pending entries would be read through by every scan.
    "CREATE INDEX ix_search_document_words ON search_document USING gin (words) WITH (fastupdate = off)",
    # Only ever compared whole; a btree refuses the longest titles.
    "CREATE INDEX ix_search_document_title ON search_document USING hash (title)",
)


def upgrade() -> None:
    op.create_table(
        "author",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=250), nullable=False),
        sa.Column("sort_key", SORT_KEY, nullable=False),
        sa.Column("written_key", SORT_KEY, nullable=False),
        sa.Column("book_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_author"),
        sa.UniqueConstraint("name_key", name="uq_author_name_key"),
    )
    op.create_index("ix_author_book_count_id", "author", ["book_count", "id"])
    op.create_index("ix_author_sort_key_id", "author", ["sort_key", "id"])
    op.create_index("ix_author_written_key", "author", ["written_key"])

    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_version"),
    )
    op.create_table(
        "facet_count",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=12), nullable=False),
        sa.Column("book_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_facet_count"),
    )
    op.create_table(
        "idempotent_answer",
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotent_answer"),
    )
    op.create_index("ix_idempotent_answer_created_at", "idempotent_answer", ["created_at"])

    op.create_table(
        "search_document",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_document"),
    )
    op.create_table(
        "search_word",
        sa.Column("word", WORD, nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_search_word"),
    )
    op.create_table(
        "search_word_key",
        sa.Column("key", WORD, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.PrimaryKeyConstraint("key", "word", name="pk_search_word_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "series",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("name_key", name="uq_series_name_key"),
    )
    op.create_table(
        "subject",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=250), nullable=False),
        sa.Column("book_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subject"),
        sa.UniqueConstraint("name_key", name="uq_subject_name_key"),
    )
    op.create_index("ix_subject_book_count_id", "subject", ["book_count", "id"])

    op.create_table(
        "book",
        sa.Column("id", KEY, nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("title_sort", SORT_KEY, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("author_sort", SORT_KEY, nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("year_sort", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("isbn", sa.String(length=13), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("series_position", sa.String(length=20), nullable=True),
        sa.Column("series_sort", sa.Float(), nullable=False),
        sa.Column("rating_average", sa.Float(), nullable=True),
        sa.Column("rating_count", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("cover", sa.String(length=64), nullable=True),
        sa.Column("random_key", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_book_author_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_book_series_id"),
        sa.PrimaryKeyConstraint("id", name="pk_book"),
    )
    op.create_index("ix_book_author_sort_id", "book", ["author_sort", "id"], **HERE)
    op.create_index("ix_book_here_id", "book", ["id"], **HERE)
    op.create_index("ix_book_language_id", "book", ["language", "id"], **HERE)
    op.create_index("ix_book_random_key", "book", ["random_key"], **HERE)
    op.create_index("ix_book_rating_count_id", "book", ["rating_count", "id"], **HERE)
    op.create_index("ix_book_score_id", "book", ["score", "id"], **HERE)
    op.create_index("ix_book_series_id_series_sort", "book", ["series_id", "series_sort"], **HERE)
    op.create_index("ix_book_title_sort_id", "book", ["title_sort", "id"], **HERE)
    op.create_index("ix_book_year_sort_id", "book", ["year_sort", "id"], **HERE)
    op.create_index("uq_book_isbn", "book", ["isbn"], unique=True, **HERE)

    op.create_table(
        "book_change",
        sa.Column("id", KEY, nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "what IN ('added', 'edited', 'deleted', 'restored', 'cover', 'imported')", name="ck_book_change_what_known"
        ),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_book_change_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_book_change"),
    )
    op.create_index("ix_book_change_book_id_id", "book_change", ["book_id", "id"])

    op.create_table(
        "book_source",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_book_source_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "key", name="pk_book_source"),
    )
    op.create_index("ix_book_source_book_id", "book_source", ["book_id"])

    op.create_table(
        "book_subject",
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_book_subject_book_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_book_subject_subject_id"),
        sa.PrimaryKeyConstraint("book_id", "subject_id", name="pk_book_subject"),
    )
    op.create_index("ix_book_subject_subject_id_book_id", "book_subject", ["subject_id", "book_id"])

    op.create_table(
        "contribution",
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_contribution_author_id"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_contribution_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("book_id", "author_id", name="pk_contribution"),
    )
    op.create_index("ix_contribution_author_id_book_id", "contribution", ["author_id", "book_id"])

    op.execute("INSERT INTO catalogue_version (id, number) VALUES (1, 1)")
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            op.execute(statement)
    else:
        for statement in POSTGRES_SEARCH:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    for table in (
        "contribution",
        "book_subject",
        "book_source",
        "book_change",
        "book",
        "subject",
        "series",
        "search_word_key",
        "search_word",
        "search_document",
        "idempotent_answer",
        "facet_count",
        "catalogue_version",
        "author",
    ):
        op.drop_table(table)
