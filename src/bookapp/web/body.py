"""Reading the body before Quart is entered: counted, timed, and then at rest.

Quart's own limit does not hold for chunked uploads, and a body that is already here cannot be cut short by a client
that hangs up in the middle of a write: the handler simply finishes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bookapp.core.errors import AppError, Malformed, TooLarge
from bookapp.web.csrf import SAFE
from bookapp.web.facts import Facts
from bookapp.web.limits import body_limit, body_seconds, takes_upload, too_large

Receive = Callable[[], Awaitable[dict[str, Any]]]


class TooSlow(AppError):
    """The body did not arrive in time."""

    status, title = 408, "That took too long to arrive"


class ClientGone(AppError):
    """The client hung up before the body was complete; nobody reads the answer."""

    status, title = 400, "The request was not complete"


async def receive_all(scope: dict[str, Any], facts: Facts, receive: Receive) -> Receive:
    """Take the whole body in and return a `receive` that gives it once more.

    A large file is left for the handler to take in (`web.uploads`). Raises TooLarge, TooSlow, Malformed.
    """
    limit = body_limit(scope["method"], scope["path"])
    length = facts.headers.get("content-length")
    if length is not None and (not length.isascii() or not length.isdigit()):
        raise Malformed("Content-Length must be one number.")
    if length is not None and int(length) > limit:
        raise TooLarge(too_large(limit))
    if takes_upload(scope["method"], scope["path"]):
        facts.receive = receive
        return empty_body()
    safe = scope["method"] in SAFE
    if safe and length in (None, "0") and "transfer-encoding" not in facts.headers:
        return _replay(b"", receive)
    try:
        async with asyncio.timeout(body_seconds(limit)):
            body = await _collect(receive, limit)
    except TimeoutError:
        raise TooSlow("Please try again with a better connection.") from None
    return _replay(body, receive if safe else None)


async def _collect(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(too_large(limit))
        if part:
            parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def empty_body() -> Receive:
    """A `receive` for a body that nobody reads: empty, and then silence, for Quart asks again until it has to wait."""
    return _replay(b"", None)


def _replay(body: bytes, receive: Receive | None) -> Receive:
    """Give `body`, then news of the client; without `receive` none, so that a write is finished if the client left."""
    given = False

    async def replay() -> dict[str, Any]:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        if receive is None:
            return await asyncio.Future[dict[str, Any]]()  # which nobody ever fulfils
        return await receive()

    return replay
