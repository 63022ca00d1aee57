"""Make a backup: copy, prove, and only then give it its name."""

import contextlib
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
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

Told = Callable[[str, int, int], object]
"""Hears what is being done, and how much of how much; what it raises ends the backup."""


def make_backup(settings: Settings, target: Path, told: Told | None = None) -> Manifest:
    """Write a backup to `target`. A half-written one never has that name. Raises BadBackup, OSError.

    How far it is, is drawn as a bar, or said to `told`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
        folder = Path(place)
        copy, manifest = _copy_database(settings, folder, told)
        part = folder / "backup.zip"
        size = copy.stat().st_size + sum(cover.stat().st_size for cover in covers_in(settings.covers_dir))
        with progress("Packing", size, told) as bar:
            manifest = write_archive(part, manifest, copy, settings.covers_dir, bar.update)
        copy.unlink()
        with zipfile.ZipFile(part) as archive, progress("Checking", size, told) as bar:
            unpack(archive, read_manifest(archive), None, bar.update)
        _settle(part, target)
    return manifest


def _copy_database(settings: Settings, folder: Path, told: Told | None) -> tuple[Path, Manifest]:
    release, now = __version__, clock.now().isoformat(timespec="seconds")
    if settings.sqlite_path is None:
        copy = folder / POSTGRES
        revision, counts = pgtools.dump(settings.database_url, copy)
        return copy, Manifest(release, revision, now, database=POSTGRES, tables=counts)
    if not settings.sqlite_path.exists():
        raise BadBackup(f"There is no database at {settings.sqlite_path} yet.")
    copy = folder / SQLITE
    with progress("Copying", 1, told) as bar:

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
def progress(label: str, length: int, told: Told | None = None) -> Iterator[Any]:
    """A bar on a terminal, one plain line elsewhere; nothing but calls of `told` when that is given."""
    if told is not None:
        yield _Telling(label, max(length, 1), told)
        return
    with progressbar(length=max(length, 1), label=label, file=sys.stderr) as bar:
        yield bar


class _Telling:
    """Says what a bar would draw."""

    def __init__(self, label: str, length: int, told: Told) -> None:
        self.length, self.pos = length, 0
        self._label, self._told = label, told

    def update(self, more: int) -> None:
        self.pos += more
        self._told(self._label, self.pos, self.length)
