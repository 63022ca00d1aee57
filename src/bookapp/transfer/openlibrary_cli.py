"""`bookapp import openlibrary FILES`: a dump of Open Library becomes an offline catalogue."""

import asyncio
import csv
import hashlib
import os
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from bookapp.books.bulk import BulkCounts
from bookapp.books.bulk_joining import list_others
from bookapp.books.languages import language_code
from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.core.text import safe_cell
from bookapp.openlibrary import dump_actions, dump_works
from bookapp.openlibrary.dump_lines import files_of
from bookapp.openlibrary.dump_reading import read_dump
from bookapp.openlibrary.dump_works import Wanted, Work
from bookapp.openlibrary.models import MAKER
from bookapp.openlibrary.workfile import WorkFile
from bookapp.transfer.actions import STEP, insist
from bookapp.transfer.terminal import progress, run, settings_of_a_ready_database

PAUSE = 0.02
"""Shorter than for other imports: this one takes many thousand steps, and those who wait look every 10 ms."""
LEAST, MOST = 250, 8000
_SECONDS = 0.7
"""A step may take so long: others give up after 1.5 seconds."""
_FORMAT = 3
"""Of the work file; one of another release is begun anew."""
_SHOWN = 20
_MEGABYTE = 2**20


class Pace:
    """How many works a step has: as many as the database stores while somebody else may well wait."""

    def __init__(self, *, alone: bool) -> None:
        self.step = MOST if alone else STEP
        self._alone = alone

    def took(self, seconds: float) -> None:
        """Learn from the last step. Large ones are better: each page of an index that it changes is written once."""
        if not self._alone and seconds > 0:
            wanted = int(self.step * _SECONDS / seconds)
            self.step = max(LEAST, min(MOST, wanted, 2 * self.step))


class _Languages(click.ParamType[tuple[str, ...]]):
    """`eng,ger` as codes."""

    name = "languages"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Read them."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(dict.fromkeys(language_code(part) for part in value.split(",") if part.strip()))
        except ValueError as error:
            self.fail(f"“{value}” {error}, several with commas between them.", param, ctx)


@click.command("openlibrary")
@click.argument("paths", metavar="DIR|FILES...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--language", "languages", type=_Languages(), default=(), metavar="eng,ger",
              help="Only works with an edition in one of these languages.")  # fmt: skip
@click.option("--with-isbn", is_flag=True, help="Only works with an edition that has an ISBN.")
@click.option("--min-editions", type=click.IntRange(0), default=0, metavar="N",
              help="Only works with so many editions: those that were printed again and again.")  # fmt: skip
@click.option("--alone", is_flag=True, help="Nobody uses the place meanwhile: larger steps, which are faster.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Stop after so many works.")
@click.option("--report", type=click.File("w", encoding="utf-8", lazy=False, atomic=True), metavar="FILE",
              help="Write every line that could not be read into this CSV file.")  # fmt: skip
def openlibrary(
    paths: tuple[Path, ...], languages: tuple[str, ...], with_isbn: bool, min_editions: int, alone: bool,
    limit: int | None, report: TextIO | None,
) -> None:  # fmt: skip
    """Bring in the works of a dump of Open Library: the files of DIR, or FILES, plain or as .gz.

    They are known by what is in them: authors, works, editions, redirects, ratings, covers, or all in one. You can stop
    this and run it again, with the same words, and it goes on; books that are here already are recognised and get what
    they lack, what people edited is kept. It needs room on the disk of the data, about five times that of the files.
    """
    settings = settings_of_a_ready_database()
    # What is too large to be sorted in memory goes to the disk of the data, and not to a small /tmp.
    os.environ.setdefault("SQLITE_TMPDIR", str(settings.data_dir))
    wanted = Wanted(languages=languages, with_isbn=with_isbn, min_editions=min_editions)
    files = files_of(list(paths))
    file = WorkFile(settings.data_dir / "openlibrary.work", _asked(settings, files, wanted, limit))
    try:
        _read(file, files)
        run(settings, lambda db: _put(db, file, wanted, limit, Pace(alone=alone)))
        _tell_problems(file, report)
    except BaseException:
        file.close()
        raise
    file.remove()


