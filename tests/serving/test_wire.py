"""What the server does below HTTP: it speaks one protocol and waits for nobody without an end."""

import contextlib
import inspect
import socket
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h11
import hypercorn.asyncio.tcp_server as tcp_server
import hypercorn.protocol
import pytest
from hypercorn.config import Config
from hypercorn.protocol.h11 import H11Protocol

from bookapp.config import Settings, WrongSetting
from bookapp.serve import listen, options, wire
from tests.serving.servers import ROOT, Server, read_all, until

H2C = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
)
WEBSOCKET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
BOTH_LENGTHS = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
LONG_HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 17_000 + b"\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("wire") / "data") as server:
        yield server


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (H2C, 200),  # the upgrade is ignored, the request is answered, the connection closes
        (WEBSOCKET, 400),
        (WEBSOCKET.replace(b"websocket", b"WebSocket"), 400),
        (PREFACE, 505),
        (BOTH_LENGTHS, 400),
        (LONG_HEAD, 431),
        (b"no sense at all\r\n\r\n", 400),
    ],
)
def test_what_is_no_plain_request_is_answered_and_closed(server: Server, sent: bytes, status: int) -> None:
    with server.connect(sent, timeout=5) as connection:
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:200]
    assert b"101" not in answer.split(b"\r\n")[0]


def test_a_body_of_any_kind_arrives(server: Server) -> None:
    head = b"POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked = head + b"5\r\nhello\r\n0\r\n\r\n"
    with server.connect(chunked, timeout=5) as connection:
        assert read_all(connection).endswith(b"\r\n\r\n5")


def test_whoever_dawdles_is_shown_the_door(server: Server) -> None:
    slow = {
        "nothing": b"",
        "half a head": b"GET / HTTP/1.1\r\nHost: loc",
        "half a body": b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nslow",
        "half a second head": b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT",
    }

    def seconds_until_closed(first: bytes) -> float:
        began = time.monotonic()
        with server.connect(first, timeout=25) as connection, contextlib.suppress(ConnectionResetError):
            read_all(connection)
        return time.monotonic() - began

    with ThreadPoolExecutor(len(slow)) as pool:
        took = dict(zip(slow, pool.map(seconds_until_closed, slow.values()), strict=True))
    assert all(seconds <= 12 for seconds in took.values()), took
    assert took["half a head"] <= 10
    assert all(seconds >= 7 for seconds in took.values()), took


def test_a_steady_slow_body_may_take_its_time(server: Server) -> None:
    head = b"POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 12000\r\n\r\n"
    with server.connect(head, timeout=25) as connection:
        for _ in range(12):
            connection.sendall(b"x" * 1000)
            time.sleep(1)
        assert read_all(connection).endswith(b"\r\n\r\n12000")


def test_more_connections_than_files_are_turned_away_politely(tmp_path: Path) -> None:
    command = ("prlimit", "--nofile=200:200", *Server(tmp_path / "data").command)
    with Server(tmp_path / "data", command) as server:
        many = [server.connect() for _ in range(150)]
        with server.connect(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", timeout=5) as late:
            assert read_all(late).startswith(b"HTTP/1.1 503 ")
        for connection in many:
            connection.close()
        time.sleep(0.5)
        assert server.get("/")[0] == 200
        assert server.stop() == 0
        assert len(server.said().splitlines()) < 20


def test_a_client_that_leaves_leaves_nothing_behind(server: Server) -> None:
    (worker,) = server.workers()
    files = Path(f"/proc/{worker}/fd")
    before = len(list(files.iterdir()))
    for connection in [server.connect(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(40)]:
        connection.recv(4096)
        connection.close()
    until(lambda: len(list(files.iterdir())) <= before + 2, 3)


def test_somebody_who_reads_nothing_is_dropped_by_the_kernel() -> None:
    with listen.listen("127.0.0.1", 0, 1) as listening:
        patience = listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert 5_000 <= patience <= 25_000
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == patience


def test_hypercorn_still_has_the_places_that_we_change() -> None:
    assert "ProtocolWrapper" in vars(tcp_server)
    wrapper = list(inspect.signature(hypercorn.protocol.ProtocolWrapper.__init__).parameters)
    plain = list(inspect.signature(H11Protocol.__init__).parameters)
    assert len(plain) == 10
    assert len(wrapper) == 11
    assert wrapper[-1] == "alpn_protocol"
    for name in ("initiate", "handle", "_check_protocol", "_create_stream", "_send_error_response"):
        assert inspect.iscoroutinefunction(getattr(H11Protocol, name)), name
    wire.install()
    assert vars(tcp_server)["ProtocolWrapper"] is wire.PlainHttp


def test_every_key_of_hypercorn_toml_is_one_that_hypercorn_knows() -> None:
    keys = tomllib.loads((ROOT / "hypercorn.toml").read_text())
    assert [key for key in keys if not hasattr(Config, key)] == []
    assert options.SHIPPED.read_text() == (ROOT / "hypercorn.toml").read_text()


def test_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "hypercorn.toml"
    wrong.write_text("gracefull_timeout = 3\n")
    with pytest.raises(WrongSetting, match="gracefull_timeout"):
        options.hypercorn_options(Settings(hypercorn_toml=wrong))


@pytest.mark.parametrize(
    ("headers", "version", "status"),
    [
        ([("Host", "a")], "1.1", None),
        ([("Host", "a"), ("Upgrade", "h2c")], "1.1", None),
        ([("Host", "a"), ("Upgrade", "h2c"), ("Upgrade", "websocket")], "1.1", 400),
        ([("Host", "a")], "2.0", 505),
        ([("Host", "a"), ("X", "y" * 20_000)], "1.1", 431),
    ],
)
def test_refusals_by_the_head_alone(headers: list[tuple[str, str]], version: str, status: int | None) -> None:
    request = h11.Request(method="GET", target="/", headers=headers, http_version=version)
    assert wire.refusal(request.http_version, list(request.headers)) == status
