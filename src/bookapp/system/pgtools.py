"""PostgreSQL's own tools make and read its dumps; they come with its client package."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

COUNTED = """SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r' AND n.nspname = current_schema() ORDER BY relname"""
OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'bookapp%'"""


class ToolFailed(RuntimeError):
    """A tool is not there, or did not do it; the text is one sentence."""


def dump(url: str, target: Path) -> tuple[str, dict[str, int]]:
    """Dump the database. Returns its revision and the rows of each table, of the same moment. Raises ToolFailed."""
    tool = _tool("pg_dump")
    return asyncio.run(_dump(tool, url, target))


async def _dump(tool: str, url: str, target: Path) -> tuple[str, dict[str, int]]:
    engine = create_async_engine(url, isolation_level="REPEATABLE READ")
    try:
        async with engine.connect() as connection:
            # Both look at one snapshot, so the counts are those of the dump even while others write.
            snapshot = await connection.scalar(text("SELECT pg_export_snapshot()"))
            revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            counts = await _counts(connection)
            command = [tool, "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={target}"]
            await asyncio.to_thread(_run, command, url)
            return str(revision), counts
    finally:
        await engine.dispose()


def check_dump(path: Path) -> None:
    """Read the dump's list of contents. Raises ToolFailed when it is no dump."""
    _run([_tool("pg_restore"), "--list", str(path)], None)


def load(url: str, path: Path) -> dict[str, int]:
    """Replace the database's contents by the dump's, all or nothing. Returns the rows of each table."""
    tool = _tool("pg_restore")
    name = make_url(url).database or ""
    flags = ["--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-acl", f"--dbname={name}"]
    _run([tool, *flags, str(path)], url)
    return asyncio.run(_ask(url, _counts))


def others(url: str) -> int:
    """How many connections of servers there are."""

    async def count(connection: AsyncConnection) -> int:
        return int(await connection.scalar(text(OTHERS)) or 0)

    return int(asyncio.run(_ask(url, count)))


async def _ask(url: str, question: Any) -> Any:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await question(connection)
    finally:
        await engine.dispose()


async def _counts(connection: AsyncConnection) -> dict[str, int]:
    names = [str(name) for name in await connection.scalars(text(COUNTED))]
    return {
        name: int(await connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0)  # noqa: S608  # its own names
        for name in names
    }


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ToolFailed(f"{name} is not here: install PostgreSQL's client tools, or run this where they are.")
    return found


def _run(command: list[str], url: str | None) -> None:
    done = subprocess.run(command, env=_environment(url), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines()
        raise ToolFailed(f"{Path(command[0]).name} failed: {said[0] if said else 'it does not say why'}")


def _environment(url: str | None) -> Mapping[str, str]:
    # By environment and not by arguments: those are visible to everybody on the machine.
    if url is None:
        return os.environ
    parts = make_url(url)
    host = parts.host or parts.query.get("host")
    said = {
        "PGHOST": host,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
    }
    return {**os.environ, **{name: str(value) for name, value in said.items() if value}}
