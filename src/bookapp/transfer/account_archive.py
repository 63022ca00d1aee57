"""All that is a person's own, as a ZIP file that is made while it is sent."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bookapp.accounts import queries as accounts
from bookapp.books.recent import list_own
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.lists import queries as lists
from bookapp.lists.results import TaskLine

FORMAT, VERSION = "bookapp account", 1
STEP = 500
READ_ME = """This is what bookapp keeps of you.

account.json   your profile
tasks.json     your reading to-do list, done and open
changes.json   what you added to the catalogue and changed in it

Dates are ISO 8601. Your password and your keys are not here: of those only a digest is kept.
"""
_TASK = ("name", "note", "creation_date", "due_date", "completed", "completed_at", "book_id")


class _Sink(io.RawIOBase):
    """Takes what the ZIP file's writer has so far; it is taken out again before it becomes much."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Yes; and nothing else, so that no size is written afterwards."""
        return True

    def write(self, piece: Any) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


async def pieces(db: Database, actor: Actor) -> AsyncIterator[bytes]:
    """The file of `actor`, piece by piece, in steps, so that ten thousand tasks need no more memory than ten."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", READ_ME)
        async with db.reading() as session:
            account = await accounts.show_account(session, actor, actor.name)
        head = {"format": FORMAT, "version": VERSION, "exported_at": clock.now()}
        archive.writestr("account.json", _json(head | {"account": asdict(account)}))
        yield sink.take()
        for name, rows in (("tasks.json", _tasks(db, actor)), ("changes.json", _changes(db, actor))):
            info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as part:
                mark = "["
                async for row in rows:
                    part.write(f"{mark}\n{_json(row)}".encode())
                    mark = ","
                    if taken := sink.take():
                        yield taken
                part.write(b"[]\n" if mark == "[" else b"\n]\n")
            yield sink.take()
    yield sink.take()


async def _tasks(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        # A session for each step: one long read would keep SQLite from emptying its log.
        async with db.reading() as session:
            tasks, after = await lists.list_own(session, actor, after, STEP)
        for task in tasks:
            yield _task(task)


def _task(task: TaskLine) -> dict[str, Any]:
    told = {name: getattr(task, name) for name in _TASK}
    return told | ({"book": task.book.title} if task.book else {})


async def _changes(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            changes, after = await list_own(session, actor, after, STEP)
        for change in changes:
            yield {"at": change.at, "what": change.what, "book_id": change.book_id, "title": change.title}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_date)


def _date(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
