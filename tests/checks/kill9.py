"""R1: kill -9 of a worker at random moments while books are added; nothing that was acknowledged may be missing."""

import asyncio
import os
import random
import signal
from pathlib import Path

from tests.checks.client import Client, Tally, figure, stored_books, together
from tests.serving.servers import BOOKAPP, Server

CLIENTS = 8


async def attack(server: Server, tally: Tally, wanted: int) -> int:
    kills = 0

    async def write(who: int) -> None:
        client, number = Client(server.port), 0
        while len(tally.acknowledged) < wanted:
            number += 1
            if not await tally.add(client, f"Book {who}-{number}"):
                await asyncio.sleep(0.05)
        client.close()

    async def kill() -> None:
        nonlocal kills
        while True:
            await asyncio.sleep(random.uniform(0.2, 1.5))
            if workers := server.workers():
                os.kill(random.choice(workers), signal.SIGKILL)
                kills += 1

    killer = asyncio.create_task(kill())
    async with asyncio.timeout(300):
        await together(CLIENTS, write)
    killer.cancel()
    return kills


def run(place: Path, wanted: int = 2000) -> bool:
    tally = Tally()
    with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=2) as server:
        kills = asyncio.run(attack(server, tally, wanted))
        code = server.stop()
    stored = stored_books(place / "data" / "bookapp.db")
    lost, unknown = tally.lost(stored), len(stored) - len(tally.acknowledged)
    good = lost == 0 and tally.refused == 0 and code == 0 and 0 <= unknown <= kills * CLIENTS
    acknowledged = len(tally.acknowledged)
    return figure(
        "kill9", good, acknowledged=acknowledged, lost=lost, unknown=unknown, kills=kills, refused=tally.refused
    )
