"""R17: five rolling restarts (SIGHUP) under load, fresh and kept connections alike: nobody's request fails."""

import asyncio
import signal
from pathlib import Path

from tests.checks.client import GONE, Client, figure, together
from tests.serving.servers import BOOKAPP, Server, until


async def attack(server: Server, wanted: int, restarts: int) -> dict[str, int]:
    seen = {"answers": 0, "failed": 0, "restarts": 0}
    over = asyncio.Event()

    async def read(who: int) -> None:
        client = Client(server.port, keep=who % 2 == 0)
        while seen["answers"] + seen["failed"] < wanted or not over.is_set():
            try:
                status, _ = await client.get("/healthz" if who % 3 else "/books")
                seen["answers" if status == 200 else "failed"] += 1
            except GONE:
                seen["failed"] += 1
        client.close()

    async def restart() -> None:
        for _ in range(restarts):
            before = set(server.workers())
            server.tell(signal.SIGHUP)
            await asyncio.to_thread(until, lambda before=before: replaced(server, before), 60)
            seen["restarts"] += 1
        over.set()

    async with asyncio.timeout(240):
        await together(7, lambda who: read(who) if who < 6 else restart())
    return seen


def replaced(server: Server, before: set[int]) -> bool:
    workers = set(server.workers())
    return len(workers) == 2 and not workers & before


def run(place: Path, wanted: int = 5000, restarts: int = 5) -> bool:
    with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=2) as server:
        seen = asyncio.run(attack(server, wanted, restarts))
        code = server.stop()
    return figure("rolling", seen["failed"] == 0 and code == 0, **seen)
