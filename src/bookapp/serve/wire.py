"""HTTP/1.1 and nothing else on a connection, and no connection that waits for ever.

Hypercorn as it is answers `Upgrade: h2c` with 101, speaks HTTP/2 to whoever begins with its preface, and keeps a
connection open without a limit after a failed WebSocket handshake. It has no setting against that.
"""

import asyncio
from typing import Any

import h11
import hypercorn.asyncio.tcp_server as tcp_server
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.h11 import H11Protocol

HEAD_TIMEOUT = 8.0
"""Seconds for a whole request head, from its first byte; for the first one, from the connection's opening."""
BODY_GRACE = 10.0
"""Seconds before a body must keep pace."""
BODY_PACE = 500
"""Bytes in a second, on average, that a body brings at least."""
HEAD_BYTES = 16_384


def refusal(request: h11.Request) -> int | None:
    """The status that refuses `request` before the app sees it, or None."""
    names = [name for name, _ in request.headers]
    if not request.http_version.startswith(b"1."):
        return 505
    if sum(len(name) + len(value) + 4 for name, value in request.headers) > HEAD_BYTES:
        return 431
    if b"content-length" in names and b"transfer-encoding" in names:
        return 400  # which of the two ends the body is how requests are smuggled
    if b"websocket" in _upgrade(request):
        return 400
    return None


def _upgrade(request: h11.Request) -> bytes:
    return b",".join(value.lower() for name, value in request.headers if name == b"upgrade")


class PlainHttp(H11Protocol):
    """Stands where Hypercorn chooses between its protocols, and always chooses HTTP/1.1."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args[:9])  # the tenth is the protocol agreed on by TLS
        self._clock: asyncio.TimerHandle | None = None
        self._body_began = 0.0
        self._body_bytes = 0

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
            await self.send(Updated(idle=False))
        elif self._clock is None and self._half_a_head():
            self._wind(HEAD_TIMEOUT)

    async def _check_protocol(self, event: h11.Request) -> None:
        # A server may ignore an upgrade (RFC 9110, 7.8). The answer closes: such a client wanted something else.
        if _upgrade(event):
            self.keep_alive_requests = self.config.keep_alive_max_requests

    async def _create_stream(self, request: h11.Request) -> None:
        self._stop_clock()
        status = refusal(request)
        if status is not None:
            await self._send_error_response(status)
            await self.send(Closed())
            return
        await super()._create_stream(request)
        if self.connection.their_state is h11.SEND_BODY:
            self._body_began, self._body_bytes = asyncio.get_running_loop().time(), 0
            self._wind(BODY_GRACE)

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


def install() -> None:
    """Make every Hypercorn server of this process speak plain HTTP/1.1. Doing it twice is doing it once."""
    vars(tcp_server)["ProtocolWrapper"] = PlainHttp
