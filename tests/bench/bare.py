"""The ceiling: a constant 6 kB body from a bare ASGI application on the same server."""

from typing import Any

BODY = b"x" * 6000
HEADERS = [(b"content-type", b"text/html"), (b"content-length", b"6000")]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
