"""SQL that both databases say differently."""

from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, CursorResult, Result, Row, Select, SQLColumnExpression, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
AnyColumn = SQLColumnExpression[Any]


class json_rows(GenericFunction[Any]):  # noqa: N801  # reads as the SQL function it is
    """An aggregate: all rows as one JSON array, each row an array of the given columns."""

    type = JSON()
    inherit_cache = True


@compiles(json_rows, "sqlite")
def _sqlite(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **kw)}))"


@compiles(json_rows, "postgresql")
def _postgresql(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce(json_agg(json_build_array({compiler.process(element.clauses, **kw)})), '[]'::json)"


def rows_of(result: Result[Any]) -> int:
    """How many rows an UPDATE or a DELETE touched."""
    return cast("CursorResult[Any]", result).rowcount


def rows_as_json(rows: AnySelect) -> ColumnElement[Any]:
    """A column that holds all `rows`, in their order, so that one statement brings a thing and what hangs on it."""
    inner = rows.subquery()
    return select(json_rows(*inner.columns)).scalar_subquery()
