"""A generated catalogue of any size, put straight into the tables: a million books in a minute or two."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from bookapp.books import rules
from bookapp.core import schema
from bookapp.core.text import fold, name_key, sort_key

STEP = 20_000
SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ren",
    "tor",
    "vel",
    "sa",
    "ni",
    "du",
    "bra",
    "fen",
    "gal",
    "hol",
    "jin",
    "kor",
    "lam",
    "mor",
    "nes",
    "ost",
    "pel",
    "qui",
    "ras",
    "sil",
    "tam",
    "ul",
    "ver",
    "wen",
    "xan",
]
LANGUAGES = ("en", "en", "en", "en", "de", "fr", "es", "it")


def word(number: int) -> str:
    """The number-th word of a made-up language."""
    parts = []
    number += 7
    while number:
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts)


def batches(size: int, seed: int = 1) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    """Rows of every table in steps; words follow Zipf's law, as in real titles."""
    chance = random.Random(seed)
    authors, subjects = max(10, size * 6 // 10), 300
    vocabulary = max(2000, size // 8)
    seen: dict[str, set[int]] = {"author": set(), "words": set()}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    counts: Counter[tuple[str, str]] = Counter()
    by_author: Counter[int] = Counter()
    by_subject: Counter[int] = Counter()

    def some_word() -> int:
        return min(vocabulary - 1, int(chance.paretovariate(0.75)) - 1)

    for first in range(1, size + 1, STEP):
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        for book_id in range(first, min(size + 1, first + STEP)):
            words = [some_word() for _ in range(chance.randint(1, 5))]
            title = " ".join(word(w) for w in words).capitalize()
            author = 1 + int(authors * chance.random() ** 2)
            name = f"{word(author % 977).capitalize()} {word(author).capitalize()}"
            if author not in seen["author"]:
                seen["author"].add(author)
                rows["author"].append(
                    (
                        author,
                        name,
                        name_key(name) + f" {author}",
                        rules.author_sort(name),
                        rules.author_written(name),
                        0,
                        1,
                    )
                )
            for w in (*words, author, author % 977):
                if w not in seen["words"]:
                    seen["words"].add(w)
                    rows["search_word"].append((word(w)[:40],))
            year, language = chance.randint(1800, 2025), chance.choice(LANGUAGES)
            average, count = round(chance.uniform(2.5, 4.8), 2), max(1, 4_000_000 // book_id)
            about_it = (book_id, title, sort_key(title), author, rules.author_sort(name), year, year, language, 0.0)
            rated = (average, count, rules.score(average, count))
            rows["book"].append((*about_it, *rated, chance.randrange(2**62), 1, now, "operator"))
            rows["contribution"].append((book_id, author, 0))
            about = {chance.randrange(subjects) + 1 for _ in range(4)}
            rows["book_subject"] += [(book_id, subject, 0) for subject in about]
            more = " ".join(f"subject {word(s)}" for s in about)
            rows["search_document"].append((book_id, fold(title), fold(name), fold(more)))
            counts.update({("all", ""): 1, ("decade", str(year // 10 * 10)): 1, ("language", language): 1})
            by_author[author] += 1
            by_subject.update(about)
        if first == 1:
            rows["subject"] = [(s, f"subject {word(s)}", f"subject {word(s)}", 0) for s in range(1, subjects + 1)]
        yield rows
    last: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
    last["facet_count"] = [(kind, value, number) for (kind, value), number in counts.items()]
    last["author_count"] = [(number, author) for author, number in by_author.items()]
    last["subject_count"] = [(number, subject) for subject, number in by_subject.items()]
    yield last


TABLES = {
    "author": "id name name_key sort_key written_key book_count version",
    "subject": "id name name_key book_count",
    "book": "id title title_sort author_id author_sort year year_sort language series_sort rating_average rating_count "
    "score random_key version created_at created_by",
    "contribution": "book_id author_id position",
    "book_subject": "book_id subject_id weight",
    "search_document": "id title names more",
    "search_word": "word",
    "facet_count": "kind value book_count",
}


def fill_sqlite(path: Path, size: int) -> None:
    """Make a SQLite file with `size` books."""
    schema.migrate(f"sqlite+aiosqlite:///{path}")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    for rows in batches(size):
        for table, columns in TABLES.items():
            names = columns.split()
            values = [
                tuple(v.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(v, datetime) else v for v in r)
                for r in rows[table]
            ]
            if values:
                verb = "INSERT OR IGNORE" if table == "search_word" else "INSERT"
                marks = ",".join("?" * len(names))
                connection.executemany(f"{verb} INTO {table} ({','.join(names)}) VALUES ({marks})", values)
        connection.executemany("UPDATE author SET book_count = ? WHERE id = ?", rows.get("author_count", []))
        connection.executemany("UPDATE subject SET book_count = ? WHERE id = ?", rows.get("subject_count", []))
        connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


async def _fill_postgres(url: str, size: int) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    known: set[str] = set()
    for rows in batches(size):
        async with connection.transaction():
            rows["search_word"] = [(w,) for (w,) in dict.fromkeys(rows["search_word"]) if w not in known]
            known.update(w for (w,) in rows["search_word"])
            for table, columns in TABLES.items():
                if rows[table]:
                    await connection.copy_records_to_table(table, records=rows[table], columns=columns.split())
            await connection.executemany(
                "UPDATE author SET book_count = $1 WHERE id = $2", rows.get("author_count", [])
            )
            await connection.executemany(
                "UPDATE subject SET book_count = $1 WHERE id = $2", rows.get("subject_count", [])
            )
    for table in ("author", "book", "subject"):
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
    await connection.execute("ANALYZE")
    await connection.close()


def fill_postgres(url: str, size: int) -> None:
    """Fill an empty PostgreSQL database with `size` books."""
    schema.migrate(url)
    asyncio.run(_fill_postgres(url, size))
