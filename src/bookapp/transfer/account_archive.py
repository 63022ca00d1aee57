"""All that is a person's own, as a ZIP file that is made while it is sent."""

import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bookapp.accounts import queries as accounts
from bookapp.books.storage import CoverStore
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.place import word_of
from bookapp.imports.formats.bookapp import FORMAT, VERSION
from bookapp.transfer import archive_rows

READ_ME = """This is what bookapp keeps of you.

account.json   your profile, who sees your books, your circle, your goals
tasks.json     your reading to-do list, done and open
shelves.json   the books on your shelves, with your stars, tags, notes and what else you said of them
own_shelves.json  the shelves that you made
reviews.json   what you said about books
readings.json  when you read them, and how far you are
quotes.json    passages that you copied out of them
suggestions.json  what you and others recommended to each other
asks.json      what you asked for
advice.json    what you recommended to everybody: books, and books to try after others
changes.json   what you added to the catalogue and changed in it
books.json     the books that are named in all these, with what the catalogue knows of them
covers/        the covers that people uploaded for them
manifest.json  how many rows each part has, and its SHA-256

In each part every row has a line of its own. Dates are ISO 8601. Books are named by their number; books.json says
which ones they are. Any bookapp takes this file in again: choose it where you import your books.
Your password and your keys are not here: of those only a digest is kept.
"""


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


@dataclass(slots=True)
class _Archive:
    """A ZIP file that tells of each of its parts how many rows it has, and its digest."""

    file: zipfile.ZipFile
    sink: _Sink
    manifest: list[dict[str, Any]] = field(default_factory=list)

    def put(self, name: str, data: bytes, *, packed: bool = True) -> None:
        """Add a part that is little enough."""
        self.file.writestr(_info(name, packed), data)
        self._note(name, 1, len(data), hashlib.sha256(data).hexdigest())

    async def put_rows(self, name: str, rows: archive_rows.Rows, books: set[int]) -> AsyncIterator[bytes]:
        """Add a part row by row, each in a line of its own; notes the books that are named."""
        digest, count, size = hashlib.sha256(), 0, 0
        with self.file.open(_info(name), "w") as part:
            async for row in rows:
                books |= archive_rows.books_of(row)
                line = f"{',' if count else '['}\n{_json(row)}".encode()
                part.write(line)
                digest.update(line)
                count, size = count + 1, size + len(line)
                if taken := self.sink.take():
                    yield taken
            end = b"\n]\n" if count else b"[]\n"
            part.write(end)
            digest.update(end)
        self._note(name, count, size + len(end), digest.hexdigest())
        yield self.sink.take()

    def _note(self, name: str, count: int, size: int, digest: str) -> None:
        self.manifest.append({"name": name, "count": count, "bytes": size, "sha256": digest})


async def pieces(db: Database, actor: Actor, covers: CoverStore) -> AsyncIterator[bytes]:
    """The file of `actor`, piece by piece, in steps, so that ten thousand books need little more memory than ten."""
    sink = _Sink()
    books: set[int] = set()
    pictures: dict[str, str] = {}
    head = {"format": FORMAT, "version": VERSION, "place": await word_of(db), "exported_at": clock.now()}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        archive = _Archive(file, sink)
        archive.put("README.txt", READ_ME.encode())
        async with db.reading() as session:
            account = await accounts.show_account(session, actor, actor.name)
            told = {"account": asdict(account)} | await archive_rows.choices(session, actor)
        archive.put("account.json", _json(head | told).encode())
        yield sink.take()
        for name, rows in archive_rows.parts(db, actor).items():
            async for piece in archive.put_rows(f"{name}.json", rows, books):
                yield piece
        async for piece in archive.put_rows("books.json", archive_rows.books(db, books, pictures), set()):
            yield piece
        for cover, name in pictures.items():
            # Somebody may have given the book another one meanwhile.
            if (picture := await covers.load(cover, "large")) is not None:
                archive.put(name, picture, packed=False)
                yield sink.take()
        archive.put("manifest.json", _json(head | {"parts": archive.manifest}).encode())
    yield sink.take()


def _info(name: str, packed: bool = True) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    info.external_attr = 0o600 << 16
    return info


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_date)


def _date(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
