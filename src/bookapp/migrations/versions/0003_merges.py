"""Merges of authors and of books, with what is needed to undo them; what the place does by itself."""

import sqlalchemy as sa
from alembic import op

from bookapp.core.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "merge",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("from_name", sa.String(length=500), nullable=False),
        sa.Column("into_id", sa.BigInteger(), nullable=False),
        sa.Column("into_name", sa.String(length=500), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('author', 'book')", name="ck_merge_kind_known"),
        sa.PrimaryKeyConstraint("id", name="pk_merge"),
    )
    op.create_index("ix_merge_kind_from_id", "merge", ["kind", "from_id"])
    op.create_table(
        "chore",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_chore"),
    )


def downgrade() -> None:
    op.drop_table("chore")
    op.drop_table("merge")
