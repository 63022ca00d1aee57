"""The work file: what a dump told, sorted as the catalogue needs it, so that 30 GB need no more memory than one.

A SQLite file of its own beside the data. It remembers how far each dump was read and which work was put in last, so
that a run that was killed goes on; when all is in, it is removed. It survives a killed process and not a power cut,
after which a new run may begin anew: that is slow and does no harm.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookapp.core.errors import Conflict

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE place (file TEXT PRIMARY KEY, byte INTEGER NOT NULL, line INTEGER NOT NULL, is_read INTEGER NOT NULL);
CREATE TABLE problem (file TEXT NOT NULL, line INTEGER NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE author (key INTEGER PRIMARY KEY, revision INTEGER NOT NULL, name TEXT, target INTEGER);
CREATE TABLE work (key INTEGER PRIMARY KEY, revision INTEGER NOT NULL, facts TEXT, target INTEGER);
CREATE TABLE edition (work INTEGER NOT NULL, key INTEGER NOT NULL, revision INTEGER NOT NULL, facts TEXT NOT NULL);
CREATE TABLE here (title TEXT, author TEXT, book INTEGER NOT NULL, PRIMARY KEY (title, author)) WITHOUT ROWID;
CREATE TABLE rating (work INTEGER PRIMARY KEY, stars INTEGER NOT NULL, count INTEGER NOT NULL);
CREATE TABLE cover (key INTEGER PRIMARY KEY, is_good INTEGER NOT NULL);
"""
_PUT = {
    "author": """INSERT INTO author VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET revision = excluded.revision,
                 name = excluded.name, target = excluded.target WHERE excluded.revision >= author.revision""",
    "work": """INSERT INTO work VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET revision = excluded.revision,
               facts = excluded.facts, target = excluded.target WHERE excluded.revision >= work.revision""",
    "edition": "INSERT INTO edition VALUES (?, ?, ?, ?)",
    "rating": """INSERT INTO rating VALUES (?, ?, 1) ON CONFLICT DO UPDATE
                 SET stars = stars + excluded.stars, count = count + 1""",
    "cover": "INSERT OR REPLACE INTO cover VALUES (?, ?)",
    "problem": "INSERT INTO problem VALUES (?, ?, ?, ?)",
}
_FOLLOW = "UPDATE {0} SET target = (SELECT o.target FROM {0} AS o WHERE o.key = {0}.target) WHERE target IN ({1})"
_LEADING = "SELECT key FROM {0} WHERE target IS NOT NULL"
_SORT = """
CREATE TABLE published (work INTEGER NOT NULL, key INTEGER NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (work, key))
WITHOUT ROWID;
INSERT OR REPLACE INTO published SELECT coalesce(w.target, e.work) AS meant, e.key, e.facts
FROM edition AS e LEFT JOIN work AS w ON w.key = e.work ORDER BY meant, e.key, e.revision;
DROP TABLE edition;
CREATE TEMP TABLE led AS SELECT w.target AS work, r.stars, r.count FROM rating AS r
JOIN work AS w ON w.key = r.work WHERE w.target IS NOT NULL;
INSERT INTO rating SELECT work, stars, count FROM led WHERE true ON CONFLICT DO UPDATE
SET stars = rating.stars + excluded.stars, count = rating.count + excluded.count;
CREATE INDEX ix_work_target ON work (target) WHERE target IS NOT NULL;
"""
_CHAIN = 8
"""Redirects lead to redirects; nobody has seen more than a few."""
MOST_PROBLEMS = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read."""

    byte: int = 0
    line: int = 0
    is_read: bool = False


class WorkFile:
    """The file, for one process at a time."""

    def __init__(self, path: Path, asked: dict[str, Any]) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        wanted = json.dumps(asked, sort_keys=True)
        self._db = _opened(path)
        if self._asked() != wanted:
            self._db.close()
            _remove(path)
            self._db = _opened(path)
            self._db.executescript(f"BEGIN; {_TABLES} COMMIT;")
            self.tell(asked=wanted)

    def _asked(self) -> object:
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return None
        return self.told("asked")

    def close(self) -> None:
        """Let go of it; it stays for the next run."""
        self._db.close()

    def remove(self) -> None:
        """Everything is in: nobody needs it any more."""
        self._db.close()
        _remove(self.path)

    @contextmanager
    def step(self) -> Iterator[None]:
        """A transaction: all of it is kept, or nothing."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def told(self, name: str) -> Any:
        """What was remembered under this name, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def tell(self, **values: object) -> None:
        """Remember."""
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def place_in(self, file: str) -> Place:
        """How far a file was read."""
        row = self._db.execute("SELECT byte, line, is_read FROM place WHERE file = ?", (file,)).fetchone()
        return Place(row[0], row[1], bool(row[2])) if row else Place()

    def keep(self, file: str, place: Place, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        """Store what some lines told, and where the next ones begin."""
        with self.step():
            for kind, values in rows.items():
                self._db.executemany(_PUT[kind], values)
            now = (file, place.byte, place.line, place.is_read)
            self._db.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", now)

    def sort(self) -> None:
        """Follow the redirects, and bring editions into the order of their works; once."""
        if self.told("sorted"):
            return
        with self.step():
            for table in ("author", "work"):
                for _ in range(_CHAIN):
                    self._db.execute(_FOLLOW.format(table, _LEADING.format(table)))
            for statement in _SORT.split(";"):
                self._db.execute(statement)
            self.tell(sorted=1, works=self._db.execute("SELECT count(facts) FROM work").fetchone()[0])

    def works_after(self, key: int, limit: int) -> list[tuple[int, str]]:
        """The next works that are none that lead elsewhere, in the order of their keys."""
        query = "SELECT key, facts FROM work WHERE key > ? AND facts IS NOT NULL ORDER BY key LIMIT ?"
        return self._db.execute(query, (key, limit)).fetchall()

    def editions_between(self, first: int, last: int) -> Iterable[tuple[int, str]]:
        """The editions of these works: the number of the work and what is told, in order."""
        return self._db.execute("SELECT work, facts FROM published WHERE work BETWEEN ? AND ?", (first, last))

    def ratings_between(self, first: int, last: int) -> dict[int, tuple[int, int]]:
        """The sum of stars and the number of ratings of these works."""
        rows = self._db.execute("SELECT * FROM rating WHERE work BETWEEN ? AND ?", (first, last))
        return {work: (stars, count) for work, stars, count in rows}

    def good_covers(self, offered: Iterable[int]) -> set[int]:
        """Those of these pictures that will do: all of them, when no list of covers was read."""
        numbers = set(offered)
        if not self._db.execute("SELECT EXISTS (SELECT 1 FROM cover)").fetchone()[0]:
            return numbers
        query = "SELECT c.key FROM json_each(?) AS j JOIN cover AS c ON c.key = j.value WHERE c.is_good"
        return {key for (key,) in self._db.execute(query, (json.dumps(sorted(numbers)),))}

    def names_of(self, authors: Iterable[int]) -> dict[int, str]:
        """The names of authors, also of those who are led to others."""
        rows = self._db.execute(
            "SELECT a.key, coalesce(a.name, b.name) FROM json_each(?) AS j JOIN author AS a ON a.key = j.value"
            " LEFT JOIN author AS b ON b.key = a.target",
            (json.dumps(sorted(set(authors))),),
        )
        return {key: name for key, name in rows if name is not None}

    def begin_here(self) -> None:
        """Forget what was in the catalogue."""
        self._db.execute("DELETE FROM here")

    def keep_here(self, books: Sequence[tuple[str, str, int]]) -> None:
        """Remember books: their folded titles and authors, and their ids. The first of several counts."""
        with self.step():
            self._db.executemany("INSERT OR IGNORE INTO here VALUES (?, ?, ?)", books)

    def here(self, title: str, author: str) -> int | None:
        """The book of the catalogue with this folded title and author."""
        query = "SELECT book FROM here WHERE title = ? AND author = ?"
        row = self._db.execute(query, (title, author)).fetchone()
        return None if row is None else int(row[0])

    def led_to(self, first: int, last: int) -> list[tuple[int, int]]:
        """Which works lead to these: pairs of both."""
        query = "SELECT key, target FROM work WHERE target BETWEEN ? AND ? AND target IS NOT NULL"
        return self._db.execute(query, (first, last)).fetchall()

    def problems(self) -> tuple[int, Sequence[tuple[str, int, str, str]]]:
        """How many lines could not be read, and the first of them: file, line, key, reason."""
        count = self._db.execute("SELECT count(*) FROM problem").fetchone()[0]
        rows = self._db.execute("SELECT * FROM problem ORDER BY file, line LIMIT ?", (MOST_PROBLEMS,)).fetchall()
        return count, rows


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        # No care for power cuts, and nobody else beside us.
        db.executescript(
            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000;"
            "PRAGMA wal_autocheckpoint=8000; BEGIN IMMEDIATE; COMMIT;"
        )
    except sqlite3.OperationalError as error:
        db.close()
        if "locked" in str(error):
            raise Conflict("Another import of a dump is running. Wait for it, or stop it.") from error
        raise
    except sqlite3.DatabaseError:
        db.close()
        _remove(path)
        return _opened(path)
    return db


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
