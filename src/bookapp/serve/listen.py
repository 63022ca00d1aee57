"""The one listening socket, which every worker inherits."""

import errno
import resource
import socket
import time

STALLED = 15_000
"""Milliseconds that sent bytes may wait for a reader who takes nothing; then the kernel drops the connection."""
PATIENCE = 1.0
"""Seconds to wait for a port that the workers of a killed predecessor are just letting go."""
WANTED_FILES = 65_536
SPARE_FILES = 100
"""File descriptors kept for the database, templates and logs when connections use up the rest."""


class CannotListen(Exception):
    """The address is not to be had; the text is one sentence."""


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """Bind one socket, without SO_REUSEPORT: two servers on one port must not go unnoticed.

    Raises CannotListen.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise CannotListen(f"HOST {host} is not an address of this machine: {error.strerror}.") from error
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host != "::"))
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # accepted connections inherit it
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED)
    try:
        _bind(listening, address)
    except OSError as error:
        listening.close()
        raise CannotListen(_why(error, host, port)) from error
    listening.listen(backlog)
    return listening


def _bind(listening: socket.socket, address: tuple[object, ...]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            listening.bind(address)
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(0.1)


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken; stop the other program, or choose another with PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved; choose one above 1023 with PORT=8000."
    return f"bookapp cannot listen on {host}, port {port}: {error.strerror}."


def raise_file_limit() -> None:
    """Allow this process and its workers as many open files as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, WANTED_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """How many connections one worker holds: below the limit on open files, so that it never runs out of them."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WANTED_FILES if soft == resource.RLIM_INFINITY else max(soft - SPARE_FILES, soft // 2)
