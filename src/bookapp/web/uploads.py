"""Taking a large file in while it arrives: straight to disk, counted and timed, a piece of it in memory at a time.

Only after the handler knows who brings it: so a stranger cannot fill the disk. Nothing is written to the database while
the file is on its way, so a client that hangs up leaves nothing behind.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from quart import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from bookapp.core.errors import Invalid, Malformed, NoSpace, TooLarge
from bookapp.web.body import ClientGone, TooSlow
from bookapp.web.context import facts
from bookapp.web.limits import BODY, FIELDS, RESERVE, UPLOAD, body_seconds, too_large

UNFINISHED = ".part"
"""How the name of a file ends that is still on its way; one that a crash left behind is nobody's."""
STILL = 30.0
"""Seconds for which nothing at all may come: who sends slowly is waited for, who sends nothing is not."""
_PIECE = 2**20
"""Bytes that are written at once: a visit to a thread costs as much for each of them."""


@dataclass(slots=True, kw_only=True)
class Arrived:
    """A file that is here, and the fields that stood beside it in the form."""

    path: Path
    name: str
    """As its sender called it; empty when it has no name."""
    size: int
    fields: dict[str, str | None] = field(default_factory=dict)


@asynccontextmanager
async def arriving(folder: Path, name: str) -> AsyncIterator[Arrived]:
    """Take the body of this request in: the file itself, or the field `name` of a multipart form.

    On leaving, the file is thrown away unless it was moved. Raises TooLarge, TooSlow, Malformed, NoSpace, and Invalid
    when there is no file in the form.
    """
    path = folder / f"{secrets.token_hex(16)}{UNFINISHED}"
    try:
        with _opened(path) as file:
            inlet = _FormInlet(file, name, _boundary()) if request.mimetype == "multipart/form-data" else _Inlet(file)
            await _pour(inlet, folder)
        yield Arrived(path=path, name=inlet.file_name, size=inlet.size, fields=inlet.fields)
    finally:
        with suppress(FileNotFoundError):
            await asyncio.to_thread(path.unlink)


async def let_arrive() -> None:
    """Take the body in and forget it: who is refused reads why only when all of the file is sent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(body_seconds(BODY)):
            async for _piece in _pieces():
                pass


def _opened(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))
    except OSError as error:
        raise NoSpace("The file could not be stored.") from error


def _boundary() -> bytes:
    _kind, more = parse_options_header(request.headers.get("content-type", ""))
    boundary = more.get("boundary", "")
    if not (1 <= len(boundary) <= 200 and boundary.isascii()):
        raise Malformed("The form could not be read.")
    return boundary.encode("ascii")


async def _pour(inlet: "_Inlet", folder: Path) -> None:
    try:
        async with asyncio.timeout(body_seconds(UPLOAD)):
            async for piece in _pieces():
                await asyncio.to_thread(_pour_piece, inlet, piece, folder)
    except TimeoutError:
        raise TooSlow("Please try again with a better connection.") from None
    await asyncio.to_thread(inlet.finish)


def _pour_piece(inlet: "_Inlet", piece: bytes, folder: Path) -> None:
    try:
        space = os.statvfs(folder)
        if space.f_bavail * space.f_frsize < RESERVE + len(piece):
            raise NoSpace("The disk is nearly full, so the file was not taken in.")
        inlet.take(piece)
    except OSError as error:
        raise NoSpace("The file could not be stored.") from error


async def _pieces() -> AsyncIterator[bytes]:
    """The body in pieces of about a megabyte."""
    receive = facts().receive
    assert receive is not None, "web.limits names this address as one that takes uploads"
    waiting, size = bytearray(), 0
    is_more = True
    while is_more:
        async with asyncio.timeout(STILL):
            message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > UPLOAD:
            raise TooLarge(too_large(UPLOAD))
        waiting += part
        is_more = bool(message.get("more_body", False))
        if len(waiting) >= _PIECE or not is_more:
            yield bytes(waiting)
            waiting.clear()


class _Inlet:
    """Writes the body down as it is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.file_name = ""
        self.fields: dict[str, str | None] = {}

    def take(self, piece: bytes) -> None:
        """Take the next piece of the body."""
        self.size += self._file.write(piece)

    def finish(self) -> None:
        """See that everything came."""
        self._file.flush()


class _FormInlet(_Inlet):
    """Writes one field of a multipart form down, and keeps the others in memory, as far as a form may be."""

    def __init__(self, file: BinaryIO, name: str, boundary: bytes) -> None:
        super().__init__(file)
        self._name = name
        self._decoder = MultipartDecoder(boundary, max_parts=FIELDS)
        self._part: str | None = None
        self._typed: dict[str, bytearray] = {}
        self._has_file = False

    def take(self, piece: bytes) -> None:
        """Take the next piece of the body."""
        for start in range(0, len(piece), BODY):
            self._decode(piece[start : start + BODY])

    def finish(self) -> None:
        """See that everything came. Raises Malformed, and Invalid when there is no file."""
        self._decode(None)
        if not self._has_file:
            raise Invalid({self._name: ["Please choose a file"]})
        for name, value in self._typed.items():
            try:
                text = value.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Malformed("The form could not be read.") from error
            self.fields[name] = text if text.strip() else None
        super().finish()

    def _decode(self, data: bytes | None) -> None:
        try:
            self._decoder.receive_data(data)
            for event in self._events():
                self._see(event)
        except (ValueError, AssertionError, AttributeError, RequestEntityTooLarge) as error:
            # The decoder meets a header that is none with whichever of these comes first.
            raise Malformed("The form could not be read.") from error
        if len(self._decoder.buffer) > 2 * BODY:
            raise Malformed("The form could not be read.")  # headers, or what stands before the first part, without end

    def _events(self) -> Iterator[object]:
        while not isinstance(event := self._decoder.next_event(), NeedData):
            yield event
            if isinstance(event, Epilogue):
                return

    def _see(self, event: object) -> None:
        match event:
            case File(name=name, filename=file_name) if name == self._name and not self._has_file:
                self._part, self.file_name = None, file_name
                self._has_file = bool(file_name)
            case File() | Field():
                self._part = str(event.name)
                if self._part in self._typed:
                    raise Malformed("A field was sent twice.")
                self._typed[self._part] = bytearray()
            case Data(data=data) if self._part is None:
                self.size += self._file.write(data)
            case Data(data=data):
                self._typed[self._part or ""] += data
                if sum(map(len, self._typed.values())) > BODY:
                    raise TooLarge(too_large(BODY))
