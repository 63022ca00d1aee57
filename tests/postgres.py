"""A PostgreSQL for the tests: the one that BOOKAPP_TEST_POSTGRES names, or a cluster of their own."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

GIVEN = "BOOKAPP_TEST_POSTGRES"
"""Names a base URL without a database, such as postgresql+asyncpg://book@127.0.0.1:5432."""
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def _bin() -> Path | None:
    """Where the server's programs lie: Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextlib.contextmanager
def server() -> Iterator[str | None]:
    """The base URL of a role that may create databases, or None when there is no PostgreSQL here."""
    given = os.environ.get(GIVEN)
    if given:
        yield given.rstrip("/")
        return
    programs = _bin()
    if programs is None:
        yield None
        return
    # The server refuses to run as root.
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="bookapp-pg-") as folder:
        os.chmod(folder, 0o777)
        data = f"{folder}/data"
        port = _free_port()

        def run(*command: str) -> None:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **who)  # type: ignore[call-overload]

        run(f"{programs}/initdb", "-D", data, "-A", "trust", "-N", "-U", "book")
        options = f"-p {port} -h 127.0.0.1 -k {folder} {QUICK} -c max_connections=200"
        run(f"{programs}/pg_ctl", "-D", data, "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield f"postgresql+asyncpg://book@127.0.0.1:{port}"
        finally:
            run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
