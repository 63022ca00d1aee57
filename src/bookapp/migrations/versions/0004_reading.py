"""Reading and recommending: shelves, reviews, advice, suggestions, the recommender's tables, goals, events."""

import sqlalchemy as sa
from alembic import op

from bookapp.core.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "book_neighbor",
        sa.Column("fit_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "fit_id", "source_id", "target_id", name="pk_book_neighbor", postgresql_include=["weight", "kind"]
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_book_neighbor_target_id_fit_id", "book_neighbor", ["target_id", "fit_id"])
    op.create_table(
        "event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_at", "event", ["at"])
    op.create_table(
        "fit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.Column("books", sa.Integer(), nullable=False),
        sa.Column("neighbors", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fit"),
    )
    op.create_table(
        "fit_claim",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_fit_claim"),
    )
    op.create_table(
        "stale_book",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="pk_stale_book"),
    )
    op.create_table(
        "ask",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_ask_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_ask"),
    )
    op.create_index("ix_ask_account_id_id", "ask", ["account_id", "id"])
    op.create_table(
        "goal",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("books", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_goal_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "year", name="pk_goal"),
    )
    op.create_table(
        "imported_reader",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("group_name", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_imported_reader_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "key", name="pk_imported_reader"),
    )
    op.create_index("ix_imported_reader_account_id", "imported_reader", ["account_id"])
    op.create_index("ix_imported_reader_group_name_account_id", "imported_reader", ["group_name", "account_id"])
    op.create_table(
        "mute",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('author', 'subject')", name="ck_mute_kind_known"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_mute_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "kind", "key", name="pk_mute"),
    )
    op.create_table(
        "reader",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("visibility", sa.SmallInteger(), nullable=False),
        sa.Column("want", sa.SmallInteger(), nullable=True),
        sa.Column("reading", sa.SmallInteger(), nullable=True),
        sa.Column("read", sa.SmallInteger(), nullable=True),
        sa.Column("stopped", sa.SmallInteger(), nullable=True),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reader_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_reader"),
    )
    op.create_table(
        "shelf",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("visibility", sa.SmallInteger(), nullable=True),
        sa.Column("seen_by", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_shelf_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_shelf"),
        sa.UniqueConstraint("account_id", "slug", name="uq_shelf_account_id_slug"),
    )
    op.create_table(
        "suggestion_choice",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("welcome", sa.String(length=10), nullable=False),
        sa.Column("tells_outcome", sa.Boolean(), nullable=False),
        sa.CheckConstraint("welcome IN ('members', 'trusted', 'nobody')", name="ck_suggestion_choice_welcome_known"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_suggestion_choice_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_suggestion_choice"),
    )
    op.create_table(
        "taste",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("adventure", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_taste_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_taste"),
    )
    op.create_table(
        "tie",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('trust', 'block')", name="ck_tie_kind_known"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_tie_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["account.id"], name="fk_tie_other_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "other_id", name="pk_tie"),
    )
    op.create_index("ix_tie_other_id_kind", "tie", ["other_id", "kind"])
    op.create_table(
        "dismissal",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_dismissal_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_dismissal_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "book_id", name="pk_dismissal"),
    )
    op.create_table(
        "entry",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=True),
        sa.Column("quarters", sa.SmallInteger(), nullable=True),
        sa.Column("rated_at", UtcDateTime(), nullable=True),
        sa.Column("visibility", sa.SmallInteger(), nullable=True),
        sa.Column("seen_by", sa.SmallInteger(), nullable=False),
        sa.Column("is_owned", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('want', 'reading', 'read', 'stopped')", name="ck_entry_state_known"),
        sa.CheckConstraint("quarters BETWEEN 1 AND 20", name="ck_entry_quarters_in_range"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_entry_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_entry_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "book_id", name="pk_entry"),
    )
    op.create_index(
        "ix_entry_account_id_state_state_at_book_id", "entry", ["account_id", "state", "state_at", "book_id"]
    )
    op.create_index("ix_entry_book_id_account_id", "entry", ["book_id", "account_id"])
    op.create_index(
        "ix_entry_account_id_quarters_rated_at_book_id",
        "entry",
        ["account_id", "quarters", "rated_at", "book_id"],
        sqlite_where=sa.text("quarters IS NOT NULL"),
        postgresql_where=sa.text("quarters IS NOT NULL"),
    )
    op.create_index(
        "ix_entry_rated",
        "entry",
        ["book_id", "quarters"],
        sqlite_where=sa.text("quarters IS NOT NULL"),
        postgresql_where=sa.text("quarters IS NOT NULL"),
    )
    op.create_table(
        "entry_tag",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_entry_tag_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_entry_tag_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "book_id", "name_key", name="pk_entry_tag"),
    )
    op.create_index("ix_entry_tag_account_id_name_key", "entry_tag", ["account_id", "name_key"])
    op.create_index("ix_entry_tag_book_id", "entry_tag", ["book_id"])
    op.create_table(
        "pair",
        sa.Column("id", KEY, nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("vote_count", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("book_id <> other_id", name="ck_pair_two_books"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_pair_book_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["book.id"], name="fk_pair_other_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_pair"),
        sa.UniqueConstraint("book_id", "other_id", name="uq_pair_book_id_other_id"),
    )
    op.create_index("ix_pair_book_id_vote_count_id", "pair", ["book_id", "vote_count", "id"])
    op.create_index("ix_pair_other_id", "pair", ["other_id"])
    op.create_table(
        "praise",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_praise_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_praise_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_praise"),
        sa.UniqueConstraint("account_id", "book_id", name="uq_praise_account_id_book_id"),
    )
    op.create_index("ix_praise_book_id_id", "praise", ["book_id", "id"])
    op.create_table(
        "praised",
        sa.Column("book_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_praised_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("book_id", name="pk_praised"),
    )
    op.create_index("ix_praised_rank_book_id", "praised", ["rank", "book_id"])
    op.create_index("ix_praised_voices_rank", "praised", ["voices", "rank"])
    op.create_table(
        "quote",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("visibility", sa.SmallInteger(), nullable=True),
        sa.Column("seen_by", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_quote_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_quote_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_quote"),
    )
    op.create_index("ix_quote_account_id_book_id", "quote", ["account_id", "book_id"])
    op.create_index("ix_quote_book_id_id", "quote", ["book_id", "id"])
    op.create_table(
        "reading",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("started_as", sa.String(length=5), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("finished_as", sa.String(length=5), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("percent", sa.SmallInteger(), nullable=True),
        sa.Column("progressed_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("finished_as IN ('day', 'month', 'year')", name="ck_reading_finished_as_known"),
        sa.CheckConstraint("outcome IN ('reading', 'finished', 'stopped')", name="ck_reading_outcome_known"),
        sa.CheckConstraint("started_as IN ('day', 'month', 'year')", name="ck_reading_started_as_known"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="ck_reading_percent_in_range"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reading_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_reading_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_reading"),
    )
    op.create_index("ix_reading_account_id_book_id", "reading", ["account_id", "book_id"])
    op.create_index("ix_reading_account_id_finished_on", "reading", ["account_id", "finished_on"])
    op.create_index("ix_reading_book_id", "reading", ["book_id"])
    op.create_table(
        "review",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("is_spoiler", sa.Boolean(), nullable=False),
        sa.Column("visibility", sa.SmallInteger(), nullable=True),
        sa.Column("seen_by", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_review_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_review_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint("account_id", "book_id", name="uq_review_account_id_book_id"),
    )
    op.create_index("ix_review_book_id_id", "review", ["book_id", "id"])
    op.create_index("ix_review_seen_by_id", "review", ["seen_by", "id"])
    op.create_table(
        "shelf_book",
        sa.Column("shelf_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_shelf_book_book_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shelf_id"], ["shelf.id"], name="fk_shelf_book_shelf_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shelf_id", "book_id", name="pk_shelf_book"),
    )
    op.create_index("ix_shelf_book_book_id", "shelf_book", ["book_id"])
    op.create_table(
        "suggestion",
        sa.Column("id", KEY, nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=True),
        sa.Column("to_id", sa.BigInteger(), nullable=True),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("link_until", UtcDateTime(), nullable=True),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("because_id", sa.BigInteger(), nullable=True),
        sa.Column("ask_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("quarters", sa.SmallInteger(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("is_news", sa.Boolean(), nullable=False),
        sa.Column("from_hid", sa.Boolean(), nullable=False),
        sa.Column("to_hid", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'seen', 'saved', 'reading', 'finished', 'declined')", name="ck_suggestion_state_known"
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name="fk_suggestion_ask_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["because_id"], ["book.id"], name="fk_suggestion_because_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_suggestion_book_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["from_id"], ["account.id"], name="fk_suggestion_from_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name="fk_suggestion_to_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion"),
        sa.UniqueConstraint("link_hash", name="uq_suggestion_link_hash"),
    )
    op.create_index("ix_suggestion_ask_id", "suggestion", ["ask_id"])
    op.create_index("ix_suggestion_book_id_to_id", "suggestion", ["book_id", "to_id"])
    op.create_index("ix_suggestion_from_id_id", "suggestion", ["from_id", "id"])
    op.create_index("ix_suggestion_to_id_id", "suggestion", ["to_id", "id"])
    op.create_table(
        "pair_voice",
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_pair_voice_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pair_id"], ["pair.id"], name="fk_pair_voice_pair_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pair_id", "account_id", name="pk_pair_voice"),
    )
    op.create_index("ix_pair_voice_account_id", "pair_voice", ["account_id"])
    op.add_column("book", sa.Column("world_average", sa.Float(), nullable=True))
    op.add_column("book", sa.Column("world_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("book", sa.Column("here_quarters", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("book", sa.Column("here_count", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE book SET world_average = rating_average, world_count = rating_count WHERE rating_count > 0")


def downgrade() -> None:
    op.drop_column("book", "here_count")
    op.drop_column("book", "here_quarters")
    op.drop_column("book", "world_count")
    op.drop_column("book", "world_average")
    op.drop_index("ix_pair_voice_account_id", table_name="pair_voice")
    op.drop_table("pair_voice")
    op.drop_index("ix_suggestion_to_id_id", table_name="suggestion")
    op.drop_index("ix_suggestion_from_id_id", table_name="suggestion")
    op.drop_index("ix_suggestion_book_id_to_id", table_name="suggestion")
    op.drop_index("ix_suggestion_ask_id", table_name="suggestion")
    op.drop_table("suggestion")
    op.drop_index("ix_shelf_book_book_id", table_name="shelf_book")
    op.drop_table("shelf_book")
    op.drop_index("ix_review_seen_by_id", table_name="review")
    op.drop_index("ix_review_book_id_id", table_name="review")
    op.drop_table("review")
    op.drop_index("ix_reading_book_id", table_name="reading")
    op.drop_index("ix_reading_account_id_finished_on", table_name="reading")
    op.drop_index("ix_reading_account_id_book_id", table_name="reading")
    op.drop_table("reading")
    op.drop_index("ix_quote_book_id_id", table_name="quote")
    op.drop_index("ix_quote_account_id_book_id", table_name="quote")
    op.drop_table("quote")
    op.drop_index("ix_praised_voices_rank", table_name="praised")
    op.drop_index("ix_praised_rank_book_id", table_name="praised")
    op.drop_table("praised")
    op.drop_index("ix_praise_book_id_id", table_name="praise")
    op.drop_table("praise")
    op.drop_index("ix_pair_other_id", table_name="pair")
    op.drop_index("ix_pair_book_id_vote_count_id", table_name="pair")
    op.drop_table("pair")
    op.drop_index("ix_entry_tag_book_id", table_name="entry_tag")
    op.drop_index("ix_entry_tag_account_id_name_key", table_name="entry_tag")
    op.drop_table("entry_tag")
    op.drop_index(
        "ix_entry_rated",
        table_name="entry",
        sqlite_where=sa.text("quarters IS NOT NULL"),
        postgresql_where=sa.text("quarters IS NOT NULL"),
    )
    op.drop_index(
        "ix_entry_account_id_quarters_rated_at_book_id",
        table_name="entry",
        sqlite_where=sa.text("quarters IS NOT NULL"),
        postgresql_where=sa.text("quarters IS NOT NULL"),
    )
    op.drop_index("ix_entry_book_id_account_id", table_name="entry")
    op.drop_index("ix_entry_account_id_state_state_at_book_id", table_name="entry")
    op.drop_table("entry")
    op.drop_table("dismissal")
    op.drop_index("ix_tie_other_id_kind", table_name="tie")
    op.drop_table("tie")
    op.drop_table("taste")
    op.drop_table("suggestion_choice")
    op.drop_table("shelf")
    op.drop_table("reader")
    op.drop_table("mute")
    op.drop_index("ix_imported_reader_group_name_account_id", table_name="imported_reader")
    op.drop_index("ix_imported_reader_account_id", table_name="imported_reader")
    op.drop_table("imported_reader")
    op.drop_table("goal")
    op.drop_index("ix_ask_account_id_id", table_name="ask")
    op.drop_table("ask")
    op.drop_table("stale_book")
    op.drop_table("fit_claim")
    op.drop_table("fit")
    op.drop_index("ix_event_at", table_name="event")
    op.drop_table("event")
    op.drop_index("ix_book_neighbor_target_id_fit_id", table_name="book_neighbor")
    op.drop_table("book_neighbor")
