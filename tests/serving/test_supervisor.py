"""Workers may die, be replaced and be told to stop; nobody who asks shall notice."""

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.serving.servers import BOOKAPP, ROOT, SMALL, Server, environment, free_port, read_all, until

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(command: tuple[str, ...], data: Path, port: int, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=environment(data, port, **settings), capture_output=True, text=True, timeout=60
    )


class Asker(threading.Thread):
    """Keeps asking on fresh connections, and keeps what went wrong."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self.server, self.enough = server, threading.Event()
        self.answered, self.failed = 0, list[str]()
        self.heard_of: set[int] = set()

    def run(self) -> None:
        while not self.enough.is_set():
            try:
                status, pid = self.server.get("/")
                assert status == 200
                self.heard_of.add(int(pid))
                self.answered += 1
            except Exception as error:
                self.failed.append(repr(error))
            time.sleep(0.01)

    def heard_of_all(self) -> bool:
        workers = self.server.workers()
        return len(workers) == 2 and self.heard_of.issuperset(workers)

    def end(self) -> None:
        self.enough.set()
        self.join(20)


def test_a_killed_worker_is_replaced_and_nobody_is_refused(data: Path) -> None:
    with Server(data, BOOKAPP_WORKERS=2) as server:
        until(lambda: len(server.workers()) == 2, 5)
        asker = Asker(server)
        asker.start()
        for _ in range(3):
            until(asker.heard_of_all, 20)
            victim = server.workers()[0]
            os.kill(victim, signal.SIGKILL)
            until(lambda victim=victim: victim not in server.workers(), 5)
        asker.end()
        # What a killed worker had in its hands is lost; a refused connection would mean that nobody listened.
        assert len(asker.failed) <= 3, asker.failed
        assert not [error for error in asker.failed if "Refused" in error]
        assert asker.answered > 20
        assert server.stop() == 0


def test_stopping_answers_what_is_under_way_and_lets_streams_end(data: Path) -> None:
    with Server(data, BOOKAPP_WORKERS=2) as server:
        answers: list[int] = []
        asking = [threading.Thread(target=lambda: answers.append(server.get("/slow")[0])) for _ in range(4)]
        for thread in asking:
            thread.start()
        stream = server.connect(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        idle = server.connect(GET)
        while idle.recv(4096).endswith(b"\r\n\r\n"):
            continue  # the head came alone, the body follows
        time.sleep(0.5)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 8
        for thread in asking:
            thread.join(5)
        assert answers == [200] * 4
        with stream, idle:
            assert read_all(stream).endswith(b"event: bye\ndata:\n\n\r\n0\r\n\r\n")
            assert read_all(idle) == b""


def test_stopping_has_an_end_even_with_stuck_requests_and_non_readers(data: Path) -> None:
    with Server(data) as server:
        stuck = server.connect(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n")
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.5)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 11
        stuck.close()
        deaf.close()


def test_a_signal_to_every_process_is_a_clean_stop_too(data: Path) -> None:
    with Server(data, BOOKAPP_WORKERS=2) as server:
        asking = threading.Thread(target=lambda: server.get("/slow"))
        asking.start()
        time.sleep(0.3)
        for pid in server.workers():
            os.kill(pid, signal.SIGTERM)
        assert server.stop() == 0
        asking.join(5)


def test_a_rolling_restart_fails_nobody(data: Path) -> None:
    with Server(data, BOOKAPP_WORKERS=2) as server:
        until(lambda: len(server.workers()) == 2, 5)
        asker = Asker(server)
        asker.start()
        before = set(server.workers())
        server.tell(signal.SIGHUP)
        until(lambda: len(server.workers()) == 2 and not before & set(server.workers()), 25)
        asker.end()
        assert asker.failed == []
        assert server.stop() == 0


def test_a_busy_keep_alive_connection_is_told_to_close_before_it_is_closed(data: Path) -> None:
    with Server(data) as server, server.connect(GET) as connection:
        assert b"200" in connection.recv(4096)
        server.tell(signal.SIGTERM)
        time.sleep(0.2)
        connection.sendall(GET)
        assert b"connection: close" in read_all(connection).lower()


def test_workers_leave_with_their_supervisor(data: Path) -> None:
    with Server(data, BOOKAPP_WORKERS=2) as server:
        until(lambda: len(server.workers()) == 2, 5)
        workers = server.workers()
        server.process.kill()
        server.process.wait(5)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 12)


def test_the_port_is_free_at_once_after_the_supervisor_was_killed(data: Path) -> None:
    with Server(data) as server:
        server.process.kill()
        server.process.wait(5)
        with Server(data, PORT=server.port) as heir:
            assert heir.get("/")[0] == 200


def test_workers_that_never_start_end_the_service(data: Path) -> None:
    done = run(SMALL, data, free_port(), SMALL_FAILS=1, BOOKAPP_WORKERS=2)
    assert done.returncode == 1
    assert "The workers do not start" in done.stderr


def test_new_workers_that_do_not_start_leave_the_old_ones_in_place(data: Path) -> None:
    options = data.parent / "hypercorn.toml"
    options.write_text((ROOT / "hypercorn.toml").read_text())
    with Server(data, BOOKAPP_HYPERCORN_TOML=options) as server:
        before = server.workers()
        options.write_text("no_such_key = 1\n")
        server.tell(signal.SIGHUP)
        until(lambda: "the old ones stay" in server.said(), 25, server.said)
        assert server.get("/")[0] == 200
        assert set(before) <= set(server.workers())
        assert server.stop() == 0


def test_a_taken_port_is_said_in_one_sentence(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run(BOOKAPP, data, port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} on 127.0.0.1 is taken")
    assert done.stderr.count("\n") == 1
    assert not (data / "bookapp.db").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("BOOKAPP_WORKERS", "0"),
        ("DATABASE_URL", "mysql://here/there"),
        ("BOOKAPP_BASE_URL", "books.example.org"),
        ("SECRET_KEY", "short"),
        ("BOOKAPP_HYPERCORN_TOML", "/no/such/file.toml"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(data: Path, name: str, value: str) -> None:
    port = free_port()
    done = run(BOOKAPP, data, port, **{name: value})
    assert done.returncode == 2, done.stderr
    assert name in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_metrics_of_the_workers_meet_in_a_directory_that_goes_with_them(data: Path, tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    with Server(data, TMPDIR=place) as server:
        assert len(list(place.glob("bookapp-metrics-*"))) == 1
        assert server.stop() == 0
    assert list(place.iterdir()) == []
