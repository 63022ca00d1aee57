"""Starts the workers, replaces those that die, and lets them all finish at the end.

Hypercorn's own `--workers` ends the whole service when one worker is killed, and cuts what is being answered when it
is told to stop.
"""

import contextlib
import logging
import math
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bookapp.serve.metrics import forget_worker

log = logging.getLogger("bookapp.serve")

START_DEADLINE = 60.0
STOP_MARGIN = 1.5
"""Seconds beyond the graceful timeout before a worker is killed."""
QUICK = 5.0
"""A worker that ends by itself before this age has failed to start."""
TRIES = 3
CRASHES = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL)


@dataclass(eq=False)
class Worker:
    """One child process. `generation` tells the workers from before a rolling restart from those after it."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    generation: int
    born: float = field(default_factory=time.monotonic)
    deadline: float = math.inf
    ready: bool = False
    retiring: bool = False


class Supervisor:
    """Keeps `count` workers alive on one listening socket."""

    def __init__(
        self,
        listening: socket.socket,
        app: str,
        *,
        count: int,
        graceful_timeout: float,
        environment: Mapping[str, str],
        on_ready: Callable[[], None],
    ) -> None:
        self._listening = listening
        self._app = app
        self._count = count
        self._patience = graceful_timeout + STOP_MARGIN
        self._environment = dict(environment)
        self._on_ready = on_ready
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._generation = 0
        self._failures = 0
        self._not_before = 0.0
        self._stopping = False
        self._code = 0

    def run(self) -> int:
        """Run until told to stop. Returns the exit code."""
        with self._signals():
            while self._workers or not self._stopping:
                self._tend(time.monotonic())
                self._wait()
                self._bury()
        return self._code

    # What others tell us

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        hears, says = socket.socketpair()
        hears.setblocking(False)
        says.setblocking(False)
        self._selector.register(hears, selectors.EVENT_READ, None)
        # In a terminal, a hang-up means that the window was closed; elsewhere it asks for a rolling restart.
        hangup = self._stop if sys.stdin is not None and sys.stdin.isatty() else self._roll
        handlers = {
            signal.SIGTERM: self._stop,
            signal.SIGINT: self._stop,
            signal.SIGHUP: hangup,
            signal.SIGCHLD: lambda *_: None,
        }
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        wakeup = signal.set_wakeup_fd(says.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            hears.close()
            says.close()

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for worker in self._workers:
            self._retire(worker)

    def _roll(self, *_: object) -> None:
        if not self._stopping:
            self._generation += 1
            self._failures = 0

    def _wait(self) -> None:
        soon = [worker.deadline for worker in self._workers]
        if not self._stopping:
            soon.append(self._not_before if len(self._current()) < self._count else math.inf)
        wait = max(0.0, min([*soon, time.monotonic() + 5]) - time.monotonic())
        for key, _events in self._selector.select(wait):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    key.fileobj.recv(4096)  # type: ignore[union-attr]
            else:
                self._hear(key.data)

    def _hear(self, worker: Worker) -> None:
        said = b""
        with contextlib.suppress(OSError):
            said = worker.channel.recv(16)
        self._selector.unregister(worker.channel)  # it says one word, or is gone
        if said and not worker.ready:
            worker.ready = True
            if not worker.retiring:
                worker.deadline = math.inf
            self._on_ready()

    # What we do

    def _current(self) -> list[Worker]:
        return [w for w in self._workers if not w.retiring and w.generation == self._generation]

    def _outdated(self) -> list[Worker]:
        return [w for w in self._workers if not w.retiring and w.generation != self._generation]

    def _tend(self, now: float) -> None:
        for worker in self._workers:
            if now >= worker.deadline:
                log.warning("Worker %d did not end in time and is killed.", worker.process.pid)
                worker.process.kill()
                worker.deadline = math.inf
        if self._stopping:
            return
        current, outdated = self._current(), self._outdated()
        ready = sum(worker.ready for worker in current)
        for worker in outdated[: max(0, len(outdated) + ready - self._count)]:
            self._retire(worker)
        # While older workers serve, the new ones start one by one: together they would slow each other down.
        room = min(1, ready + 1 - len(current)) if outdated else self._count
        if now >= self._not_before:
            for _ in range(min(room, self._count - len(current))):
                self._spawn()

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        fds = (self._listening.fileno(), theirs.fileno())
        command = [sys.executable, "-m", "bookapp.serve.worker", str(fds[0]), str(fds[1]), self._app]
        process = subprocess.Popen(command, pass_fds=fds, env=self._environment)  # noqa: S603  # our own program
        theirs.close()
        worker = Worker(process, ours, self._generation)
        worker.deadline = worker.born + START_DEADLINE
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def _retire(self, worker: Worker) -> None:
        if not worker.retiring:
            worker.retiring = True
            worker.deadline = time.monotonic() + self._patience
            worker.process.send_signal(signal.SIGTERM)

    def _bury(self) -> None:
        for worker in [w for w in self._workers if w.process.poll() is not None]:
            self._workers.remove(worker)
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.channel)
            worker.channel.close()
            forget_worker(worker.process.pid, self._environment)
            if not worker.retiring and not self._stopping:
                self._judge(worker)

    def _judge(self, worker: Worker) -> None:
        """Decide what the death of a worker means: who is killed from outside is simply replaced."""
        now, code = time.monotonic(), worker.process.returncode
        lived = now - worker.born
        if code >= 0 or code in CRASHES:
            self._failures = self._failures + 1 if not worker.ready or lived < QUICK else 0
        self._not_before = now + (0.25 * 2 ** min(self._failures, 5) if self._failures else 0.0)
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        log.warning("Worker %d ended (%s); another one starts.", worker.process.pid, how)
        if self._failures >= TRIES:
            self._give_up()

    def _give_up(self) -> None:
        if outdated := self._outdated():
            log.error("The new workers do not start; the old ones stay.")
            for worker in self._current():
                self._retire(worker)
            for worker in outdated:
                worker.generation = self._generation
            self._failures = 0
        elif not any(worker.ready for worker in self._workers):
            log.error("The workers do not start; see the lines above.")
            self._code = 1
            self._stop()
