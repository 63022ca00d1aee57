"""A backup is one zip: the database, the covers, and a manifest with a checksum of each and a count of every table."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE, POSTGRES = "database.sqlite3", "database.pgdump"
COVERS = "covers/"
CHUNK = 1 << 20
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
"""What reading a damaged archive raises; RuntimeError when a flag now asks for a password or an unknown method."""


class BadBackup(RuntimeError):
    """The file is not a whole backup; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the archive holds."""

    version: str
    revision: str
    made_at: str
    database: str
    tables: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(self.tables.values())

    @property
    def covers(self) -> int:
        """The number of covers."""
        return sum(name.startswith(COVERS) for name in self.files)


def covers_in(folder: Path) -> list[Path]:
    """Every stored cover, in a stable order; names that begin with a dot are unfinished uploads."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")) if folder.is_dir() else []


def write_archive(
    target: Path, manifest: Manifest, database: Path, covers: Path, tick: Callable[[int], object]
) -> Manifest:
    """Write the archive to `target` and return the manifest with the checksums. `tick` hears of each byte count."""
    files: dict[str, str] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        files[manifest.database] = _add(archive, database, manifest.database, tick)
        for cover in covers_in(covers):
            name = COVERS + cover.relative_to(covers).as_posix()
            try:
                files[name] = _add(archive, cover, name, tick, zipfile.ZIP_STORED)
            except FileNotFoundError:
                continue  # taken away since we looked; no book of the copied database names it any more
        whole = Manifest(**{**asdict(manifest), "files": files})
        archive.writestr(MANIFEST, json.dumps(asdict(whole), indent=1))
    return whole


def _add(
    archive: zipfile.ZipFile, source: Path, name: str, tick: Callable[[int], object], how: int = zipfile.ZIP_DEFLATED
) -> str:
    with source.open("rb") as file:
        info = zipfile.ZipInfo.from_file(source, name)
        info.compress_type = how
        with archive.open(info, "w", force_zip64=True) as entry:
            return _copy(file, entry.write, tick)


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Read the manifest. Raises BadBackup when this is no backup, or one that a newer release made."""
    try:
        said = json.loads(archive.read(MANIFEST))
        manifest = Manifest(**said)
    except (KeyError, TypeError, *DAMAGE) as error:
        raise BadBackup("That file is not a backup of bookapp.") from error
    if manifest.format != FORMAT:
        raise BadBackup(f"That backup has format {manifest.format}; this release reads format {FORMAT}.")
    names = [name for name in archive.namelist() if name != MANIFEST]
    if sorted(names) != sorted(manifest.files) or manifest.database not in (SQLITE, POSTGRES):
        raise BadBackup("That backup does not hold what its manifest says.")
    if any(name.startswith("/") or ".." in Path(name).parts for name in names):
        raise BadBackup("That backup names files outside of itself.")
    return manifest


def unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path | None, tick: Callable[[int], object]) -> None:
    """Compare every file with its checksum, and write it into `folder` when there is one. Raises BadBackup."""
    for name, checksum in manifest.files.items():
        try:
            with archive.open(name) as entry:
                found = _to(folder / name, entry, tick) if folder else _copy(entry, len, tick)
        except DAMAGE as error:
            raise BadBackup(f"That backup is damaged at {name}.") from error
        if found != checksum:
            raise BadBackup(f"That backup is damaged at {name}.")


def _to(target: Path, source: Iterable[bytes] | BinaryIO, tick: Callable[[int], object]) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        return _copy(source, file.write, tick)


def _copy(source: object, write: Callable[[bytes], object], tick: Callable[[int], object]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):  # type: ignore[attr-defined]
        digest.update(chunk)
        write(chunk)
        tick(len(chunk))
    return digest.hexdigest()
