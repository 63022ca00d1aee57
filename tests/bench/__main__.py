"""Measure everything in one run and write docs/performance.md."""

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bookapp.core.paging import write_cursor
from tests.bench.catalogue import fill_postgres, fill_sqlite
from tests.checks.client import Client, percentile
from tests.serving.servers import HYPERCORN, ROOT, Server

REPORT = ROOT / "docs" / "performance.md"
GOODBOOKS = ROOT.parent / "shared" / "data" / "goodbooks"
HTML, FRAGMENT = "Accept: text/html", "HX-Request: true"
UNKEPT = "Cookie: bookapp_flash=none"
"""An answer to somebody is never kept: this asks for what is made anew each time."""


def hypercorn(application: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "hypercorn", "-c", "hypercorn.toml", application)


class Bench(Server):
    """A server with the application of one comparison; logging stays on, as it is shipped."""

    def __init__(self, data: Path, command: tuple[str, ...] = HYPERCORN, **settings: object) -> None:
        super().__init__(data, command, BOOKAPP_LOG_LEVEL="info", **settings)
        self.command = (*command[:5], "-b", f"127.0.0.1:{self.port}", *command[5:])

    def memory(self) -> float:
        """Resident megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found.group(1)) / 1024 if found else 0.0


@dataclass
class Rate:
    """Requests per second and the 99th percentile in ms, once for each round."""

    per_second: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def add(self, output: str) -> None:
        if errors := re.search(r"Non-2xx or 3xx responses: (\d+)", output):
            raise RuntimeError(f"{errors.group(1)} answers were errors:\n{output}")
        found = re.search(r"Requests/sec:\s+([\d.]+)", output)
        slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
        assert found, output
        assert slow, output
        self.per_second.append(float(found.group(1)))
        self.p99.append(float(slow.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[slow.group(2)])

    @property
    def middle(self) -> float:
        return statistics.median(self.per_second)


def wrk(port: int, path: str, *headers: str, seconds: int, script: Path | None = None) -> str:
    command = ["wrk", "-c16", "-t1", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", str(script)]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    return done.stdout


def throughput(place: Path, seconds: int, rounds: int) -> list[str]:
    """Requests per second beside the ceiling and beside the plain way; the rounds alternate."""
    add = place / "add.lua"
    add.write_text(
        "local n = 0\nrequest = function()\n n = n + 1\n return wrk.format('POST', '/books', {['Content-Type'] = "
        "'application/x-www-form-urlencoded'}, 'title=Bench+' .. n .. '&author=Writer+' .. (n % 50))\nend\n"
    )
    bare = Bench(place / "bare", hypercorn("tests.bench.bare:app"))
    plain = Bench(place / "plain", hypercorn("tests.bench.plain:create_app()"), PLAIN_URL=url_of(place / "goodbooks"))
    ours = Bench(place / "goodbooks")
    ceiling = Case(bare, "/")
    cases = {
        "first page": Case(ours, "/", (HTML,), beside=ceiling),
        "first page, fragment": Case(ours, "/", (FRAGMENT,), beside=ceiling),
        "first page, JSON": Case(ours, "/", beside=ceiling),
        "list of books, page": Case(ours, "/books", (HTML,), beside=ceiling),
        "one book, page": Case(ours, "/books/5", (HTML,), beside=ceiling),
        "one book, JSON": Case(ours, "/books/5", beside=ceiling),
        "a search, page": Case(ours, "/books?q=tolkein", (HTML,), beside=ceiling),
        "not kept: list of 20, JSON": Case(ours, "/books?limit=20", (UNKEPT,), beside=Case(plain, "/books?limit=20")),
        "not kept: one book, JSON": Case(ours, "/books/5/row", (UNKEPT,), beside=Case(plain, "/books/5")),
        "an add": Case(ours, "/books", script=add),
    }
    with ExitStack() as stack:
        for server in (bare, plain, ours):
            server.wait = server is not bare
            stack.enter_context(server)
        time.sleep(2)
        for _ in range(rounds):
            for name, case in cases.items():
                # One right after the other: the speed of a shared machine drifts from minute to minute.
                for one in (case, case.beside):
                    if one:
                        one.run(seconds)
                print(f"  {name}: {case.rate.per_second[-1]:,.0f} requests/s", flush=True)
                if case.script:
                    time.sleep(1)  # what wrk sent last is still being stored: the next case must not pay for it
        sizes = {name: case.size() for name, case in cases.items()}
        memory = ours.memory()
    lines = ["| What | bytes | requests/s | p99 ms | beside it | ratio |", "|---|---|---|---|---|---|"]
    for name, case in cases.items():
        lines.append(f"| {name} | {sizes[name]:,} | {case.told()} |")
    return [
        *lines,
        "",
        "Beside the kept answers stands the ceiling, a constant 6 kB from a bare ASGI application on the same server;",
        "beside the others the plain way (ORM entities, default engine, jsonify) with the same content. The ratio is",
        "the median of the pairs.",
        "",
        f"Memory of the worker after all this: {memory:.0f} MB.",
    ]


@dataclass
class Case:
    """One address under load, and what is measured right after it for comparison."""

    server: Server
    path: str
    headers: tuple[str, ...] = ()
    script: Path | None = None
    beside: "Case | None" = None
    rate: Rate = field(default_factory=Rate)

    def run(self, seconds: int) -> None:
        """Load it for so long; asked once before, since what is measured is the going rate, not the first answer."""
        if self.beside:
            self.size()
        self.rate.add(wrk(self.server.port, self.path, *self.headers, seconds=seconds, script=self.script))

    def size(self) -> int:
        """Bytes of the answer."""
        given = dict(header.split(": ") for header in self.headers)
        return len(self.server.get(self.path, **({"Accept": "*/*"} | given))[1])

    def told(self) -> str:
        """The cells of its row."""
        own = f"{self.rate.middle:,.0f} | {statistics.median(self.rate.p99):.1f}"
        if self.beside is None:
            return f"{own} | | "
        # The partner is shared by several cases: ours are the rounds that came right after.
        others = self.beside.rate.per_second
        step = len(others) // len(self.rate.per_second)
        first = self.beside.seen
        self.beside.seen += 1
        pairs = [own / others[first + i * step] for i, own in enumerate(self.rate.per_second)]
        return f"{own} | {statistics.median(others[first::step]):,.0f} | {statistics.median(pairs):.2f}"

    seen: int = 0


def url_of(data: Path) -> str:
    return f"sqlite+aiosqlite:///{data / 'bookapp.db'}"


async def latencies(server: Server, largest: int, words: list[str], times: int) -> dict[str, float]:
    """The median milliseconds of what is asked one after the other, of pages made anew each time."""
    client = Client(server.port)
    found: dict[str, list[float]] = {}
    # Another limit each time is another address, so that no answer was kept.
    asked: dict[str, Callable[[int], str]] = {
        "list, first page": lambda i: f"/books?limit={20 + i % 2}&x={i}",
        "list, page 1,000 by cursor": lambda i: (
            f"/books?limit=10&x={i}&cursor={write_cursor([largest - 9_990 + i % 9])}"
        ),
        "list by title, page 1,000": lambda i: (
            f"/books?limit=10&x={i}&sort=popular&cursor={write_cursor([4_000_000 // 9_990, 9_990 - i])}"
        ),
        "search, one word": lambda i: f"/books?q={words[i % len(words)]}&x={i}",
        "search, two words": lambda i: f"/books?q={words[i % len(words)]}+{words[(i * 7 + 1) % len(words)]}&x={i}",
        "search, as typed (3 letters)": lambda i: f"/books?q={words[i % len(words)][:3]}&x=typed{i}",
        "one book": lambda i: f"/books/{1 + i * 97 % 9_000}?x={i}",
        "random": lambda i: f"/books/random?x={i}",
    }
    for name, address in asked.items():
        spent = found.setdefault(name, [])
        for i in range(times + 5):
            began = time.perf_counter()
            status, _ = await client.get(address(i))
            assert status == 200, (name, address(i), status)
            if i >= 5:
                spent.append(time.perf_counter() - began)
    client.close()
    return {name: percentile(spent, 0.5) for name, spent in found.items()}


def sizes(place: Path, sizes: tuple[int, ...], times: int, postgres: str | None) -> list[str]:
    """Medians on a small and a large generated catalogue, on each database."""
    lines = [
        "| What, median ms | "
        + " | ".join(f"{kind}, {size:,}" for kind, size in columns(sizes, postgres))
        + " | ratio |"
    ]
    results: list[dict[str, float]] = []
    notes: list[str] = []
    for kind, size in columns(sizes, postgres):
        data = place / f"{kind}-{size}"
        data.mkdir(exist_ok=True)
        with filled(kind, data, size, postgres) as (settings, words), Bench(data, **settings) as server:
            results.append(asyncio.run(latencies(server, size, words, times)))
            notes.append(f"{kind} {size:,}: worker {server.memory():.0f} MB")
        print(f"  {kind} {size:,}: {results[-1]}", flush=True)
    lines.append("|---" * (len(results) + 2) + "|")
    for name in results[0]:
        values = [result[name] for result in results]
        ratios = [values[i + 1] / values[i] for i in range(0, len(values), 2)]
        cells = [f"{value:.1f}" for value in values]
        lines.append(f"| {name} | " + " | ".join(cells) + " | " + ", ".join(f"{r:.2f}" for r in ratios) + " |")
    return [*lines, "", "Memory afterwards: " + "; ".join(notes) + "."]


def columns(sizes: tuple[int, ...], postgres: str | None) -> list[tuple[str, int]]:
    kinds = ("sqlite", "postgresql") if postgres else ("sqlite",)
    return [(kind, size) for kind in kinds for size in sizes]


@contextmanager
def filled(kind: str, data: Path, size: int, postgres: str | None) -> Iterator[tuple[dict[str, str], list[str]]]:
    """A generated catalogue, and words that stand in it."""
    if kind == "sqlite":
        ready = os.environ.get(f"BENCH_SQLITE_{size}")
        if ready:
            shutil.copy(ready, data / "bookapp.db")
        else:
            fill_sqlite(data / "bookapp.db", size)
        with sqlite3.connect(data / "bookapp.db") as connection:
            titles = connection.execute("SELECT title FROM search_document WHERE id % 97 = 5 LIMIT 60").fetchall()
        yield {}, [title.split()[-1] for (title,) in titles]
        return
    import asyncpg

    name = f"bookapp_bench_{os.getpid()}_{size}"

    async def command(statement: str) -> None:
        connection = await asyncpg.connect(f"{str(postgres).replace('+asyncpg', '')}/postgres")
        await connection.execute(statement)
        await connection.close()

    async def some_titles() -> list[str]:
        connection = await asyncpg.connect(f"{str(postgres).replace('+asyncpg', '')}/{name}")
        rows = await connection.fetch("SELECT title FROM search_document WHERE id % 97 = 5 LIMIT 60")
        await connection.close()
        return [row["title"].split()[-1] for row in rows]

    asyncio.run(command(f"CREATE DATABASE {name}"))
    try:
        fill_postgres(f"{postgres}/{name}", size)
        yield {"DATABASE_URL": f"{postgres}/{name}"}, asyncio.run(some_titles())
    finally:
        try:
            asyncio.run(command(f"DROP DATABASE {name} WITH (FORCE)"))
        except asyncpg.InsufficientPrivilegeError:
            # An autovacuum worker in there belongs to the superuser; a plain DROP sends it away.
            asyncio.run(command(f"DROP DATABASE {name}"))


def importing(place: Path) -> list[str]:
    """Seconds of the import, and of a cold start on what it made."""
    data = place / "goodbooks"
    environment = {**os.environ, "BOOKAPP_DATA_DIR": str(data)}
    lines = []
    if GOODBOOKS.exists():
        for what in ("new", "again"):
            began = time.perf_counter()
            command = [sys.executable, "-m", "bookapp", "import", "goodbooks", str(GOODBOOKS)]
            subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            lines.append(f"Import of goodbooks-10k ({what}): {time.perf_counter() - began:.1f} s.")
    else:
        data.mkdir()
        fill_sqlite(data / "bookapp.db", 10_000)
        lines.append("goodbooks-10k is not on this machine: a generated catalogue of 10,000 books stands in.")
    server = Server(data, (sys.executable, "-m", "bookapp", "serve"), wait=False)
    began = time.perf_counter()
    with server:
        while not server.answers():
            time.sleep(0.01)
        lines.append(f"Cold start of `bookapp serve` to the first 200: {time.perf_counter() - began:.1f} s.")
    return lines


def machine() -> str:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    cores = os.cpu_count()
    processor = model.group(1) if model else platform.machine()
    return f"{processor}, {cores} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=60)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("make bench needs wrk (Debian: apt-get install wrk).")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bookapp-bench-") as folder:
        place = Path(folder)
        seconds = importing(place)
        rates = throughput(place, options.seconds, options.rounds)
        postgres = os.environ.get("BOOKAPP_TEST_POSTGRES")
        growth = sizes(place, (10_000, options.large), options.times, postgres)
    REPORT.write_text(
        "\n".join(
            [
                "# What was measured",
                "",
                f"Made by `make bench` in one run on {machine()}, load average before it {load:.1f}.",
                "Ratios carry over to other machines, figures do not.",
                "Logging is on, one worker, SQLite with full synchronisation.",
                "",
                "## Requests per second",
                "",
                "wrk, 16 connections, median of "
                f"{options.rounds} alternating rounds of {options.seconds} s, 10,000 books.",
                "",
                *rates,
                "",
                "## Ten thousand and a million books",
                "",
                "One client, one request after the other, nothing kept from an earlier answer.",
                "",
                *growth,
                "",
                "## Starting and importing",
                "",
                *(f"- {line}" for line in seconds),
                "",
            ]
        )
    )
    print(json.dumps({"report": REPORT.name}))


if __name__ == "__main__":
    main()
