"""What every answer has, whoever makes it: security headers, the request's id, a log line, a count."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from bookapp.web.cache import Cache, Kept
from bookapp.web.facts import Facts
from bookapp.web.headers import secured
from bookapp.web.log import access
from bookapp.web.metrics import observe

Scope = dict[str, Any]
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Answer:
    """Sends an answer, and sees to what every answer has: security headers, the request's id, a log line, a count."""

    def __init__(self, send: Send, facts: Facts, scope: Scope, started: float) -> None:
        self._send = send
        self._facts = facts
        self._method = scope["method"]
        self._path = scope["path"]
        self._started = started
        self._cache: tuple[Cache, tuple[Any, ...]] | None = None
        self._start: Message | None = None
        self._parts: list[bytes] = []
        self.status = 0
        self.bytes = 0

    def keep_as(self, cache: Cache, key: tuple[Any, ...]) -> None:
        """Put the answer into `cache`, if it turns out to be the same for everybody."""
        self._cache = (cache, key)

    async def __call__(self, message: Message) -> None:
        """What Quart calls to send."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = secured([(name.lower(), value) for name, value in message["headers"]])
            self._start = message
            message = {**message, "headers": [*message["headers"], (b"x-request-id", self._facts.id.encode())]}
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            self.bytes += len(body)
            self._keep(body, message.get("more_body", False))
        await self._send(message)

    def _keep(self, part: bytes, more: bool) -> None:
        """Collect the parts of an answer that may be kept; Quart sends even a short one in two."""
        start, facts = self._start, self._facts
        if self._cache is None or start is None or not facts.keep or self.status != 200 or self._method != "GET":
            self._cache = None
            return
        self._parts.append(part)
        if more:
            return
        cache, key = self._cache
        etag = next((value for name, value in start["headers"] if name == b"etag"), b"")
        if etag and facts.version is not None:
            body, headers = b"".join(self._parts), tuple(start["headers"])
            cache.put(key, Kept(facts.version, 200, headers, body, etag, facts.endpoint))

    async def whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send an answer that is already complete."""
        self.status, self.bytes = status, len(body)
        headers.append((b"x-request-id", self._facts.id.encode()))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def last_resort(self) -> None:
        """Say that something broke when even the error page did."""
        if not self.status:
            body = b'{"type":"about:blank","title":"Something went wrong","status":500,"detail":""}'
            headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
            await self.whole(500, secured(headers), body)

    def close(self) -> None:
        """Write the request's log line and count it."""
        seconds = time.perf_counter() - self._started
        observe(self._method, self._facts.endpoint, self.status, seconds)
        access(self._facts, self._method, self._path, self.status, self.bytes, seconds)
