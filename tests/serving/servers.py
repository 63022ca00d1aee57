"""Start a real server on a free loopback port, talk to it in bytes, and stop it again."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SMALL = (sys.executable, "-m", "tests.serving.small")
BOOKAPP = (sys.executable, "-m", "bookapp", "serve")
HYPERCORN = (sys.executable, "-m", "hypercorn", "-c", "hypercorn.toml", "bookapp.app:create_app()")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, port: int, **more: object) -> dict[str, str]:
    """The settings of a server that knows nothing of the tester's own environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    said = {"HOST": "127.0.0.1", "PORT": port, "BOOKAPP_DATA_DIR": data, "BOOKAPP_LOG_LEVEL": "warning", **more}
    return {**kept, **{name: str(value) for name, value in said.items()}}


class Server:
    """A server process; use it with `with`."""

    def __init__(self, data: Path, command: tuple[str, ...] = SMALL, *, wait: bool = True, **settings: object) -> None:
        self.port = int(str(settings.pop("PORT", "") or free_port()))
        self.command = command
        self.wait = wait
        self.environment = environment(data, self.port, **settings)
        self.log = data.parent / f"server-{self.port}.log"

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        if self.wait:
            until(lambda: self.answers(), 30, self.said)

    def said(self) -> str:
        return self.log.read_text()

    def answers(self) -> bool:
        assert self.process.poll() is None, self.said()
        try:
            return self.get("/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str, timeout: float = 15, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Accept": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def connect(self, first: bytes = b"", timeout: float = 15) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        connection.sendall(first)
        return connection

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, patience: float = 20) -> int:
        """Ask for the end. Returns the exit code."""
        self.tell(signal.SIGTERM)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            for pid in (*self.workers(), self.process.pid):
                os.kill(pid, signal.SIGKILL)
            raise


def until(true: Any, seconds: float, explain: Any = lambda: "") -> None:
    """Wait until `true()`, for so long at most."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s. {explain()}"
        time.sleep(0.05)


def read_all(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    got = b""
    while chunk := connection.recv(65536):
        got += chunk
    return got
