"""R16: SIGTERM amid 20 slow requests, 20 streams, idle, refused, deaf and HTTP/2 clients: all answered, soon over."""

import asyncio
import signal
import socket
import time
from pathlib import Path

from tests.checks.client import Client, figure
from tests.serving.servers import Server

STREAM = b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n"
ODD = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0",
)


async def attack(server: Server) -> tuple[int, int, int, float]:
    slow = [asyncio.create_task(Client(server.port).get("/slow")) for _ in range(20)]
    streams = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(20)]
    for _reader, writer in streams:
        writer.write(STREAM)
    others = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(5 + len(ODD))]
    for (_reader, writer), sent in zip(others, ODD, strict=False):
        writer.write(sent)
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", server.port))
    deaf.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.sleep(0.7)
    began = time.monotonic()
    server.tell(signal.SIGTERM)
    answered = sum(status == 200 for status, _ in await asyncio.gather(*slow))
    heard = await asyncio.gather(*(reader.read() for reader, _writer in streams))
    ended = sum(body.endswith(b"0\r\n\r\n") for body in heard)
    code = await asyncio.to_thread(server.process.wait, 20)
    took = time.monotonic() - began
    deaf.close()
    for _reader, writer in (*streams, *others):
        writer.close()
    return answered, ended, code, took


def run(place: Path) -> bool:
    with Server(place / "data", BOOKAPP_WORKERS=2) as server:
        answered, ended, code, took = asyncio.run(attack(server))
    good = answered == 20 and ended == 20 and code == 0 and took <= 10
    return figure("shutdown", good, answered=answered, streams_ended=ended, exit_code=code, seconds=took)
