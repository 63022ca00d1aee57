"""Streams of events on real workers: one is killed, the server stops, and nothing is lost or held up."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bookapp.core import schema
from tests.checks.client import GONE, Client
from tests.serving.reader import Reader, people_with_keys
from tests.serving.servers import BOOKAPP, HYPERCORN, Server, read_all, until

ASK = b"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer bookapp_key-of-alice\r\n"
STREAM = ASK + b"Accept: text/event-stream\r\n\r\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A place where alice has a key."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    url = f"sqlite+aiosqlite:///{data / 'bookapp.db'}"
    schema.migrate(url)
    asyncio.run(people_with_keys(url, ["alice"]))
    return data


@contextmanager
def served(data: Path, *, workers: int = 2, plain: bool = False) -> Iterator[Server]:
    if plain:
        port = Server(data).port
        server = Server(data, (*HYPERCORN, "--bind", f"127.0.0.1:{port}"), PORT=port, BOOKAPP_GUEST_EDITS="always")
    else:
        server = Server(data, BOOKAPP, BOOKAPP_WORKERS=workers, BOOKAPP_GUEST_EDITS="always")
    with server:
        yield server


async def test_a_killed_worker_loses_no_event(data: Path) -> None:
    with served(data) as server:
        readers = [Reader(server.port, "bookapp_key-of-alice") for _ in range(8)]
        tasks = [asyncio.create_task(reader.run()) for reader in readers]
        await asyncio.to_thread(until, lambda: all(reader.opened for reader in readers), 15)
        client, added = Client(server.port, keep=False), 0
        for number in range(30):
            if number == 10:
                os.kill(server.workers()[0], signal.SIGKILL)
            with suppress(GONE):
                added += await client.add(f"Book {number}") > 0
            await asyncio.sleep(0.02)
        await asyncio.to_thread(until, lambda: all(len(reader.heard) >= added for reader in readers), 15)
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        heard = [[one.number for one in reader.heard] for reader in readers]
        assert all(numbers == heard[0] for numbers in heard)
        assert heard[0] == sorted(set(heard[0]))
        assert server.stop() == 0


@pytest.mark.parametrize("plain", [False, True], ids=["bookapp serve", "plain hypercorn"])
def test_open_streams_do_not_keep_the_server_from_stopping(data: Path, plain: bool) -> None:
    with served(data, plain=plain) as server:
        streams = [server.connect(STREAM) for _ in range(5)]
        for stream in streams:
            assert b"200" in stream.recv(4096)
        time.sleep(0.3)
        began = time.monotonic()
        server.tell(signal.SIGTERM)
        for stream in streams:
            assert read_all(stream).endswith(b"0\r\n\r\n")
            stream.close()
        assert server.process.wait(15) == 0
        assert time.monotonic() - began < 4


def test_streams_of_a_replaced_worker_end_and_go_on_at_the_next(data: Path) -> None:
    with served(data, workers=1) as server:
        stream = server.connect(STREAM)
        assert b"200" in stream.recv(4096)
        before = server.workers()
        server.tell(signal.SIGHUP)
        assert read_all(stream).endswith(b"0\r\n\r\n")
        with server.connect(STREAM) as again:
            assert b"200" in again.recv(4096)
            assert server.workers() != before
        stream.close()
        assert server.stop() == 0
