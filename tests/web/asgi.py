"""Requests as a server hands them over, for what no polite client sends."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bookapp.web.application import Application

JSON = {"Content-Type": "application/json", "Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass
class Told:
    """What the application sent."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def ask(
    app: Application,
    method: str = "GET",
    path: str = "/",
    *,
    headers: dict[str, str] | None = None,
    chunks: Sequence[bytes] = (b"",),
    query: bytes = b"",
    client: str = "127.0.0.1",
    host: str | None = "localhost",
    scheme: str = "http",
    hang_up_after: int | None = None,
    more_headers: Sequence[tuple[bytes, bytes]] = (),
    seconds: float = 20,
) -> Told:
    """Send `chunks` one by one; after `hang_up_after` of them the client is gone."""
    told, taken = Told(), 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if hang_up_after is not None and taken >= hang_up_after:
            return {"type": "http.disconnect"}
        if taken < len(chunks):
            taken += 1
            return {"type": "http.request", "body": chunks[taken - 1], "more_body": taken < len(chunks)}
        return await asyncio.Future[dict[str, Any]]()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.status = message["status"]
            told.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            told.body += message.get("body", b"")

    given = {**({} if host is None else {"Host": host}), "Accept": "application/json", **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in given.items()] + list(more_headers),
        "client": (client, 50000),
        "server": ("127.0.0.1", 8000),
        "extensions": {},
    }
    async with asyncio.timeout(seconds):
        await app(scope, receive, send)  # type: ignore[arg-type]  # a plain dict is what servers pass
    return told
