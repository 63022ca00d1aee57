"""One event loop that serves: like `hypercorn.asyncio.serve`, with a limit on connections and an order in stopping.

Hypercorn's own closes the idle connections in the same moment as the listening socket, so a client that was about
to ask again gets a reset; and while somebody reads nothing it does not end.
"""

import asyncio
import logging
from typing import Any

from hypercorn.asyncio.lifespan import Lifespan
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.typing import AppWrapper, LifespanState
from hypercorn.utils import wrap_app

from bookapp.serve import wire

log = logging.getLogger("bookapp.serve")

LINGER = 0.5
"""Seconds in which clients that are about to ask again still get an answer, with `Connection: close`."""
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Type: text/plain\r\nContent-Length: 29\r\n"
    b"Connection: close\r\n\r\nToo many connections\n"
)
REPEAT_AFTER = 10.0
"""Seconds before the same trouble of the event loop is written down again."""


class Server:
    """Serves `app` on the sockets of `config` until it is told to stop."""

    def __init__(self, app: Any, config: Config, most: int) -> None:
        self._config = config
        self._most = most
        self._context = WorkerContext(None)
        self._state: LifespanState = {}
        self._wrapped: AppWrapper = wrap_app(app, config.wsgi_max_body_size, "asgi")
        self._open: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}
        self._listening: list[asyncio.Server] = []
        self._seen: dict[str, float] = {}
        self._stopping = asyncio.Event()
        self._state["stop"] = self._stopping.wait  # as in wire.py

    async def run(self, stop: asyncio.Event, ready: Any) -> None:
        """Start the app, call `ready`, serve until `stop` is set, then drain."""
        wire.install()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._note)
        lifespan = Lifespan(self._wrapped, self._config, loop, self._state)
        living = loop.create_task(lifespan.handle_lifespan())
        await lifespan.wait_for_startup()
        if living.done():
            living.result()
        await self._listen()
        ready()
        await stop.wait()
        await self._drain()
        await lifespan.wait_for_shutdown()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)

    async def _listen(self) -> None:
        self._config.alpn_protocols = ["http/1.1"]
        tls = self._config.create_ssl_context()
        sockets = self._config.create_sockets()
        for sock in (*sockets.secure_sockets, *sockets.insecure_sockets):
            server = await asyncio.start_server(self._connected, sock=sock, ssl=tls, backlog=self._config.backlog)
            self._listening.append(server)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self._most:
            writer.write(FULL)
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            loop = asyncio.get_running_loop()
            await TCPServer(self._wrapped, loop, self._config, self._context, self._state, reader, writer)
        finally:
            del self._open[task]

    async def _drain(self) -> None:
        self._stopping.set()
        for server in self._listening:
            server.close()  # new connections go to the other workers, which hold the same socket
        self._config.keep_alive_max_requests = 0  # from now on each answer says "Connection: close"
        await self._wait_for_all(LINGER)
        await self._context.terminated.set()  # now the idle ones close
        if late := await self._wait_for_all(max(0.0, self._config.graceful_timeout - LINGER)):
            log.warning("%d connections did not end in time and were cut.", len(late))
            for task in late:
                self._open[task].transport.abort()
                task.cancel()
            await asyncio.wait(late, timeout=1)

    async def _wait_for_all(self, seconds: float) -> set[asyncio.Task[Any]]:
        if not self._open:
            return set()
        await asyncio.wait(list(self._open), timeout=seconds)
        return set(self._open)

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # Out of file descriptors, the loop reports each failed accept: thousands of tracebacks in a second.
        trouble = f"{context.get('message')}: {context.get('exception')!r}"
        now = loop.time()
        if now - self._seen.get(trouble, -REPEAT_AFTER) < REPEAT_AFTER:
            return
        if len(self._seen) > 100:
            self._seen.clear()
        self._seen[trouble] = now
        exception = context.get("exception")
        detail = exception if exception is not None and not isinstance(exception, OSError) else None
        log.error("%s", trouble, exc_info=detail)
