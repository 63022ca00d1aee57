"""Make a backup: copy, prove, and only then give it its name."""

import contextlib
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.termui import progressbar

from bookapp import __version__
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.system import pgtools
from bookapp.system.archive import (
    POSTGRES,
    SQLITE,
    BadBackup,
    Manifest,
    covers_in,
    read_manifest,
    unpack,
    write_archive,
)
from bookapp.system.copies import copy_sqlite, verify_sqlite


def make_backup(settings: Settings, target: Path) -> Manifest:
    """Write a backup to `target`. A half-written one never has that name. Raises BadBackup, OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
        folder = Path(place)
        copy, manifest = _copy_database(settings, folder)
        part = folder / "backup.zip"
        size = copy.stat().st_size + sum(cover.stat().st_size for cover in covers_in(settings.covers_dir))
        with progress("Packing", size) as bar:
            manifest = write_archive(part, manifest, copy, settings.covers_dir, bar.update)
        copy.unlink()
        with zipfile.ZipFile(part) as archive, progress("Checking", size) as bar:
            unpack(archive, read_manifest(archive), None, bar.update)
        _settle(part, target)
    return manifest


def _copy_database(settings: Settings, folder: Path) -> tuple[Path, Manifest]:
    release, now = __version__, clock.now().isoformat(timespec="seconds")
    if settings.sqlite_path is None:
        copy = folder / POSTGRES
        revision, counts = pgtools.dump(settings.database_url, copy)
        return copy, Manifest(release, revision, now, database=POSTGRES, tables=counts)
    if not settings.sqlite_path.exists():
        raise BadBackup(f"There is no database at {settings.sqlite_path} yet.")
    copy = folder / SQLITE
    with progress("Copying", 1) as bar:

        def tick(left: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(total - left - bar.pos)

        counts = copy_sqlite(settings.sqlite_path, copy, tick)
    revision = verify_sqlite(copy, counts)
    return copy, Manifest(release, revision, now, database=SQLITE, tables=counts)


def _settle(part: Path, target: Path) -> None:
    part.chmod(0o600)  # it holds what people keep private
    with part.open("rb") as file:
        os.fsync(file.fileno())
    shutil.move(part, target)
    handle = os.open(target.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


@contextlib.contextmanager
def progress(label: str, length: int) -> Iterator[Any]:
    """A bar on a terminal; one plain line elsewhere."""
    with progressbar(length=max(length, 1), label=label, file=sys.stderr) as bar:
        yield bar