def _asked(settings: Settings, files: list[Path], wanted: Wanted, limit: int | None) -> dict[str, Any]:
    """What makes a run the same as the one before, so that it goes on."""
    stats = [(str(path), path.stat()) for path in files]
    return {
        "format": _FORMAT,
        "database": hashlib.sha256(settings.database_url.encode()).hexdigest(),
        "files": [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats],
        "limit": limit,
        **asdict(wanted),
    }


def _read(file: WorkFile, files: list[Path]) -> None:
    if file.told("sorted"):
        click.echo("Going on where the last run stopped: everything is read.")
        return
    began, lines = time.monotonic(), 0
    if any(file.place_in(str(path)).line for path in files):
        click.echo("Going on where the last run stopped.")
    total = sum(path.stat().st_size for path in files)
    with progress(total, "bytes", "Reading", every=10 * _MEGABYTE) as told:
        for path in files:
            lines += read_dump(path, file, told)
    click.echo(f"{lines:,} lines read, {time.monotonic() - began:.1f} seconds. Sorting ...")
    file.sort()


async def _put(db: Database, file: WorkFile, wanted: Wanted, limit: int | None, pace: Pace) -> None:
    """Put the works in, in the order of their keys; each step is remembered when it is in."""
    began = time.monotonic()
    await db.expect_much()
    place, seen, taken = await _begin(db, file)
    await _look_around(db, file)
    counts, joined, before = BulkCounts(), 0, seen
    with progress(file.told("works"), "works", "Putting works in", every=20_000) as told:
        told(seen)
        ready = await asyncio.to_thread(dump_works.next_works, file, place, pace.step, wanted)
        while ready[2]:
            works, place, looked_at = ready
            works = works[: limit - taken] if limit else works
            # The next ones are read while the database stores these.
            reading = asyncio.create_task(asyncio.to_thread(dump_works.next_works, file, place, pace.step, wanted))
            try:
                more, also = await _put_step(db, works, pace)
            finally:
                ready = await reading
            counts, joined = counts + more, joined + also
            seen, taken = seen + looked_at, taken + len(works)
            file.tell(place=place, seen=seen, taken=taken, last=works[-1].record.key if works else file.told("last"))
            told(looked_at)
            if limit and taken >= limit:
                break
            await asyncio.sleep(PAUSE)
    seconds = time.monotonic() - began
    click.echo(f"{seen - before:,} works looked at, {seconds:.1f} seconds, {(seen - before) / seconds:,.0f} a second.")
    click.echo(f"{counts.new:,} new, {counts.known:,} known, {counts.changed:,} changed; {joined:,} were here already.")


async def _look_around(db: Database, file: WorkFile) -> None:
    """Let the work file know the books that others have added."""
    after: int | None = 0
    file.begin_here()
    while after is not None:
        async with db.reading() as session:
            books, after = await list_others(session, after, MAKER.name)
        file.keep_here(books)


async def _put_step(db: Database, works: list[Work], pace: Pace) -> tuple[BulkCounts, int]:
    if not works:
        return BulkCounts(), 0
    began = time.monotonic()
    done = await insist(db, partial(dump_actions.put_works, works=works))
    pace.took(time.monotonic() - began)
    return done


async def _begin(db: Database, file: WorkFile) -> tuple[int, int, int]:
    """The last work that was put in, how many were looked at till then, and how many of them were wanted."""
    place = file.told("place") or 0
    if file.told("taken"):
        async with db.reading() as session:
            # The database may be an older one meanwhile, brought back from a backup.
            if not await dump_actions.is_here(session, file.told("last")):
                place = 0
    return (place, file.told("seen"), file.told("taken")) if place else (0, 0, 0)


def _tell_problems(file: WorkFile, report: TextIO | None) -> None:
    count, problems = file.problems()
    if report is not None:
        writer = csv.writer(report, lineterminator="\n")
        writer.writerow(("file", "line", "key", "reason"))
        writer.writerows((safe_cell(name), line, safe_cell(key), reason) for name, line, key, reason in problems)
    if not count:
        click.echo("Everything could be read.")
        return
    click.echo(f"{count:,} lines could not be read and were left out:")
    for name, line, key, reason in problems[:_SHOWN]:
        click.echo(f"  {name}, line {line:,}{', ' + key if key else ''}: {reason}")
    if count > _SHOWN:
        where = f"{report.name} has them." if report is not None else "--report FILE writes them."
        click.echo(f"  ... and {count - _SHOWN:,} more. {where}")
