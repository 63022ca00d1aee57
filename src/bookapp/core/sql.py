"""SQL that both databases say differently."""

import json
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    CursorResult,
    Integer,
    Result,
    Row,
    Select,
    SQLColumnExpression,
    String,
    Table,
    TableValuedAlias,
    any_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
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


class unindexed(GenericFunction[Any]):  # noqa: N801  # as above
    """A column by which SQLite, which has no statistics, must not look anything up; PostgreSQL finds its own way."""

    inherit_cache = True

    def __init__(self, column: AnyColumn) -> None:
        self.type = cast("ColumnElement[Any]", column).type
        super().__init__(column)


@compiles(unindexed, "sqlite")
def _sqlite_unindexed(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@compiles(unindexed, "postgresql")
def _postgresql_unindexed(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


def upsert(db: AsyncSession, into: Any) -> postgresql.Insert:
    """An INSERT that can be told what to do about a row that is there: `on_conflict_do_update` and its like."""
    # Both have the same methods, and the type of neither says so.
    return cast("postgresql.Insert", (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert(into))


def is_among(db: AsyncSession, column: AnyColumn, values: Iterable[Any]) -> ColumnElement[bool]:
    """That a column is one of many values: one parameter, where a thousand cost more than the question itself."""
    listed = list(values)
    if db.get_bind().dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(listed)).table_valued("value").c.value))
    # The column tells, not the first value: there may be none.
    kind = BigInteger() if isinstance(cast("ColumnElement[Any]", column).type, Integer) else String()
    return column == any_(bindparam(None, listed, postgresql.ARRAY(kind)))


def texts_as_rows(db: AsyncSession, texts: Iterable[str], name: str) -> TableValuedAlias:
    """Texts as a table with one column `value`, to be joined: whatever their number, it is one parameter."""
    if db.get_bind().dialect.name == "sqlite":
        return func.json_each(json.dumps(list(texts))).table_valued("value", name=name)
    array = bindparam(None, list(texts), postgresql.ARRAY(String()))
    return func.unnest(array).table_valued("value").render_derived(name=name)


async def insert_rows(
    db: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]], *, skip_known: bool = False
) -> None:
    """Insert many rows that name the same columns, without those that are known if so told."""
    if not rows:
        return
    connection = await db.connection()
    dialect = connection.dialect
    if dialect.name != "sqlite":
        await connection.execute(upsert(db, table).on_conflict_do_nothing() if skip_known else insert(table), rows)
        return
    # As plain tuples: looking at every value of a million rows once more costs as much as storing them.
    given = [column for column in table.c if column.name in rows[0]]
    left = [column for column in table.c if column.name not in rows[0] and column.default is not None]
    names = ", ".join(f'"{column.name}"' for column in (*given, *left))
    marks = ", ".join("?" * (len(given) + len(left)))
    pick, rest = itemgetter(*(column.name for column in given)), [cast(Any, column.default).arg for column in left]
    values = [[*pick(row), *rest] for row in rows]
    for place, column in enumerate(given):
        if (make := column.type.dialect_impl(dialect).bind_processor(dialect)) is not None:
            for row in values:
                row[place] = make(row[place])
    ending = " ON CONFLICT DO NOTHING" if skip_known else ""
    await connection.exec_driver_sql(
        f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}){ending}',  # noqa: S608  # names of our own tables
        [tuple(row) for row in values],
    )


def rows_of(result: Result[Any]) -> int:
    """How many rows an UPDATE or a DELETE touched."""
    return cast("CursorResult[Any]", result).rowcount


def rows_as_json(rows: AnySelect) -> ColumnElement[Any]:
    """A column that holds all `rows`, in their order, so that one statement brings a thing and what hangs on it."""
    inner = rows.subquery()
    return select(json_rows(*inner.columns)).scalar_subquery()
