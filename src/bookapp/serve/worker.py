"""One worker: `python -m bookapp.serve.worker LISTENING_FD CHANNEL_FD APP`. The supervisor starts it; nobody else."""

import asyncio
import gc
import importlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

from bookapp.config import Settings, WrongSetting, load_settings
from bookapp.serve.listen import most_connections
from bookapp.serve.options import hypercorn_options

log = logging.getLogger("bookapp.serve")

READY = b"r"
MARGIN = 1.0
"""Seconds beyond the graceful timeout after which a worker that does not end is ended."""


def main(arguments: list[str]) -> int:
    """Serve until the supervisor says stop, or is gone. Returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the supervisor speaks for it
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    listening, channel, path = int(arguments[0]), socket.socket(fileno=int(arguments[1])), arguments[2]
    try:
        settings = load_settings()
        config = hypercorn_options(settings)
        app = _load(path, settings)
    except WrongSetting as error:
        sys.stderr.write(f"{error}\n")
        return 2
    config.bind = [f"fd://{listening}"]
    with asyncio.Runner(loop_factory=_loop_factory(config.worker_class)) as runner:
        runner.run(_serve(app, config, channel))
    return 0


def _load(path: str, settings: Settings) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)(settings)


def _loop_factory(worker_class: str) -> Any:
    return importlib.import_module("uvloop").new_event_loop if worker_class == "uvloop" else None


async def _serve(app: Any, config: Any, channel: socket.socket) -> None:
    from bookapp.serve.loop import Server

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    watch = threading.Thread(
        target=_watch_parent,
        args=(channel, lambda: loop.call_soon_threadsafe(stop.set), config.graceful_timeout + MARGIN),
        daemon=True,
    )
    watch.start()

    def ready() -> None:
        gc.collect()
        gc.freeze()  # what is loaded by now stays for good: no need to visit it in each collection
        channel.sendall(READY)

    await Server(app, config, most_connections()).run(stop, ready)


def _watch_parent(channel: socket.socket, stop: Any, patience: float) -> None:
    """Wait in a thread for the supervisor's end; leave in any case, even when the loop is stuck."""
    while True:
        try:
            if not channel.recv(1):
                break
        except OSError:
            break
    stop()
    time.sleep(patience)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
