"""R15: one of two workers is killed each 1.5 s for 15 s; four honest readers hardly notice."""

import asyncio
import os
import signal
import time
from pathlib import Path

from tests.checks.client import GONE, Client, figure, together
from tests.serving.servers import BOOKAPP, Server


async def attack(server: Server, seconds: float) -> dict[str, int]:
    seen = {"answers": 0, "broken": 0, "refused": 0, "5xx": 0, "kills": 0}
    end = time.monotonic() + seconds

    async def read(_who: int) -> None:
        client = Client(server.port)
        while time.monotonic() < end:
            try:
                status, _ = await client.get("/books")
                seen["answers"] += 1
                seen["5xx"] += status >= 500
            except GONE as error:
                seen["broken"] += 1
                seen["refused"] += isinstance(error, ConnectionRefusedError)
            await asyncio.sleep(0.005)

    async def kill() -> None:
        while True:
            await asyncio.sleep(1.5)
            os.kill(server.workers()[0], signal.SIGKILL)
            seen["kills"] += 1

    killer = asyncio.create_task(kill())
    await together(4, read)
    killer.cancel()
    return seen


def run(place: Path, seconds: float = 15) -> bool:
    with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=2) as server:
        seen = asyncio.run(attack(server, seconds))
        code = server.stop()
    # Each kill can break what that worker had in its hands: at most one answer for each client.
    good = seen["refused"] == 0 and seen["5xx"] == 0 and code == 0 and seen["broken"] <= 4 * seen["kills"]
    return figure("worker_kill", good, **seen)
