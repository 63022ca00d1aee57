"""`bookapp import FILE --user NAME`: the same work as by the page, beside a running server or without one."""

import asyncio
import contextlib
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import click

from bookapp.accounts.rules import username_key
from bookapp.config import Settings
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from bookapp.imports import actions, errors_file, queries, rules
from bookapp.imports.commands import Doubtful, NewImport, Options
from bookapp.imports.formats.records import open_records
from bookapp.imports.jobs import import_work
from bookapp.imports.known_queries import find_person_by_name
from bookapp.imports.results import ImportShown
from bookapp.imports.storage import ImportStore
from bookapp.jobs.rules import ENDED
from bookapp.jobs.worker import run_one
from bookapp.transfer.terminal import progress, run, settings_of_a_ready_database, write
from bookapp.web import log

_LOOK = 0.2
"""Seconds between two looks at how far it is."""


@click.command("file")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--user", required=True, metavar="NAME", help="Whose books they are.")
@click.option("--dry-run", is_flag=True, help="Only look what would come of it.")
@click.option("--doubtful", type=click.Choice(get_args(Doubtful)), default="ask", show_default=True,
              help="What becomes of rows that may be about a book that is here.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Where the file and the shelves differ, the file is right.")
@click.option("--shelf", metavar="NAME", help="Where books go for which the file names no shelf.")
@click.option("--errors", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the rows that could not be read into this CSV file.")  # fmt: skip
def file_(
    file: Path, user: str, dry_run: bool, doubtful: Doubtful, overwrite: bool, shelf: str | None, errors: Path | None
) -> None:
    """Put somebody's books in from FILE: an export of Goodreads, StoryGraph, LibraryThing or another place.

    You can run this again at any time: what is on the shelves already stays as it is.
    """
    began = time.monotonic()
    log.configure("error")  # what becomes of it is said below
    settings = settings_of_a_ready_database()
    options = Options(doubtful=doubtful, overwrite=overwrite, shelf=shelf)
    with open_records(file, file.name) as source:
        format_name, total = source.format, source.approximate_total
    token = _copy(file, ImportStore(settings.imports_dir))
    new = NewImport(
        file_name=rules.shown_name(file.name), token=token, size=file.stat().st_size, format=format_name,
        options=options, dry_run=dry_run, total=total,
    )  # fmt: skip
    with progress(total, "rows", f"Reading {file.name}") as told:
        shown = run(settings, lambda db: _bring(db, settings, user, new, told))
        if errors is not None:
            run(settings, lambda db: _write_errors(db, user, shown.id, errors))
    _say(shown, time.monotonic() - began, errors)


def _copy(file: Path, store: ImportStore) -> str:
    store.folder.mkdir(parents=True, exist_ok=True)
    arrived = store.folder / f"{secrets.token_hex(16)}.part"
    shutil.copyfile(file, arrived)
    return store.keep(arrived)


async def _person(db: Database, name: str) -> Actor:
    async with db.reading() as session:
        person = await find_person_by_name(session, username_key(name))
    if person is None:
        raise NotFound(f"Nobody here is called {name}.")
    return person


async def _bring(
    db: Database, settings: Settings, name: str, new: NewImport, told: Callable[[int], None]
) -> ImportShown:
    """Begin the import, and do it unless a worker of the server does; ends when it is over."""
    store = ImportStore(settings.imports_dir)
    try:
        person = await _person(db, name)
        async with db.writing() as session:
            key = await actions.add_import(session, person, new)
    except BaseException:
        store.throw_away(new.token)
        raise
    stop = asyncio.Event()
    works = {actions.KIND: import_work(settings)}
    worker = asyncio.create_task(run_one(db, works, stop=stop))
    done = 0
    try:
        while True:
            async with db.reading() as session:
                shown = await queries.show_import(session, person, key)
            told(max(shown.done, shown.counts.read) - done)
            done = max(shown.done, shown.counts.read)
            if shown.state in ENDED:
                return shown
            if worker.done():
                worker.result()
                worker = asyncio.create_task(run_one(db, works, stop=stop))
            await asyncio.wait({worker}, timeout=_LOOK)
            await asyncio.sleep(_LOOK / 4)
    finally:
        stop.set()  # another import, which it may have begun meanwhile, is for the server's worker
        with contextlib.suppress(asyncio.CancelledError):
            await worker


async def _write_errors(db: Database, name: str, import_id: int, target: Path) -> None:
    person = await _person(db, name)
    async with db.reading() as session:
        columns = await queries.find_columns(session, person, import_id)
    await write(target, errors_file.pieces(db, person, import_id, columns), lambda _piece: None)


def _say(shown: ImportShown, seconds: float, errors: Path | None) -> None:
    counts = shown.counts
    click.echo(f"{counts.read:,} rows, {shown.format_title}, {seconds:.1f} seconds.")
    said = [f"{getattr(counts, name):,} {name}" for name in ("new", "known", "changed", "failed", "doubtful")]
    click.echo(f"{', '.join(said)}.{' Nothing was put in.' if shown.step == 'look' else ''}")
    for row in shown.first_failed:
        click.echo(f"  line {row.line:,}: {row.reason}")
    if counts.failed > len(shown.first_failed):
        where = f"{errors} has all of them" if errors else "--errors FILE writes all of them"
        click.echo(f"  ... and {counts.failed - len(shown.first_failed):,} more. {where}.")
    if counts.doubtful:
        click.echo(f"The doubtful rows wait for their person at {shown.matches_url}.")
    if shown.reason or shown.state != "done":
        raise click.ClickException(shown.reason or "It was stopped; what is in stays in.")
