"""R23: 500 readers on two workers hear 1,000 events while one worker is killed: none lost, none doubled, and soon."""

import asyncio
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select

from bookapp.core import schema
from bookapp.core.db import Database
from bookapp.core.outbox import Event
from tests import postgres
from tests.checks.client import GONE, figure, percentile, together
from tests.checks.writers import command
from tests.serving.reader import Reader, people_with_keys
from tests.serving.servers import BOOKAPP, Server

PEOPLE, EACH, EVENTS, WRITERS = 50, 10, 1000, 4
FOR_ALL = 40
"""One of so many events concerns everybody."""
PACE = 0.15
"""Seconds between two events of one writer: how soon one is heard is asked of a place that is busy, not of one that
cannot keep up."""
Stored = list[tuple[int, int | None, float]]


@dataclass
class Writer:
    """Somebody who changes things, and tries again when the worker was killed meanwhile."""

    port: int

    async def change(self, number: int, name: str) -> None:
        path, form = f"/accounts/{name}/tasks", {"name": f"Task {number}"}
        if number % FOR_ALL == 0:
            path, form = "/books", {"title": f"Book {number}", "author": "Somebody"}
        body = urlencode(form)
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer bookapp_key-of-{name}\r\n"
        more = f"Idempotency-Key: change-{number}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        while True:
            try:
                async with asyncio.timeout(10):
                    answer = await self._send(f"{head}{more}{kind}{body}".encode())
            except GONE:
                continue
            if answer.startswith(b"HTTP/1.1 201 "):
                return
            if not answer.startswith(b"HTTP/1.1 503 "):
                raise RuntimeError(answer)
            await asyncio.sleep(0.5)

    async def _send(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            answer = await reader.read()
        finally:
            writer.close()
        if not answer:
            raise EOFError
        return answer


async def attack(server: Server, names: list[str]) -> list[Reader]:
    readers = [Reader(server.port, f"bookapp_key-of-{name}") for name in names for _ in range(EACH)]
    tasks = []
    for reader in readers:
        tasks.append(asyncio.create_task(reader.run()))
        await asyncio.sleep(0.01)  # as browsers do, not all in the same moment
    await until(lambda: all(reader.opened for reader in readers), 60)
    writer = Writer(server.port)

    async def write(who: int) -> None:
        for number in range(who, EVENTS, WRITERS):
            began = time.monotonic()
            if number == EVENTS // 2:
                os.kill(server.workers()[0], signal.SIGKILL)
            await writer.change(number, names[number % len(names)])
            await asyncio.sleep(max(0.0, PACE - (time.monotonic() - began)))

    async with asyncio.timeout(400):
        await together(WRITERS, write)
    await asyncio.sleep(8)  # who was cut off comes again after three seconds
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return readers


async def until(true: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # five hundred readers would have to tell
            await asyncio.sleep(0.1)


async def stored(url: str) -> Stored:
    """Every event: its number, whom it concerns, when it was written."""
    db = Database(url)
    try:
        async with db.reading() as session:
            rows = await session.execute(select(Event.id, Event.account_id, Event.at).order_by(Event.id))
            return [(row.id, row.account_id, row.at.timestamp()) for row in rows]
    finally:
        await db.close()


def judge(name: str, readers: list[Reader], people: list[int], events: Stored, code: int) -> bool:
    lost = doubled = foreign = 0
    live, late = list[float](), list[float]()
    written = {number: at for number, _, at in events}
    for place, reader in enumerate(readers):
        person, heard = people[place // EACH], [one.number for one in reader.heard]
        due = {number for number, whose, _ in events if whose in (None, person) and number > (reader.start or 0)}
        lost += len(due - set(heard))
        foreign += len(set(heard) - due)
        doubled += len(heard) - len(set(heard))
        for one in reader.heard:
            (late if one.late else live).append(one.at - written.get(one.number, one.at))
    broken = sum(reader.broken for reader in readers)
    p99 = percentile(live, 0.99)
    good = lost == doubled == foreign == 0 and len(events) >= EVENTS and broken > 0 and p99 <= 1000 and code == 0
    return figure(
        name,
        good,
        readers=len(readers),
        events=len(events),
        deliveries=len(live) + len(late),
        cut_off=broken,
        lost=lost,
        doubled=doubled,
        foreign=foreign,
        p50_ms=percentile(live, 0.5),
        p99_ms=p99,
        resumed=len(late),
        resumed_worst_ms=percentile(late, 1.0),
    )


def measure(name: str, place: Path, url: str, **settings: str) -> bool:
    names = [f"reader{number}" for number in range(PEOPLE)]
    schema.migrate(url)
    people = asyncio.run(people_with_keys(url, names))
    with Server(place / "data", BOOKAPP, BOOKAPP_WORKERS=2, **settings) as server:
        readers = asyncio.run(attack(server, names))
        code = server.stop()
    return judge(name, readers, people, asyncio.run(stored(url)), code)


def run(place: Path) -> bool:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    lite = place / "sqlite"
    (lite / "data").mkdir(parents=True, mode=0o700)
    good = measure("sse sqlite", lite, f"sqlite+aiosqlite:///{lite / 'data' / 'bookapp.db'}")
    with postgres.server() as base:
        if base is None:
            return good
        return on_postgres(place / "postgres", base) and good


def on_postgres(place: Path, base: str) -> bool:
    name = f"bookapp_check_{os.getpid()}"
    plain = base.replace("+asyncpg", "")
    asyncio.run(command(plain, f"CREATE DATABASE {name}"))
    place.mkdir()
    try:
        return measure("sse postgres", place, f"{base}/{name}", DATABASE_URL=f"{plain}/{name}")
    finally:
        asyncio.run(command(plain, f"DROP DATABASE {name} WITH (FORCE)"))
