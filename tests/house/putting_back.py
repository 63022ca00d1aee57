"""Everything that is stored, as one script that stores it again: in one visit, where row by row it takes 150."""

from typing import Any

from sqlalchemy import Table, text

from bookapp.core.db import Database, Model


async def script_of(db: Database) -> str:
    """SQL that empties every table and fills it with what is in there now."""
    tables = Model.metadata.sorted_tables
    lines = [f'DELETE FROM "{table.name}"' for table in reversed(tables)]
    async with db.reading() as session:
        for table in tables:
            found = (await session.scalars(text(_as_sqlite(table) if db.is_sqlite else _as_postgres(table)))).all()
            lines += [line for line in found if line]
    # A job that the last request began may be writing, from a process of its own.
    begin, end = ("PRAGMA busy_timeout=15000; BEGIN IMMEDIATE", "COMMIT; PRAGMA busy_timeout=0")
    return ";\n".join([begin, *lines, end] if db.is_sqlite else ["BEGIN", *lines, "COMMIT"])


def _columns(table: Table) -> list[str]:
    return [f'"{column.name}"' for column in table.columns if column.computed is None]


def _as_sqlite(table: Table) -> str:
    names = _columns(table)
    values = " || ', ' || ".join(f"quote({name})" for name in names)
    return (
        f"""SELECT 'INSERT INTO "{table.name}" ({", ".join(names)}) VALUES (' || {values} || ')' FROM "{table.name}" """
    )


def _as_postgres(table: Table) -> str:
    names = ", ".join(_columns(table))
    return f"""
        SELECT 'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM json_populate_recordset(NULL::"{table.name}", '
            || quote_literal(json_agg(row)::text) || ')'
        FROM (SELECT {names} FROM "{table.name}") AS row HAVING count(*) > 0
    """


async def run(db: Database, script: str) -> None:
    """Run such a script."""
    async with db.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await (driver.executescript if db.is_sqlite else driver.execute)(script)
