"""Put a backup back: prove the whole of it first, then swap, and keep what was there."""

import shutil
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory

from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.errors import Conflict
from bookapp.core.schema import alembic_config, migrate
from bookapp.system import pgtools
from bookapp.system.archive import COVERS, POSTGRES, SQLITE, BadBackup, Manifest, read_manifest, unpack
from bookapp.system.backup import make_backup, progress
from bookapp.system.copies import take_out_of_use, verify_sqlite

IN_USE = "A server uses this database; stop it first, or say --force."


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where the former state is."""

    rows: int
    covers: int
    made_at: str
    kept: Path | None


def restore_backup(settings: Settings, source: Path, *, force: bool) -> Restored:
    """Replace database and covers by those of `source`. Raises BadBackup before anything is touched."""
    wanted = POSTGRES if settings.sqlite_path is None else SQLITE
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as place:
        folder = Path(place)
        manifest = _proven(source, folder, wanted)
        kept = settings.data_dir / f"before-restore-{clock.now():%Y%m%d-%H%M%S}"
        if settings.sqlite_path is None:
            _replace_postgres(settings, folder / POSTGRES, manifest, kept, force)
        else:
            _refuse_if_used(settings.sqlite_path, force)
            _swap(settings.sqlite_path, folder / SQLITE, kept)
        _swap(settings.covers_dir, folder / COVERS, kept)
    migrate(settings.database_url)  # an older backup comes up to this release
    return Restored(manifest.rows, manifest.covers, manifest.made_at, kept if kept.exists() else None)


def _proven(source: Path, folder: Path, wanted: str) -> Manifest:
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = read_manifest(archive)
            if manifest.database != wanted:
                raise BadBackup("That backup is of the other kind of database; DATABASE_URL must fit it.")
            size = sum(entry.file_size for entry in archive.infolist())
            (folder / COVERS).mkdir()
            with progress("Checking", size) as bar:
                unpack(archive, manifest, folder, bar.update)
    except BadBackup:
        raise
    except (zipfile.BadZipFile, RuntimeError, struct.error) as error:
        raise BadBackup("That file is not a backup of bookapp, or it is damaged.") from error
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if manifest.revision not in known:
        raise BadBackup(f"That backup was made by a newer release ({manifest.version}); install that first.")
    if wanted == SQLITE:
        verify_sqlite(folder / SQLITE, manifest.tables)
    else:
        pgtools.check_dump(folder / POSTGRES)
    return manifest


def _refuse_if_used(path: Path, force: bool) -> None:
    if path.exists() and not take_out_of_use(path) and not force:
        raise Conflict(IN_USE)


def _replace_postgres(settings: Settings, dump: Path, manifest: Manifest, kept: Path, force: bool) -> None:
    if pgtools.others(settings.database_url) and not force:
        raise Conflict(IN_USE)
    kept.mkdir()
    make_backup(settings, kept / "before.zip")
    if pgtools.load(settings.database_url, dump) != manifest.tables:
        raise BadBackup(f"The rows are not those of the backup; the former state is in {kept / 'before.zip'}.")


def _swap(present: Path, new: Path, kept: Path) -> None:
    """Move `present` (and SQLite's files beside it) into `kept`, and `new` into its place; or leave all as it was."""
    old = [p for p in (present, *(Path(f"{present}{end}") for end in ("-wal", "-shm"))) if p.exists()]
    if old:
        kept.mkdir(exist_ok=True)
    moved: list[tuple[Path, Path]] = []
    try:
        for path in old:
            shutil.move(path, kept / path.name)
            moved.append((path, kept / path.name))
        present.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new, present)
    except OSError:
        for path, aside in moved:
            shutil.move(aside, path)
        raise
