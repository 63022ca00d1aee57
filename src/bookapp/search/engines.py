"""The one place that chooses between the engines."""

from bookapp.search.engine import Engine
from bookapp.search.postgres import PostgresEngine
from bookapp.search.sqlite import SqliteEngine

_ENGINES: dict[str, Engine] = {"sqlite": SqliteEngine(), "postgresql": PostgresEngine()}


def engine_for(dialect: str) -> Engine:
    """The engine for a database of this kind: `sqlite` or `postgresql`."""
    return _ENGINES[dialect]
