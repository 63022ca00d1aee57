"""A small asyncio client for one server, and what the checks share."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

GONE = (OSError, asyncio.IncompleteReadError, EOFError, TimeoutError)
"""What a client sees when its connection breaks."""


class Client:
    """One keep-alive connection, opened anew when the server closes it."""

    def __init__(self, port: int, *, keep: bool = True) -> None:
        self.port, self.keep = port, keep
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> tuple[int, bytes]:
        return await self.ask("GET", path)

    async def add(self, title: str, author: str = "Somebody") -> int:
        status, body = await self.ask("POST", "/books", urlencode({"title": title, "author": author}))
        return int(json.loads(body)["id"]) if status == 201 else -status

    async def ask(self, method: str, path: str, form: str = "") -> tuple[int, bytes]:
        """Send one request. Raises one of GONE when the connection breaks before the whole answer."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: application/json"]
        if form:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
        if not self.keep:
            lines.append("Connection: close")
        try:
            async with asyncio.timeout(30):
                return await self._exchange("\r\n".join([*lines, "", form]).encode())
        except GONE:
            self.close()
            raise

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self._reader is not None
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
        body = await self._reader.readexactly(length)
        if "connection: close" in head or not self.keep:
            self.close()
        return int(head.split(" ", 2)[1]), body

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@dataclass
class Tally:
    """What clients were told: id and title of each acknowledged book, and what went wrong."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    broken: int = 0
    refused: int = 0
    times: list[float] = field(default_factory=list)

    async def add(self, client: Client, title: str) -> bool:
        began = time.monotonic()
        try:
            number = await client.add(title)
        except GONE as error:
            self.broken += 1
            self.refused += isinstance(error, ConnectionRefusedError)
            return False
        self.times.append(time.monotonic() - began)
        self.statuses[-number if number < 0 else 201] = self.statuses.get(-number if number < 0 else 201, 0) + 1
        if number > 0:
            self.acknowledged[number] = title
        return number > 0

    def lost(self, stored: dict[int, str]) -> int:
        return sum(stored.get(number) != title for number, title in self.acknowledged.items())

    def errors(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 400)


def stored_books(database: Path) -> dict[int, str]:
    """Read id and title of every book, after proving that the file is whole."""
    with closing(sqlite3.connect(database, timeout=15)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchone() is None
        return {int(number): str(title) for number, title in connection.execute("SELECT id, title FROM book")}


def percentile(times: Iterable[float], share: float) -> float:
    """Milliseconds that this share of the answers stayed within."""
    ordered = sorted(times) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def figure(check: str, good: bool, **figures: Any) -> bool:
    """Print the one line of a check."""
    said = " ".join(
        f"{name}={value:.1f}" if isinstance(value, float) else f"{name}={value}" for name, value in figures.items()
    )
    print(f"{'ok  ' if good else 'MISS'} {check}: {said}", flush=True)
    return good


async def together(count: int, work: Callable[[int], Awaitable[Any]]) -> None:
    """Do `work(0)` … `work(count - 1)` at the same time."""
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(_awaited(work(number)))


async def _awaited(work: Awaitable[Any]) -> None:
    await work
