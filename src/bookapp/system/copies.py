"""Copying a SQLite database while others write to it, and proving that a copy is whole."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bookapp.system.archive import BadBackup

PAGES = 2048


def copy_sqlite(source: Path, target: Path, tick: Callable[[int, int], object]) -> dict[str, int]:
    """Copy the database as it is at this moment, and count the rows of each table in the same moment.

    Uses SQLite's backup and not VACUUM INTO: the search index names rows by their hidden number, which a
    vacuum may change. `tick` hears how many pages are left, and of how many.
    """
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=15)) as original:
        original.isolation_level = None
        original.execute("BEGIN")  # one reading transaction: the copy does not begin again when somebody writes
        counts = row_counts(original)
        with closing(sqlite3.connect(target)) as copy:
            original.backup(copy, pages=PAGES, progress=lambda _status, left, total: tick(left, total), sleep=0)
            copy.execute("PRAGMA journal_mode=DELETE").close()  # one file, without a log beside it
        original.execute("ROLLBACK")
    return counts


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the rows of each table, without those that the search index keeps for itself."""
    names = [
        str(name)
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    return {
        name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608  # its own names
        for name in sorted(names)
    }


def verify_sqlite(path: Path, counts: dict[str, int]) -> str:
    """Prove that the database is whole and has these rows. Returns its revision. Raises BadBackup."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            if (said := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise BadBackup(f"The copy is damaged: {said}")
            if connection.execute("PRAGMA foreign_key_check").fetchone():
                raise BadBackup("The copy has references to rows that are not there.")
            if row_counts(connection) != counts:
                raise BadBackup("The copy does not have the rows that it should have.")
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"The copy cannot be read: {error}.") from error


def take_out_of_use(path: Path) -> bool:
    """Fold the log into the database file; False when anybody else has the database open.

    Leaving WAL mode needs the file for itself alone: so this is also how we know that no server uses it.
    """
    try:
        with closing(sqlite3.connect(path, timeout=0.5)) as connection:
            return bool(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # too damaged for anybody to use: all the more reason to restore
