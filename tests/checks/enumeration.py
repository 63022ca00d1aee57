"""S14, S18: who is here and what is whose cannot be told from status, body or time."""

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.checks.client import figure
from tests.checks.people import call, register, sign_in
from tests.serving.servers import BOOKAPP, Server, free_port

EACH, MOST, TIMES = 100, 10.0, 3
KNOWN = ("alice", "bobby", "carla", "diana", "edgar", "frank")
UNKNOWN = ("alwin", "berta", "conny", "david", "elena", "fritz")
Ask = Callable[[int, str, dict[str, str]], tuple[int, Any]]


def compare(port: int, ask: Ask, there: tuple[str, ...], absent: tuple[str, ...]) -> tuple[float, int]:
    """By how many per cent the medians differ, and how many different answers came."""
    times: dict[bool, list[float]] = {True: [], False: []}
    said = set()
    for number in range(-6, EACH):
        for is_there in random.sample((True, False), 2):
            name = (there if is_there else absent)[number % len(there)]
            # Each try comes from another network, or the limits would answer and not the door.
            source = {"X_Forwarded_For": f"198.18.{random.randrange(256)}.{random.randrange(256)}"}
            began = time.perf_counter()
            status, body = ask(port, name, source)
            took = time.perf_counter() - began
            if number >= 0:
                times[is_there].append(took)
                said.add(str((status, {**body, "request_id": ""})).replace(name, "NAME"))
    one, other = (statistics.median(times[which]) for which in (True, False))
    return abs(one / other - 1) * 100, len(said)


def steady(port: int, ask: Ask, there: tuple[str, ...], absent: tuple[str, ...]) -> tuple[float, int]:
    """The same, again when they differ: what gives somebody away does so each time, a busy machine does not."""
    apart, answers = compare(port, ask, there, absent)
    for _ in range(TIMES - 1):
        if apart <= MOST:
            break
        again, more = compare(port, ask, there, absent)
        apart, answers = min(apart, again), max(answers, more)
    return apart, answers


def at_the_door(port: int, name: str, source: dict[str, str]) -> tuple[int, Any]:
    status, _, said = call(port, "POST", "/login", {"username": name, "password": "a guess"}, **source)
    return status, said


def with_the_right_words(port: int, name: str, source: dict[str, str]) -> tuple[int, Any]:
    status, _, said = call(port, "POST", "/login/reset", {"username": name}, **source)
    return status, said


def run(place: Path) -> bool:
    port = free_port()
    settings: dict[str, Any] = {
        "BOOKAPP_TRUSTED_PROXIES": "127.0.0.1",
        "BOOKAPP_BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": port,
    }
    # Nobody takes the mail: the answer must not wait for that, nor tell it.
    mail: dict[str, Any] = {
        "BOOKAPP_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "BOOKAPP_MAIL_FROM": "books@example.org",
    }
    with Server(place / "data", BOOKAPP, **settings, **mail) as server:
        register(server.port, KNOWN[0])
        for number, name in enumerate(KNOWN[1:]):
            register(server.port, name, X_Forwarded_For=f"198.51.100.{number}")
        cookie = {"Cookie": f"bookapp_session={sign_in(server.port, 'bobby')}"}
        alice = {"Cookie": f"bookapp_session={sign_in(server.port, 'alice')}"}
        status, _, task = call(server.port, "POST", "/accounts/alice/tasks", {"name": "Read on"}, **alice)
        assert status == 201, task

        def as_a_stranger(port: int, number: str, _source: dict[str, str]) -> tuple[int, Any]:
            told = call(port, "GET", f"/accounts/alice/tasks/{number}", **cookie)
            return told[0], told[2]

        found = {
            "login": steady(server.port, at_the_door, KNOWN, UNKNOWN),
            "reset": steady(server.port, with_the_right_words, KNOWN, UNKNOWN),
            "stranger": steady(server.port, as_a_stranger, (str(task["id"]),), ("987654321",)),
        }
    good = all(apart <= MOST and answers == 1 for apart, answers in found.values())
    told = {f"{name}_medians_apart_percent": apart for name, (apart, _) in found.items()}
    answers = max(answers for _, answers in found.values())
    return figure("enumeration", good, tries_each=EACH, different_answers=answers, **told)
