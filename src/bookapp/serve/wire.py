"""HTTP/1.1 and nothing else on a connection, and no connection that waits for ever.

Hypercorn as it is answers `Upgrade: h2c` with 101, speaks HTTP/2 to whoever begins with its preface, and keeps a
connection open without a limit after a failed WebSocket handshake. It has no setting against that.
"""

import asyncio
from functools import lru_cache
from typing import Any

import h11
import hypercorn.asyncio.tcp_server as tcp_server
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.events import Request, Response
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream

HEAD_TIMEOUT = 8.0
"""Seconds for a whole request head, from its first byte; for the first one, from the connection's opening."""
BODY_GRACE = 10.0
"""Seconds before a body must keep pace."""
BODY_PACE = 500
"""Bytes in a second, on average, that a body brings at least."""
HEAD_BYTES = 16_384
OURS = frozenset({b"date", b"x-request-id"})
"""Headers with a value that is new each time, and that nobody outside has a say in."""


Headers = list[tuple[bytes, bytes]]


def refusal(version: bytes, headers: Headers) -> int | None:
    """The status that refuses a request of HTTP `version` before the app sees it, or None."""
    if not version.startswith(b"1."):
        return 505
    size, seen = 0, set()
    for name, value in headers:
        size += len(name) + len(value) + 4
        seen.add(name)
        if name == b"upgrade" and b"websocket" in value.lower():
            return 400
    if size > HEAD_BYTES:
        return 431
    if b"content-length" in seen and b"transfer-encoding" in seen:
        return 400  # which of the two ends the body is how requests are smuggled
    return None


@lru_cache(maxsize=1024)
def prove(name: bytes, value: bytes) -> None:
    """Let h11 see that a header of an answer is well formed. Most are the same in every answer, and proven once.

    Raises h11.LocalProtocolError.
    """
    h11.Response(status_code=200, headers=[(name, value)])


