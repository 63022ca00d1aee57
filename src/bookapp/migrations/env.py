"""Runs the revisions on the connection that `core.schema` opened, inside its transaction."""

from alembic import context

import bookapp.tables  # noqa: F401  # fills the metadata
from bookapp.core.db import Model

DERIVED = ("search_fts", "search_word_fts")


def _ours(obj: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    # FTS5's virtual and shadow tables are made by hand and unknown to the metadata.
    return not (kind == "table" and (name or "").startswith(DERIVED))


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Model.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    include_object=_ours,
    compare_type=True,
    transactional_ddl=True,
)
context.run_migrations()
