"""D9: fifty people sign in at once: two hashes at a time, the others wait or are refused, and readers hardly notice."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.checks.client import GONE, Client, figure, percentile, together
from tests.checks.people import PASSWORD, call, register
from tests.serving.servers import BOOKAPP, Server

AT_ONCE, NAMES = 50, ("alice", "bobby", "carla")
MOST_MB, MOST_LAG = 60.0, 50.0


def memory(server: Server, what: str) -> float:
    """What the one worker uses (VmRSS) or used at most (VmHWM), in MB."""
    lines = Path(f"/proc/{server.workers()[0]}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024


async def read(server: Server, over: asyncio.Event) -> list[float]:
    """How long one reader waits for the smallest answer: what the event loop is late by is in it."""
    client, times = Client(server.port), []
    while not over.is_set():
        began = time.perf_counter()
        try:
            assert (await client.get("/healthz"))[0] == 200
        except GONE:
            times.append(30.0)
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)
    client.close()
    return times


async def attack(server: Server, rounds: int) -> tuple[list[float], list[float], Counter[int], float]:
    quiet, over, statuses = asyncio.Event(), asyncio.Event(), Counter[int]()
    reader = asyncio.create_task(read(server, quiet))
    await asyncio.sleep(2)
    quiet.set()
    before, reader = await reader, asyncio.create_task(read(server, over))
    began = time.monotonic()

    async def login(number: int) -> None:
        body: dict[str, Any] = {"username": NAMES[number % len(NAMES)], "password": PASSWORD}
        source = {"X_Forwarded_For": f"198.18.{number // 250}.{number % 250}"}
        for _ in range(rounds):
            statuses[(await asyncio.to_thread(call, server.port, "POST", "/accounts/login", body, **source))[0]] += 1

    async with asyncio.timeout(300):
        await together(AT_ONCE, login)
    took = time.monotonic() - began
    over.set()
    return before, await reader, statuses, took


def run(place: Path, rounds: int = 4) -> bool:
    with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=1, BOOKAPP_TRUSTED_PROXIES="127.0.0.1") as server:
        for name in NAMES:
            register(server.port, name)
        resting = memory(server, "VmRSS")
        before, during, statuses, took = asyncio.run(attack(server, rounds))
        grown = memory(server, "VmHWM") - resting
    lag, quiet = percentile(during, 0.99), percentile(before, 0.99)
    asked = AT_ONCE * rounds
    good = set(statuses) <= {200, 429, 503} and statuses[200] > 0 and statuses.total() == asked
    good = good and grown <= MOST_MB and lag <= max(MOST_LAG, 2 * quiet)  # a machine that is busy anyway is late anyway
    return figure(
        "logins",
        good,
        signed_in=statuses[200],
        refused=statuses[429] + statuses[503],
        of=asked,
        per_second=statuses[200] / took,
        memory_mb=grown,
        reader_p99_ms_quiet=quiet,
        reader_p99_ms=lag,
        reader_worst_ms=max(during) * 1000,
    )
