"""Moving in and out: jobs, imports, editions, what readers say beyond stars, answers from outside."""

import sqlalchemy as sa
from alembic import op

from bookapp.core.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
    )
    op.create_table(
        "look_up",
        sa.Column("isbn", KEY, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("isbn", name="pk_look_up"),
    )
    op.create_index("ix_look_up_at", "look_up", ["at"])
    op.create_table(
        "job",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("saying", sa.String(length=200), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("is_unwanted", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("begin_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="ck_job_state_known"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_job_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_account_id_id", "job", ["account_id", "id"])
    op.create_index("ix_job_state_begin_at_id", "job", ["state", "begin_at", "id"])
    op.create_table(
        "outside_cover",
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("cover_id", sa.BigInteger(), nullable=True),
        sa.Column("wanted_at", UtcDateTime(), nullable=True),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.CheckConstraint("outcome IN ('found', 'none', 'silent')", name="ck_outside_cover_outcome_known"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_outside_cover_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("book_id", name="pk_outside_cover"),
    )
    wanted = sa.text("wanted_at IS NOT NULL")
    op.create_index(
        "ix_outside_cover_wanted_at", "outside_cover", ["wanted_at"], sqlite_where=wanted, postgresql_where=wanted
    )
    op.create_table(
        "detail",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("moods", sa.JSON(), nullable=False),
        sa.Column("pace", sa.String(length=10), nullable=True),
        sa.Column("traits", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("warning_note", sa.Text(), nullable=True),
        sa.Column("format", sa.String(length=40), nullable=True),
        sa.Column("copies", sa.SmallInteger(), nullable=True),
        sa.Column("is_favorite", sa.Boolean(), nullable=False),
        sa.Column("more", sa.JSON(), nullable=False),
        sa.CheckConstraint("pace IN ('slow', 'medium', 'fast')", name="ck_detail_pace_known"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_detail_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_detail_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "book_id", name="pk_detail"),
    )
    op.create_index("ix_detail_book_id", "detail", ["book_id"])
    op.create_table(
        "edition",
        sa.Column("isbn", KEY, autoincrement=False, nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("publisher", sa.String(length=200), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("format", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_edition_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("isbn", name="pk_edition"),
    )
    op.create_index("ix_edition_book_id", "edition", ["book_id"])
    op.create_table(
        "import",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.String(length=30), nullable=True),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("step IN ('look', 'put')", name="ck_import_step_known"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_import_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_import_job_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_import"),
    )
    op.create_index("ix_import_account_id_id", "import", ["account_id", "id"])
    op.create_index("ix_import_job_id", "import", ["job_id"])
    op.create_table(
        "import_memory",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_import_memory_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_import_memory_book_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "source", "key", name="pk_import_memory"),
    )
    op.create_index("ix_import_memory_book_id", "import_memory", ["book_id"])
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=True),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('failed', 'doubtful', 'chosen', 'put', 'left')", name="ck_import_row_state_known"
        ),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_import_row_book_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name="fk_import_row_import_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_row"),
    )
    op.create_index("ix_import_row_book_id", "import_row", ["book_id"])
    op.create_index("ix_import_row_import_id_state_number", "import_row", ["import_id", "state", "number"])
    _count_who_is_here()


_GONE = "SELECT id FROM account WHERE disabled_at IS NOT NULL OR delete_at IS NOT NULL"
_NO_MORE = f"seen_by = 2 AND quarters IS NOT NULL AND account_id IN ({_GONE})"
_STARS = "(coalesce(world_average, 0.0) * world_count + here_quarters / 4.0)"


def _count_who_is_here() -> None:
    """Ratings and advice count from now on as long as their people are neither shut out nor leaving."""
    op.execute(
        "UPDATE book SET here_count = here_count - gone.n, here_quarters = here_quarters - gone.quarters FROM "  # noqa: S608  # words of our own
        f"(SELECT book_id, count(*) AS n, sum(quarters) AS quarters FROM entry WHERE {_NO_MORE} GROUP BY book_id) "
        "AS gone WHERE gone.book_id = book.id"
    )
    op.execute(
        "UPDATE book SET rating_count = world_count + here_count, "  # noqa: S608  # words of our own
        f"rating_average = CASE WHEN world_count + here_count > 0 THEN {_STARS} / (world_count + here_count) END, "
        f"score = CASE WHEN world_count + here_count > 0 THEN ({_STARS} + 175.0) / (world_count + here_count + 50) "
        f"ELSE 0.0 END WHERE id IN (SELECT book_id FROM entry WHERE {_NO_MORE})"
    )
    # Each further voice is worth three weeks, eleven of them at most; who is left spoke at `last_at`.
    praise = sa.table("praise", sa.column("book_id"), sa.column("account_id"), sa.column("at", UtcDateTime()))
    gone = sa.text(f"account_id IN ({_GONE})")
    books = sa.select(praise.c.book_id).where(gone)
    left = sa.select(praise.c.book_id, sa.func.count(), sa.func.max(praise.c.at)).where(praise.c.book_id.in_(books))
    rows = op.get_bind().execute(left.where(sa.text(f"account_id NOT IN ({_GONE})")).group_by(praise.c.book_id)).all()
    op.execute(f"DELETE FROM praised WHERE book_id IN (SELECT book_id FROM praise WHERE account_id IN ({_GONE}))")  # noqa: S608  # words of our own
    praised = sa.table("praised", sa.column("book_id"), sa.column("voices"), sa.column("rank"))
    for book_id, voices, last_at in rows:
        rank = int(last_at.timestamp()) + (min(voices, 12) - 1) * 21 * 86_400
        op.execute(praised.insert().values(book_id=book_id, voices=voices, rank=rank))
    op.execute(
        "UPDATE pair SET vote_count = (SELECT count(*) FROM pair_voice WHERE pair_id = pair.id "  # noqa: S608  # words of our own
        f"AND account_id NOT IN ({_GONE})) WHERE id IN (SELECT pair_id FROM pair_voice WHERE account_id IN ({_GONE}))"
    )


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_memory")
    op.drop_table("import")
    op.drop_table("edition")
    op.drop_table("detail")
    op.drop_table("outside_cover")
    op.drop_table("look_up")
    op.drop_table("job")
    op.drop_table("place")
