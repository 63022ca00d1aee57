"""What `bookapp check` looks at: one small function for each thing, each answering with a sentence or nothing."""

import asyncio
import ipaddress
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bookapp.accounts.claiming import is_claimed
from bookapp.config import Settings, WrongSetting, unknown_names

SAFE_SQLITE = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The releases that fix the WAL-reset bug, the last one for all that follow."""
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs", "afs"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or (`is_note`) worth knowing."""

    text: str
    is_note: bool = False


def findings(settings: Settings, *, deploy: bool) -> list[Finding]:
    """Everything found; with `deploy` also what only matters to a server that others reach."""
    found = [finding for look in ALWAYS for finding in look(settings)]
    if deploy:
        found += [finding for look in DEPLOY for finding in look(settings)]
    return sorted(found, key=lambda finding: finding.is_note)


def is_public(settings: Settings) -> bool:
    """Whether other machines reach the address that HOST names."""
    try:
        return not ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        return settings.host != "localhost"


# Always


def _hypercorn(settings: Settings) -> Iterator[Finding]:
    from bookapp.serve.options import hypercorn_options

    try:
        hypercorn_options(settings)
    except WrongSetting as error:
        yield Finding(str(error))


def _data_directory(settings: Settings) -> Iterator[Finding]:
    place = settings.data_dir
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            f"BOOKAPP_DATA_DIR: {settings.data_dir} cannot be written, so neither covers nor keys can be kept."
        )


def _secret(settings: Settings) -> Iterator[Finding]:
    if settings.secret_key or settings.secret_key_file:
        try:
            settings.secret()
        except WrongSetting as error:
            yield Finding(str(error))


def _database(settings: Settings) -> Iterator[Finding]:
    from bookapp.core.schema import HEAD, current

    path = settings.sqlite_path
    if path is not None and not path.exists():
        yield Finding("There is no database yet; `bookapp serve` or `bookapp migrate` makes it.", is_note=True)
        return
    try:
        revision = asyncio.run(current(settings.database_url))
    except Exception as error:  # whatever the driver raises, the finding is the same
        yield Finding(f"DATABASE_URL: the database does not answer ({type(error).__name__}).")
        return
    if revision != HEAD:
        yield Finding(
            f"The database is at revision {revision or 'none'}, this release needs {HEAD}: run `bookapp migrate`."
        )


def _sqlite_library(settings: Settings) -> Iterator[Finding]:
    if settings.sqlite_path is not None and not sqlite_is_safe(sqlite3.sqlite_version_info):
        yield Finding(
            f"SQLite {sqlite3.sqlite_version} has a rare bug that can damage a database which several processes "
            "checkpoint at once; 3.51.3, 3.50.7 and 3.44.6 are free of it. Regular backups are wise.",
            is_note=True,
        )


