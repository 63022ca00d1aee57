"""`bookapp import goodbooks DIR`, `bookapp import FILE` and `bookapp demo`."""

import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click

from bookapp.books.bulk import BookRecord, BulkCounts
from bookapp.config import Settings
from bookapp.core.actor import OPERATOR
from bookapp.core.text import name_key, safe_cell
from bookapp.transfer import (
    actions,
    catalogue_actions,
    catalogues,
    export_cli,
    goodbooks,
    import_cli,
    openlibrary_cli,
    reader_actions,
)
from bookapp.transfer.catalogue_lines import count_lines, read_lines
from bookapp.transfer.goodbooks import Problem, Reading
from bookapp.transfer.readers import Readers, read_readers
from bookapp.transfer.terminal import progress, run, settings_of_a_ready_database

_SHOWN = 20
_REPORT = click.option(
    "--report",
    type=click.File("w", encoding="utf-8", lazy=False, atomic=True),
    metavar="FILE",
    help="Write every problem into this CSV file.",
)


class _Files(click.Group):
    """Takes the name of a file for a command as well: `bookapp import books.jsonl`, `... mine.csv --user alice`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; a file is a catalogue, or somebody's own books."""
        if args and args[0] not in self.commands and Path(args[0]).is_file():
            is_own = any(word == "--user" or word.startswith("--user=") for word in args)
            args = ["file" if is_own else "catalogue", *args]
        return super().resolve_command(ctx, args)


@click.group("import", cls=_Files)
def import_() -> None:
    """Bring in books from elsewhere.

    `bookapp import FILE` is `bookapp import catalogue FILE`; with `--user NAME` it is `bookapp import file FILE`: what
    somebody has on the shelves of another place.
    """


import_.add_command(import_cli.file_)
import_.add_command(openlibrary_cli.openlibrary)


@import_.command("catalogue")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_REPORT
def catalogue(file: Path, report: TextIO | None) -> None:
    """Put the books of FILE in: the JSON lines of /books.jsonl or `bookapp export catalogue`, plain or as .gz.

    You can run this again at any time, also beside a running server: books that are here already are found again by
    their ISBN, their keys or their names and brought up to date, what people edited is kept.
    """
    began = time.monotonic()
    settings = settings_of_a_ready_database()
    with progress(count_lines(file), "books", "Putting books in") as told:
        counts, problems = run(
            settings, lambda db: catalogue_actions.put_catalogue(db, OPERATOR, read_lines(file), told)
        )
    click.echo(f"{counts.new + counts.known + counts.changed:,} books, {time.monotonic() - began:.1f} seconds.")
    click.echo(f"{counts.new:,} new, {counts.known:,} known, {counts.changed:,} changed.")
    _tell_problems(problems, report)
    if problems and not counts.new + counts.known + counts.changed:
        raise click.ClickException(
            "No line of it is a book as /books.jsonl has them. A file of another place goes in with --user NAME, "
            "a dump of Open Library with `bookapp import openlibrary`."
        )


@import_.command("goodbooks")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@_REPORT
def goodbooks_(directory: Path, report: TextIO | None) -> None:
    """Bring in the books of the goodbooks-10k tables in DIR, and its readers.

    DIR holds books.csv, tags.csv and book_tags.csv, plain or as .csv.gz. You can run this again at any time, also
    beside a running server: books that are here already are brought up to date, what people edited is kept.

    With ratings.csv, or ratings_train.csv and foldin.csv, each of their readers becomes an account in which nobody
    can sign in and that no page shows; to_read.csv adds what they want to read. `bookapp recommender fit` learns
    from them.
    """
    began = time.monotonic()
    settings = settings_of_a_ready_database()
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
    with progress(len(readers), "readers", "Putting readers in") as told:
        counts = run(settings, lambda db: reader_actions.put_readers(db, goodbooks.SOURCE, readers.records(), told))
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
    settings = settings_of_a_ready_database()
    records = catalogues.read_demo()
    counts = _put_in(settings, "demo", records)
    _tell_counts(records, counts, time.monotonic() - began)
    click.echo(f"Now run `bookapp serve` if it is not running, and open {settings.address}/ to look around.")
    click.echo("You can edit and delete these books like any others; running this again leaves your changes alone.")


commands: tuple[click.Command, ...] = (import_, demo, *export_cli.commands)


def _put_in(settings: Settings, source: str, records: Sequence[BookRecord]) -> BulkCounts:
    with progress(len(records), "books", "Putting books in") as told:
        return run(settings, lambda db: actions.put_in(db, OPERATOR, source, records, told))


def _isbn_problems(reading: Reading, counts: BulkCounts) -> list[Problem]:
    return [Problem(reading.file, reading.lines[key], key, catalogue_actions.TAKEN) for key in counts.isbn_taken]


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
        writer.writerows((safe_cell(p.file), p.line, safe_cell(p.book), safe_cell(p.reason)) for p in problems)
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
