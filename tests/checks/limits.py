"""D12: the limits hold on two workers together, over a restart, and whatever a client claims to be."""

import itertools
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.checks.client import figure
from tests.checks.people import PASSWORD, call, make_token, register
from tests.serving.servers import BOOKAPP, Server, free_port

_numbers = itertools.count()


def guess(server: Server, count: int, name: str = "alice", password: str = "a guess") -> Counter[int]:
    """Try a password so often, each time as a browser that claims to be somebody else."""
    seen = Counter[int]()
    for _ in range(count):
        claimed = f"203.0.113.{next(_numbers) % 250}"
        lies = {"X_Forwarded_For": claimed, "X_Real_IP": claimed, "Forwarded": f"for={claimed}"}
        body = {"username": name, "password": password}
        status, told, _ = call(server.port, "POST", "/accounts/login", body, **lies)
        seen[status] += 1
        assert status != 429 or int(told["Retry-After"]) > 0
    return seen


def use(server: Server, token: str, count: int) -> Counter[int]:
    """Ask so often with one token, on a new connection each time, so that both workers are asked."""
    return Counter(call(server.port, "GET", "/healthz", Authorization=f"Bearer {token}")[0] for _ in range(count))


def enter(server: Server, count: int) -> Counter[int]:
    """Register so often."""
    bodies = [
        {"username": f"person{number}", "email": f"person{number}@example.org", "password": PASSWORD}
        for number in (next(_numbers) for _ in range(count))
    ]
    return Counter(call(server.port, "POST", "/accounts", body)[0] for body in bodies)


def run(place: Path) -> bool:
    settings: dict[str, Any] = {"BOOKAPP_WORKERS": 2, "PORT": free_port()}
    with Server(place / "data", BOOKAPP, **settings) as server:
        register(server.port, "alice")
        token = make_token(server.port, "alice")
        began = time.monotonic()
        asked = use(server, token, 330)
        guessed = guess(server, 14)
        entered = enter(server, 8)
        server.stop()
    with Server(place / "data", BOOKAPP, **settings) as server:
        again = guess(server, 5) + enter(server, 3)
        # The right password is counted as well, until it is seen to be right; and other names share the door.
        knocked = guess(server, 30, "nobody-here") + guess(server, 1, password=PASSWORD)
        afterwards = use(server, token, 5)
        took = time.monotonic() - began
        server.stop()
    good = guessed == Counter({401: 10, 429: 4}) and entered == Counter({201: 4, 429: 4})  # alice was the fifth
    good = good and again[401] + again[201] + again[200] == 0 and knocked[200] == 0 and knocked[429] >= 20
    # A worker counts ten by itself, and in 300 seconds all is back: one for each second that went by.
    good = good and 290 - 10 <= asked[200] <= 300 + took + 1 and asked[429] > 0
    return figure(
        "limits",
        good,
        guesses=guessed[401],
        accounts=entered[201] + 1,
        api=asked[200],
        escaped_by_restart=again.total() - again[429],
        api_after_restart=afterwards[200],
        seconds=took,
    )