def sqlite_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug."""
    return version >= SAFE_SQLITE[-1] or any(version[:2] == safe[:2] and version >= safe for safe in SAFE_SQLITE)


def _network_disk(settings: Settings) -> Iterator[Finding]:
    path = settings.sqlite_path
    if path is not None and (kind := file_system_of(path)) in NETWORK_FILE_SYSTEMS:
        yield Finding(
            f"DATABASE_URL: SQLite on a network file system ({kind}) loses data; use a local disk or PostgreSQL."
        )


def file_system_of(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that `path` is on, or "" when it cannot be told."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    above = {str(parent) for parent in (path.resolve(), *path.resolve().parents)}
    here = [(len(fields[1]), fields[2]) for fields in lines if fields[1] in above]
    return max(here)[1] if here else ""


def _unknown_names(_settings: Settings) -> Iterator[Finding]:
    yield from map(Finding, unknown_names())


# Only for a server that others reach


def _base_url(settings: Settings) -> Iterator[Finding]:
    if not settings.base_url:
        yield Finding("BOOKAPP_BASE_URL is not set: say under which https address people reach you.")
    elif not settings.base_url.startswith("https://"):
        yield Finding("BOOKAPP_BASE_URL is not https: whoever is on the way can read and change everything.")


def _proxies(settings: Settings) -> Iterator[Finding]:
    if is_public(settings) and not settings.trusted_proxies:
        yield Finding(
            f"BOOKAPP_TRUSTED_PROXIES is not set while HOST is {settings.host}: name the proxy that adds https, "
            "or let HOST be 127.0.0.1."
        )
    if any(ipaddress.ip_network(network, strict=False).prefixlen == 0 for network in settings.trusted_proxies):
        yield Finding("BOOKAPP_TRUSTED_PROXIES trusts everybody: anybody can then claim any address.")


def _kept_secret(settings: Settings) -> Iterator[Finding]:
    if settings.secret_key or settings.secret_key_file:
        return
    if not (settings.data_dir / "secret_key").exists():
        yield Finding(
            "SECRET_KEY is not set: one will be made in the data directory, which must then be kept over restarts.",
            is_note=True,
        )


def _secret_file(settings: Settings) -> Iterator[Finding]:
    path = settings.secret_key_file or settings.data_dir / "secret_key"
    if not settings.secret_key and path.exists() and path.stat().st_mode & 0o077:
        yield Finding(f"Others can read the key for signing: chmod 600 {path}.")


def _readable(settings: Settings) -> Iterator[Finding]:
    for path in (settings.data_dir, settings.sqlite_path):
        if path is not None and path.exists() and path.stat().st_mode & 0o004 and not _is_shut_off(path):
            yield Finding(f"Everybody on this machine can read {path}: chmod o-rwx {path}.")


def _is_shut_off(path: Path) -> bool:
    return any(not parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def _debug(settings: Settings) -> Iterator[Finding]:
    if settings.debug:
        yield Finding("DEBUG is on: answers tell strangers about the inside.")


def _guests(settings: Settings) -> Iterator[Finding]:
    if settings.guest_edits == "always":
        yield Finding("BOOKAPP_GUEST_EDITS is `always`: strangers can change and delete every book.")


def _unclaimed(settings: Settings) -> Iterator[Finding]:
    if settings.guest_edits != "until-claimed":
        return
    path = settings.sqlite_path
    with suppress(Exception):  # that it does not answer was said already
        if (path is not None and not path.exists()) or not is_claimed(settings):
            yield Finding(
                "BOOKAPP_GUEST_EDITS is `until-claimed`, and nobody has an account: strangers can change and delete "
                "every book until `bookapp create-admin` makes the first one."
            )


def _mail(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp_url:
        yield Finding(
            "BOOKAPP_SMTP_URL is not set: whoever forgets a password has to ask an administrator for a link.",
            is_note=True,
        )


def _durability(settings: Settings) -> Iterator[Finding]:
    if settings.sqlite_path is not None and settings.sqlite_synchronous == "normal":
        yield Finding("BOOKAPP_SQLITE_SYNCHRONOUS is `normal`: the last changes are lost when the power fails.")


def _metrics(settings: Settings) -> Iterator[Finding]:
    if not settings.metrics_token:
        yield Finding(
            "BOOKAPP_METRICS_TOKEN is not set: without it /metrics answers nobody from outside.", is_note=True
        )


def _postgres(settings: Settings) -> Iterator[Finding]:
    if settings.sqlite_path is not None:
        return
    try:
        switches = asyncio.run(_postgres_switches(settings.database_url))
    except Exception:
        return  # that it does not answer was said already
    for name, value in switches.items():
        if value == "off":
            yield Finding(f"PostgreSQL runs with {name} = off: a crash can lose or damage what was stored.")


async def _postgres_switches(url: str) -> dict[str, str]:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            names = ("fsync", "synchronous_commit", "full_page_writes")
            return {name: str(await connection.scalar(text(f"SHOW {name}"))) for name in names}
    finally:
        await engine.dispose()


Look = Callable[[Settings], Iterator[Finding]]
ALWAYS: tuple[Look, ...] = (
    _hypercorn,
    _data_directory,
    _secret,
    _database,
    _sqlite_library,
    _network_disk,
    _unknown_names,
)
DEPLOY: tuple[Look, ...] = (
    _base_url,
    _proxies,
    _kept_secret,
    _secret_file,
    _readable,
    _debug,
    _guests,
    _unclaimed,
    _mail,
    _durability,
    _metrics,
    _postgres,
)
