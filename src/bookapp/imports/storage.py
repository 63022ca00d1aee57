"""Files that people brought, until they are put in: named by chance, so that nothing a person chose becomes a path."""

import os
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from bookapp.core import clock
from bookapp.core.errors import NoSpace
from bookapp.web.limits import RESERVE

_OURS = re.compile(r"[0-9a-f]{32}(\.part)?")
_LEFT = 6 * 3600
"""Seconds after which a file that no import knows is one that a crash left behind."""


class ImportStore:
    """A folder of files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, token: str) -> Path:
        """Where the file of that name lies."""
        return self.folder / token

    def keep(self, arrived: Path) -> str:
        """Take over a file that has arrived in this folder, and return its name."""
        token = secrets.token_hex(16)
        arrived.rename(self.path(token))
        return token

    def check_room(self) -> None:
        """Raises NoSpace when the disk is nearly full: the database needs what is left."""
        space = os.statvfs(self.folder)
        if space.f_bavail * space.f_frsize < RESERVE:
            raise NoSpace("The disk is nearly full, so nothing more is put in.")

    def throw_away(self, token: str | None) -> None:
        """Let a file go; one that is gone already is no matter."""
        if token is not None:
            with suppress(FileNotFoundError):
                self.path(token).unlink()

    def sweep(self, known: Collection[str]) -> None:
        """Throw away what no import knows and is not on its way any more."""
        if not self.folder.is_dir():
            return
        before = clock.now().timestamp() - _LEFT
        for path in self.folder.iterdir():
            if _OURS.fullmatch(path.name) and path.name not in known:
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        path.unlink()
