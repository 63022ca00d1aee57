"""A small ASGI app with what a server must cope with: slow answers, streams, bodies, large answers."""

import asyncio
import os
import sys
from typing import Any

from bookapp.config import Settings, load_settings
from bookapp.serve.run import serve


class Small:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["path"] == "/events":
            await events(send)
        else:
            body = await answer(scope["path"], receive)
            headers = [(b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})


async def events(send: Any) -> None:
    """A stream of two seconds."""
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(10):
        await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
        await asyncio.sleep(0.2)
    await send({"type": "http.response.body", "body": b"event: bye\ndata:\n\n"})


async def answer(path: str, receive: Any) -> bytes:
    if path == "/slow":
        await asyncio.sleep(2)
    if path == "/stuck":
        await asyncio.sleep(60)
    if path == "/large":
        return b"x" * 8_000_000
    if path == "/body":
        size = 0
        while (message := await receive())["type"] == "http.request":
            size += len(message["body"])
            if not message["more_body"]:
                break
        return str(size).encode()
    return str(os.getpid()).encode()


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if os.environ.get("SMALL_FAILS") and message["type"] == "lifespan.startup":
            raise SystemExit(3)
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def create_app(settings: Settings) -> Small:
    return Small()


if __name__ == "__main__":
    sys.exit(serve(load_settings(), lambda: print("ready", flush=True), app="tests.serving.small:create_app"))
