"""Somebody who hears events from a real server, as a browser does: comes again when the stream ends."""

import asyncio
import time
from dataclasses import dataclass, field

from bookapp.accounts.models import ApiToken
from bookapp.accounts.rules import digest
from bookapp.core import clock
from bookapp.core.db import Database
from tests.people import a_person

BROKEN = (OSError, asyncio.IncompleteReadError, EOFError, TimeoutError)


@dataclass
class Heard:
    """One event as it came in."""

    number: int
    name: str
    at: float
    late: bool
    """Whether it came with the first words after coming again."""


@dataclass
class Reader:
    """One stream, resumed as often as it breaks."""

    port: int
    key: str
    start: int | None = None
    heard: list[Heard] = field(default_factory=list)
    opened: int = 0
    broken: int = 0
    clean: int = 0
    last: str = ""
    retry: float = 3.0

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._once()
                self.clean += 1
            except BROKEN:
                self.broken += 1
            await asyncio.sleep(self.retry)

    async def _once(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            resume = f"Last-Event-ID: {self.last}\r\n" if self.last else ""
            head = f"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\n{resume}"
            writer.write(f"{head}Accept: text/event-stream\r\n\r\n".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise EOFError(answer)
            first = True
            while size := int(await reader.readuntil(b"\r\n"), 16):
                self._take((await reader.readexactly(size + 2)).decode(), late=first and self.opened > 0)
                if first:
                    self.opened += 1
                first = False
        finally:
            writer.close()

    def _take(self, text: str, *, late: bool) -> None:
        now = time.time()
        for block in text.split("\n\n"):
            fields = dict(line.partition(": ")[::2] for line in block.splitlines())
            if "retry" in fields:
                self.retry = int(fields["retry"]) / 1000
            if "id" in fields:
                self.last = fields["id"]
                if self.start is None:
                    self.start = int(self.last)
            if "event" in fields:
                self.heard.append(Heard(int(fields["id"]), fields["event"], now, late))


async def people_with_keys(url: str, names: list[str]) -> list[int]:
    """Make accounts, each with an API token that is called `key-of-` and the name. Returns their ids."""
    db = Database(url)
    ids = []
    for name in names:
        person = await a_person(db, name)
        ids.append(person.id or 0)
        async with db.writing() as session:
            key, now = f"bookapp_key-of-{name}", clock.now()
            session.add(
                ApiToken(
                    account_id=person.id, name="Reader", token_hash=digest(key), prefix=key[:14], can_write=True,
                    created_at=now, expires_at=None,
                )
            )  # fmt: skip
    await db.close()
    return ids
