"""Where records come from: a directory of goodbooks tables, or the demo catalogue of this package."""

import json
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

from bookapp.books.bulk import BookRecord
from bookapp.books.languages import language_code
from bookapp.books.subjects import Meaning
from bookapp.transfer import goodbooks
from bookapp.transfer.goodbooks import Problem, Reading
from bookapp.transfer.tables import Table, Unreadable, open_table

_BOOK_COLUMNS = ("book_id", "title", "authors")


def read_goodbooks(directory: Path) -> Reading:
    """The books of `books.csv`, with subjects out of `tags.csv` and `book_tags.csv` where there are these.

    Raises Unreadable when there is no `books.csv`, or a table is damaged as a whole.
    """
    if not directory.is_dir():
        raise Unreadable(f"There is no directory “{directory}”.")
    with open_table(directory, "books") as table:
        if table is None:
            raise Unreadable(f"“{directory}” has no books.csv or books.csv.gz.")
        table.need(*_BOOK_COLUMNS)
        rows: list[tuple[int, dict[str, str]]] = []
        damaged: list[Problem] = []
        for line, row in table.rows():
            if row is None:
                reason = f"The row does not have {len(table.columns)} values; it was left out."
                damaged.append(Problem(table.file, line, "", reason))
            else:
                rows.append((line, row))
        file = table.file
    authors = set(chain.from_iterable(row["authors"].split(",") for _line, row in rows))
    reading = goodbooks.read_books(rows, _read_tags(directory, authors), file)
    reading.problems[:0] = damaged
    reading.problems.sort(key=lambda problem: problem.line)
    return reading


def _read_tags(directory: Path, authors: set[str]) -> dict[str, dict[Meaning, int]]:
    with open_table(directory, "tags") as tags, open_table(directory, "book_tags") as book_tags:
        if tags is None or book_tags is None:
            return {}
        tags.need("tag_id", "tag_name")
        book, prefix = _book_column(book_tags)
        book_tags.need(book, "tag_id", "count")
        return goodbooks.read_tags(
            tags.only("tag_id", "tag_name"), book_tags.only(book, "tag_id", "count"), prefix, authors
        )


def _book_column(table: Table) -> tuple[str, str]:
    """Some copies of the tags name books by the number that goodreads gave them."""
    return ("book_id", "") if "book_id" in table.columns else ("goodreads_book_id", "goodreads:")


def read_demo() -> list[BookRecord]:
    """The demo catalogue: books that everybody may share, described in our own words."""
    text = files(__package__).joinpath("demo_books.json").read_text(encoding="utf-8")
    return [_demo_record(book) for book in json.loads(text)]


def _demo_record(book: dict[str, Any]) -> BookRecord:
    subjects: list[str] = book["subjects"]
    return BookRecord(
        key=book["key"],
        title=book["title"],
        authors=tuple(book["authors"]),
        year=book["year"],
        language=language_code(book["language"]),
        pages=book.get("pages"),
        description=book["description"],
        # The first subject named weighs most.
        subjects=tuple((subject, len(subjects) - place) for place, subject in enumerate(subjects)),
        series=book.get("series"),
        series_position=book.get("position"),
    )
