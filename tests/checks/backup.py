"""R18: backups while others write: every one is whole, and holds a moment that really was."""

import asyncio
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.checks.client import Client, Tally, figure, stored_books, together
from tests.serving.servers import BOOKAPP, ROOT, Server


async def attack(server: Server, place: Path, count: int) -> tuple[Tally, int]:
    tally, over, good = Tally(), asyncio.Event(), 0

    async def write(who: int) -> None:
        client, number = Client(server.port), 0
        while not over.is_set():
            number += 1
            await tally.add(client, f"Book {who}-{number}")
        client.close()

    async def back_up() -> None:
        nonlocal good
        for number in range(count):
            before = dict(tally.acknowledged)
            file = place / f"{number}.zip"
            await asyncio.to_thread(bookapp, server, "backup", str(file))
            good += await asyncio.to_thread(holds, file, before)
        over.set()

    async with asyncio.timeout(300):
        await together(5, lambda who: write(who) if who < 4 else back_up())
    return tally, good


def bookapp(server: Server, *arguments: str) -> None:
    command = (sys.executable, "-m", "bookapp", *arguments)
    subprocess.run(command, cwd=ROOT, env=server.environment, check=True, capture_output=True, timeout=120)


def holds(file: Path, acknowledged: dict[int, str]) -> bool:
    """Whether the backup is whole and has all that was acknowledged before it began."""
    with zipfile.ZipFile(file) as archive:
        extracted = Path(archive.extract("database.sqlite3", file.with_suffix("")))
    stored = stored_books(extracted)
    return all(stored.get(number) == title for number, title in acknowledged.items())


def run(place: Path, count: int = 40) -> bool:
    with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=2) as server:
        tally, good = asyncio.run(attack(server, place, count))
        server.stop()
    return figure("backup", good == count and tally.errors() == 0, whole=good, of=count, added=len(tally.acknowledged))
