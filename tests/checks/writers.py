"""50 clients add 40 books each while 10 read, on two workers: none fails, none is lost, nothing is locked."""

import asyncio
import os
import time
from pathlib import Path

import asyncpg

from tests.checks.client import Client, Tally, figure, percentile, stored_books, together
from tests.serving.servers import BOOKAPP, Server


async def attack(server: Server, clients: int, each: int) -> tuple[Tally, list[float], float]:
    tally, reads, over = Tally(), list[float](), asyncio.Event()

    async def write(who: int) -> None:
        client = Client(server.port)
        for number in range(each):
            await tally.add(client, f"Book {who}-{number}")
        client.close()

    async def read() -> None:
        client = Client(server.port)
        while not over.is_set():
            began = time.monotonic()
            status, _ = await client.get("/books?q=book")
            tally.statuses[status] = tally.statuses.get(status, 0) + 1
            reads.append(time.monotonic() - began)
            await asyncio.sleep(0.1)
        client.close()

    readers = [asyncio.create_task(read()) for _ in range(10)]
    began = time.monotonic()
    async with asyncio.timeout(300):
        await together(clients, write)
    took = time.monotonic() - began
    over.set()
    await asyncio.gather(*readers)
    return tally, reads, took


async def postgres_books(base: str, name: str) -> dict[int, str]:
    connection = await asyncpg.connect(f"{base}/{name}")
    try:
        return {int(row["id"]): str(row["title"]) for row in await connection.fetch("SELECT id, title FROM book")}
    finally:
        await connection.close()


async def command(base: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{base}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def judge(name: str, outcome: tuple[Tally, list[float], float], stored: dict[int, str], wanted: int) -> bool:
    tally, reads, took = outcome
    acknowledged, lost = len(tally.acknowledged), tally.lost(stored)
    good = acknowledged == wanted == len(stored) and lost == 0 and tally.errors() == 0 and tally.broken == 0
    return figure(
        name,
        good,
        added=acknowledged,
        lost=lost,
        failed=tally.errors() + tally.broken,
        per_second=acknowledged / took,
        write_p95_ms=percentile(tally.times, 0.95),
        read_p95_ms=percentile(reads, 0.95),
    )


def run(place: Path, clients: int = 50, each: int = 40) -> bool:
    with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=2) as server:
        outcome = asyncio.run(attack(server, clients, each))
        server.stop()
    good = judge("writers sqlite", outcome, stored_books(place / "data" / "bookapp.db"), clients * each)
    if address := os.environ.get("BOOKAPP_TEST_POSTGRES"):
        good &= on_postgres(place / "postgres", address.replace("+asyncpg", ""), clients, each)
    return good


def on_postgres(place: Path, base: str, clients: int, each: int) -> bool:
    name = f"bookapp_check_{os.getpid()}"
    asyncio.run(command(base, f"CREATE DATABASE {name}"))
    try:
        place.mkdir()
        with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=2, DATABASE_URL=f"{base}/{name}") as server:
            outcome = asyncio.run(attack(server, clients, each))
            server.stop()
        return judge("writers postgres", outcome, asyncio.run(postgres_books(base, name)), clients * each)
    finally:
        asyncio.run(command(base, f"DROP DATABASE {name} WITH (FORCE)"))
