"""`bookapp import goodbooks DIR` and `bookapp demo`."""

import asyncio
import csv
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from bookapp.books.bulk import BookRecord, BulkCounts
from bookapp.config import Settings, load_settings
from bookapp.core.actor import OPERATOR
from bookapp.core.db import Database
from bookapp.core.schema import migrate
from bookapp.core.text import name_key
from bookapp.transfer import actions, catalogues, goodbooks, reader_actions
from bookapp.transfer.goodbooks import Problem, Reading
from bookapp.transfer.reader_actions import ReaderCounts
from bookapp.transfer.readers import Readers, read_readers

_SHOWN = 20
_LINE = 500
"""Where no bar can be drawn, a line is written for so many."""


@click.group("import")
def import_() -> None:
    """Bring in books from another catalogue."""


@import_.command("goodbooks")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--report",
    type=click.File("w", encoding="utf-8", lazy=False, atomic=True),
    metavar="FILE",
    help="Write every problem into this CSV file.",
)
def goodbooks_(directory: Path, report: TextIO | None) -> None:
    """Bring in the books of the goodbooks-10k tables in DIR, and its readers.

    DIR holds books.csv, tags.csv and book_tags.csv, plain or as .csv.gz. You can run this again at any time, also
    beside a running server: books that are here already are brought up to date, what people edited is kept.

    With ratings.csv, or ratings_train.csv and foldin.csv, each of their readers becomes an account in which nobody
    can sign in and that no page shows; to_read.csv adds what they want to read. `bookapp recommender fit` learns
    from them.
    """
    began = time.monotonic()
    settings = _settings_of_a_ready_database()
    click.echo(f"Reading {directory} ...")
    reading = catalogues.read_goodbooks(directory)
    counts = _put_in(settings, goodbooks.SOURCE, reading.records)
    problems = [*reading.problems, *_isbn_problems(reading, counts)]
    _tell_counts(reading.records, counts, time.monotonic() - began)
    _tell_problems(problems, report)
    _put_readers_in(settings, read_readers(directory))


def _put_readers_in(settings: Settings, readers: Readers) -> None:
    if not readers:
        return
    began = time.monotonic()

    async def run(told: Callable[[int], None]) -> ReaderCounts:
        db = Database(settings.database_url, synchronous=settings.sqlite_synchronous)
        try:
            return await reader_actions.put_readers(db, goodbooks.SOURCE, readers.records(), told)
        finally:
            await db.close()

    with _progress(len(readers), "readers") as told:
        counts = asyncio.run(run(told))
    click.echo(f"{counts.readers:,} readers, {counts.new:,} of them new, {time.monotonic() - began:.1f} seconds.")
    click.echo(f"Of their books {counts.added:,} are new, {counts.known:,} known, {counts.changed:,} changed.")
    for file, rows in readers.damaged.items():
        click.echo(f"  {file}: {rows:,} rows could not be read and were left out.")
    if counts.absent:
        click.echo(f"  {counts.absent:,} ratings are of books that are not here and were left out.")


@click.command("demo")
def demo() -> None:
    """Put some seventy well-known old books in, to look around with."""
    began = time.monotonic()
    settings = _settings_of_a_ready_database()
    records = catalogues.read_demo()
    counts = _put_in(settings, "demo", records)
    _tell_counts(records, counts, time.monotonic() - began)
    click.echo(f"Now run `bookapp serve` if it is not running, and open {settings.address}/ to look around.")
    click.echo("You can edit and delete these books like any others; running this again leaves your changes alone.")


commands: tuple[click.Command, ...] = (import_, demo)


def _settings_of_a_ready_database() -> Settings:
    settings = load_settings()
    migrate(settings.database_url)
    return settings


def _put_in(settings: Settings, source: str, records: Sequence[BookRecord]) -> BulkCounts:
    async def run(told: Callable[[int], None]) -> BulkCounts:
        db = Database(settings.database_url, synchronous=settings.sqlite_synchronous)
        try:
            return await actions.put_in(db, OPERATOR, source, records, told)
        finally:
            await db.close()

    with _progress(len(records)) as told:
        return asyncio.run(run(told))


@contextmanager
def _progress(total: int, what: str = "books") -> Iterator[Callable[[int], None]]:
    """What to call when so many more are in: moves a bar on a terminal, writes a line elsewhere."""
    if sys.stdout.isatty():
        with click.progressbar(length=total, label=f"Putting {what} in") as bar:
            yield bar.update
        return
    done = 0

    def told(more: int) -> None:
        nonlocal done
        before, done = done, done + more
        if done // _LINE != before // _LINE or done >= total:
            click.echo(f"{done:,} of {total:,} {what}")

    yield told


def _isbn_problems(reading: Reading, counts: BulkCounts) -> list[Problem]:
    reason = "Another book has this ISBN already; the book was kept without it."
    return [Problem(reading.file, reading.lines[key], key, reason) for key in counts.isbn_taken]


def _tell_counts(records: Sequence[BookRecord], counts: BulkCounts, seconds: float) -> None:
    authors = {name_key(name) for record in records for name in record.authors}
    subjects = {name_key(name) for record in records for name, _weight in record.subjects}
    click.echo(
        f"{len(records):,} books by {len(authors):,} authors, {len(subjects):,} subjects, {seconds:.1f} seconds."
    )
    click.echo(f"{counts.new:,} new, {counts.known:,} known, {counts.changed:,} changed.")


def _tell_problems(problems: Sequence[Problem], report: TextIO | None) -> None:
    if report is not None:
        writer = csv.writer(report, lineterminator="\n")
        writer.writerow(("file", "line", "book", "reason"))
        writer.writerows((_cell(p.file), p.line, _cell(p.book), _cell(p.reason)) for p in problems)
    if not problems:
        click.echo("Everything could be read.")
        return
    click.echo(f"{len(problems):,} could not be read in full:")
    for problem in problems[:_SHOWN]:
        book = f", book {problem.book}" if problem.book else ""
        click.echo(f"  {problem.file}, line {problem.line}{book}: {problem.reason}")
    if len(problems) > _SHOWN:
        where = f"{report.name} has all of them." if report is not None else "--report FILE writes all of them."
        click.echo(f"  ... and {len(problems) - _SHOWN:,} more. {where}")


def _cell(text: str) -> str:
    # A spreadsheet would run a cell that begins like a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
