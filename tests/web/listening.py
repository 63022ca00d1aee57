"""Somebody who listens to the stream of events, as a browser does: keeps the last number, and comes again with it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bookapp.web.application import Application
from tests.clients import Browser
from tests.people import PASSWORD, a_person

STREAM = {"Accept": "text/event-stream"}


class Listener:
    """One stream: what came, and whether it has ended."""

    def __init__(self, app: Application, headers: dict[str, str], *, reads: bool = True) -> None:
        self.app, self.headers, self.reads = app, headers, reads
        self.status = 0
        self.told: dict[str, str] = {}
        self.text = ""
        self.is_over = False
        self._left = asyncio.Event()
        self._news = asyncio.Event()

    @property
    def events(self) -> list[tuple[int, str]]:
        """Numbers and names."""
        found = []
        for block in self.text.split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in fields:
                assert fields["data"] == fields["event"]
                found.append((int(fields["id"]), fields["event"]))
        return found

    @property
    def names(self) -> list[str]:
        return [name for _, name in self.events]

    @property
    def last(self) -> str:
        """The number that a browser would come again with."""
        return [line for line in self.text.splitlines() if line.startswith("id: ")][-1][4:]

    async def until(self, true: Callable[[], Any], seconds: float = 5) -> None:
        """Wait for what comes."""
        async with asyncio.timeout(seconds):
            while not true():
                self._news.clear()
                await self._news.wait()

    def leave(self) -> None:
        """Close the connection."""
        self._left.set()

    async def _receive(self) -> dict[str, Any]:
        if not self.headers.get("asked"):
            self.headers["asked"] = "1"
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.told = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.text += message.get("body", b"").decode()
        self._news.set()
        if not self.reads and self.text:
            await asyncio.Future[None]()

    async def run(self, query: str = "", state: dict[str, Any] | None = None) -> None:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/events",
            "raw_path": b"/events",
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(n.lower().encode(), v.encode()) for n, v in {"Host": "localhost", **self.headers}.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
            "extensions": {},
            "state": state or {},
        }
        self.headers = dict(self.headers)
        try:
            await self.app(scope, self._receive, self._send)  # type: ignore[arg-type]  # a plain dict is what servers pass
        finally:
            self.is_over = True
            self._news.set()


@asynccontextmanager
async def listening(
    app: Application, key: dict[str, str], *, last: str = "", state: dict[str, Any] | None = None, reads: bool = True
) -> AsyncIterator[Listener]:
    """A stream that has begun; `key` is the header that opens it."""
    listener = Listener(app, STREAM | key | ({"Last-Event-ID": last} if last else {}), reads=reads)
    task = asyncio.create_task(listener.run(state=state))
    try:
        await listener.until(lambda: listener.text or listener.is_over)
        yield listener
    finally:
        listener.leave()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)


async def key_of(app: Application, name: str) -> dict[str, str]:
    """A new person, and the header by which a program of theirs is known."""
    await a_person(app.extensions["db"], name)
    answer = await Browser(app).post("/accounts/login", json={"username": name, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json['token']}"}