class PlainHttp(H11Protocol):
    """Stands where Hypercorn chooses between its protocols, and always chooses HTTP/1.1."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args[:9])  # the tenth is the protocol agreed on by TLS
        # The app finds this in `scope["state"]`, and waits for it to end what would go on for ever.
        self.connection_state.setdefault("stop", self.context.terminated.wait)
        self._clock: asyncio.TimerHandle | None = None
        self._body_began = 0.0
        self._body_bytes = 0
        self._head = b""
        self._tell_server, self.send = self.send, self._send
        self._idle_since: float | None = asyncio.get_running_loop().time()

    async def initiate(self) -> None:
        """Begin: a client that says nothing has as long as one that says half a head."""
        await super().initiate()
        self._wind(HEAD_TIMEOUT)

    async def handle(self, event: Event) -> None:
        """Take bytes, or the news that the connection is closed."""
        if isinstance(event, RawData):
            self._body_bytes += len(event.data)
        await super().handle(event)
        if isinstance(event, Closed):
            self._stop_clock()
            # Hypercorn's own idle clock would keep the socket of a client that has left until it runs out.
            await self._tell_server(Updated(idle=False))
        elif self._clock is None and self._half_a_head():
            self._wind(HEAD_TIMEOUT)

    async def _send(self, event: Event) -> None:
        if isinstance(event, Updated):
            self._idle_since = asyncio.get_running_loop().time() if event.idle else None
        else:
            await self._tell_server(event)

    def idle_left(self) -> float:
        """Seconds until a connection that stays as idle as it is has to be closed."""
        patience = float(self.config.keep_alive_timeout)
        if self._idle_since is None:
            return patience
        return self._idle_since + patience - asyncio.get_running_loop().time()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self._idle_since is not None

    async def _check_protocol(self, event: h11.Request) -> None:
        """Nothing to choose: what Hypercorn would look for here is refused or ignored by `_create_stream`."""

    async def _create_stream(self, request: h11.Request) -> None:
        self._stop_clock()
        headers = list(request.headers)
        status = refusal(request.http_version, headers)
        if status is not None:
            await self._send_error_response(status)
            await self.send(Closed())
            return
        if any(name == b"upgrade" for name, _ in headers):
            # A server may ignore an upgrade (RFC 9110, 7.8). The answer closes: such a client wanted something else.
            self.keep_alive_requests = self.config.keep_alive_max_requests
        await self._begin(request, headers)
        if self.connection.their_state is h11.SEND_BODY:
            self._body_began, self._body_bytes = asyncio.get_running_loop().time(), 0
            self._wind(BODY_GRACE)

    async def _begin(self, request: h11.Request, headers: Headers) -> None:
        """What Hypercorn does for a request that is no WebSocket handshake."""
        self.stream = HTTPStream(
            self.app,
            self.config,
            self.context,
            self.task_group,
            self.ssl,
            self.client,
            self.server,
            self.stream_send,
            STREAM_ID,
        )
        await self.stream.handle(
            Request(
                stream_id=STREAM_ID,
                headers=headers,
                http_version=request.http_version.decode(),
                method=request.method.decode("ascii").upper(),
                raw_path=request.target,
                state=self.connection_state,
            )
        )
        self.keep_alive_requests += 1
        await self.context.mark_request()

    async def stream_send(self, event: StreamEvent) -> None:
        """Send one part of an answer that the app gave."""
        if not isinstance(event, Response) or event.status_code < 200:
            await super().stream_send(event)
            return
        headers = [*event.headers, *self.config.response_headers("h11")]
        if self.keep_alive_requests >= self.config.keep_alive_max_requests:
            headers.append((b"connection", b"close"))
        for name, value in headers:
            if name not in OURS:
                prove(name, value)
        await self._send_h11_event(h11.Response(headers=headers, status_code=event.status_code, _parsed=True))

    async def _send_h11_event(self, event: Any) -> None:
        """Send one part of an answer; a head whose body has a length goes out together with the body's first part.

        Hypercorn would write three times for an answer of one piece: head, body, and the nothing that ends it.
        """
        try:
            data = self._head + (self.connection.send(event) or b"")
        except h11.LocalProtocolError:
            if self.connection.their_state is not h11.ERROR:
                raise
            return
        waits = isinstance(event, h11.Response) and any(name == b"content-length" for name, _ in event.headers)
        self._head = data if waits else b""
        if data and not waits:
            await self.send(RawData(data=data))

    def _half_a_head(self) -> bool:
        return self.connection.their_state is h11.IDLE and bool(self.connection.trailing_data[0])

    def _wind(self, seconds: float) -> None:
        self._clock = asyncio.get_running_loop().call_later(seconds, self._look)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _look(self) -> None:
        self._clock = None
        if self.connection.their_state is h11.SEND_BODY:
            if self._keeps_pace():
                self._wind(BODY_GRACE / 2)
                return
        elif self.connection.their_state is not h11.IDLE:
            return
        self.task_group.spawn(self.send, Closed())

    def _keeps_pace(self) -> bool:
        took = asyncio.get_running_loop().time() - self._body_began
        return self._body_bytes >= took * BODY_PACE


async def close_when_idle(server: Any) -> None:
    """Close a connection that is idle for too long, or when the server ends.

    Hypercorn starts such a task anew for each request, and cancels it by the next: a tenth of a short answer's time.
    """
    plain: PlainHttp = server.protocol
    while (left := plain.idle_left()) > 0:
        try:
            async with asyncio.timeout(left):
                await server.context.terminated.wait()
        except TimeoutError:
            continue
        if not plain.is_idle:
            return  # the answer under way closes the connection
        break
    await asyncio.shield(server._initiate_server_close())


def install() -> None:
    """Make every Hypercorn server of this process speak plain HTTP/1.1. Doing it twice is doing it once."""
    vars(tcp_server)["ProtocolWrapper"] = PlainHttp
    tcp_server.TCPServer._idle_timeout = close_when_idle  # type: ignore[method-assign, assignment]  # see there
