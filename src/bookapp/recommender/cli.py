"""`bookapp recommender`: fit, refresh, export. numpy is loaded by the first two, inside."""

import asyncio
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

import click

from bookapp.config import load_settings
from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from bookapp.core.schema import migrate
from bookapp.recommender import fit_actions
from bookapp.recommender.export import lines_of
from bookapp.recommender.material import Fitting
from bookapp.recommender.results import FitMade

T = TypeVar("T")
Told = Callable[[int, int], None]
_GENTLY = click.option("--gently", is_flag=True, help="Leave the processor to whoever serves.")


@click.group()
def recommender() -> None:
    """Compute what is recommended."""


@recommender.command()
@_GENTLY
def fit(gently: bool) -> None:
    """Learn from all ratings anew, beside a running server; it takes the new table when it is whole."""
    began = time.monotonic()
    fitting = _fitting(gently)
    with _progress() as told:
        made = _run(lambda db: fit_actions.fit_all(db, fitting, told))
    _tell(made, time.monotonic() - began)


@recommender.command()
@_GENTLY
def refresh(gently: bool) -> None:
    """Learn anew about the books that were rated, added or changed since."""
    began = time.monotonic()
    fitting = _fitting(gently)
    with _progress() as told:
        made = _run(lambda db: fit_actions.refresh(db, fitting, told))
    if made is None:
        click.echo("Nothing changed.")
    else:
        _tell(made, time.monotonic() - began)


@recommender.command()
@click.option("--users", "group", required=True, metavar="GROUP", help="Whom a data set calls so, such as foldin.")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False, atomic=True), metavar="FILE")
def export(group: str, file: TextIO) -> None:
    """Write what is recommended to the imported readers of GROUP into FILE, one JSON object in each line."""

    async def write(db: Database) -> int:
        count = 0
        async for line in lines_of(db, group):
            file.write(line + "\n")
            count += 1
        return count

    count = _run(write)
    if count == 0:
        raise NotFound(f"There are no imported readers in a group called “{group}”.")
    click.echo(f"{count:,} {'reader' if count == 1 else 'readers'}.")


commands: tuple[click.Command, ...] = (recommender,)


def _fitting(gently: bool) -> Fitting:
    # Small systems are solved: several threads would only wait for each other, and each keeps memory.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if gently:
        os.nice(10)
    from bookapp.recommender.fit import neighbours

    return neighbours


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    settings = load_settings()
    migrate(settings.database_url)

    async def run() -> T:
        db = Database(settings.database_url, synchronous=settings.sqlite_synchronous)
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(run())


@contextmanager
def _progress() -> Iterator[Told]:
    """What to call when so many books more of so many are done: moves a bar on a terminal, writes lines elsewhere."""
    done = 0

    def said(more: int, total: int) -> None:
        nonlocal done
        before, done = done, done + more
        if done * 10 // max(total, 1) != before * 10 // max(total, 1):
            click.echo(f"{done:,} of {total:,} books")

    if not sys.stdout.isatty():
        yield said
        return
    with click.progressbar(length=1, label="Fitting") as bar:

        def moved(more: int, total: int) -> None:
            bar.length = total
            bar.update(more)

        yield moved


def _tell(made: FitMade, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    click.echo(f"{made.ratings:,} ratings of {made.readers:,} readers, {made.books:,} books, {made.neighbors:,} rows.")
    click.echo(f"{seconds:.1f} seconds, {peak:.0f} MB at most.")
