"""`bookapp export catalogue FILE` and `bookapp export account NAME FILE`."""

from pathlib import Path

import click

from bookapp.accounts.operator_actions import record_export
from bookapp.books import export as catalogue
from bookapp.books.commands import FindBooks
from bookapp.books.facets import count_everything
from bookapp.books.storage import CoverStore
from bookapp.core.db import Database
from bookapp.transfer import account_archive
from bookapp.transfer.terminal import progress, run, settings_of_a_ready_database, write

_TARGET = click.Path(path_type=Path, dir_okay=False)
_MEGABYTE = 2**20


@click.group("export")
def export() -> None:
    """Write the catalogue, or what is somebody's own, into a file."""


@export.command("catalogue")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    help="jsonl holds everything and can be taken in again, csv is for spreadsheets; as FILE ends, unless told.",
)
@click.argument("file", metavar="FILE", type=_TARGET)
def catalogue_(kind: str | None, file: Path) -> None:
    """Write all books into FILE. `bookapp import FILE` puts the JSON lines back, here or elsewhere."""
    kind = kind or ("csv" if file.suffix == ".csv" else "jsonl")

    async def work(db: Database) -> int:
        make = catalogue.rows if kind == "csv" else catalogue.lines
        async with db.reading() as session:
            _facets, total = await count_everything(session)
        with progress(total, "books", "Writing books", every=10_000) as told:
            await write(file, make(db, FindBooks()), lambda piece: told(piece.count(b"\n")))
        return total

    total = run(settings_of_a_ready_database(), work)
    click.echo(f"{total:,} {'book' if total == 1 else 'books'} written into {file}.")


@export.command("account")
@click.argument("name")
@click.argument("file", metavar="FILE", type=_TARGET)
def account(name: str, file: Path) -> None:
    """Write all that is NAME's own into FILE, a ZIP file, as they could themselves. The audit log tells of it."""
    settings = settings_of_a_ready_database()

    async def work(db: Database) -> tuple[str, int]:
        async with db.writing() as session:
            actor = await record_export(session, name)
        pieces = account_archive.pieces(db, actor, CoverStore(settings.covers_dir))
        with progress(None, "bytes", "", every=10 * _MEGABYTE) as told:
            return actor.name, await write(file, pieces, lambda piece: told(len(piece)))

    whose, size = run(settings, work)
    click.echo(f"What is {whose}'s own is in {file}: {size:,} bytes.")


commands: tuple[click.Command, ...] = (export,)
