"""Bringing a library along: how long ten thousand rows take, what readers notice of it, and how much memory it needs.

`python -m tests.bench.imports [--rows 10000] [--data DIR of goodbooks] [--postgres URL] [--hostile]`
"""

import argparse
import asyncio
import csv
import gzip
import http.client
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conftest import GOODBOOKS
from tests.imports.brought import COLUMNS
from tests.serving.servers import BOOKAPP, ROOT, Server

PASSWORD = "the moon is made of paper"
SHELVES = ("read", "read", "read", "to-read", "currently-reading")
READERS, BEFORE = 4, 5.0


def books(data: Path, rows: int) -> Iterator[dict[str, str]]:
    """Books for so many rows: of goodbooks where they are here, made up beyond that."""
    number = 0
    path = data / "books.csv.gz"
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                number += 1
                if number > rows:
                    return
                isbn = row["isbn"].strip()
                year, author = row["original_publication_year"].split(".")[0], row["authors"].split(",")[0]
                named = {"Book Id": row["goodreads_book_id"], "Title": row["title"], "Author": author}
                yield named | {"ISBN": f'="{isbn}"', "Original Publication Year": year}
    while number < rows:
        number += 1
        yield {
            "Book Id": str(10**9 + number),
            "Title": f"Book {number} of a long row",
            "Author": f"Author {number // 7}",
        }


def make_file(path: Path, data: Path, rows: int) -> None:
    """A Goodreads file with everything that one has."""
    dice = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for book in books(data, rows):
            shelf = dice.choice(SHELVES)
            more = {
                "My Rating": str(dice.randint(0, 5)),
                "Exclusive Shelf": shelf,
                "Bookshelves": dice.choice(("", "favorites", "sea, travel")),
            }
            more |= {"Date Added": f"20{dice.randint(10, 24)}/0{dice.randint(1, 9)}/1{dice.randint(0, 9)}"}
            if shelf == "read":
                more |= {"Date Read": f"2025/0{dice.randint(1, 9)}/1{dice.randint(0, 9)}", "Read Count": "1"}
                more |= {"My Review": "Kept me <b>awake</b>.<br/>Twice." if dice.random() < 0.1 else ""}
            writer.writerow(book | more)


class Person:
    """Somebody signed in, as a browser is: a program's requests are counted, and there are many here."""

    def __init__(self, server: Server) -> None:
        self.server, self.cookie = server, ""
        form = f"username=alice&password={PASSWORD.replace(' ', '+')}"
        self.ask("POST", "/login", form.encode(), "application/x-www-form-urlencoded", accept="text/html")

    def ask(self, method: str, path: str, body: Any = None, kind: str = "", accept: str = "application/json") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=600)
        headers = {"Accept": accept, "Cookie": self.cookie} | ({"Content-Type": kind} if kind else {})
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status < 400, (answer.status, text[:500])
        for line in answer.headers.get_all("Set-Cookie") or ():
            if line.startswith("bookapp_session="):
                self.cookie = line.partition(";")[0]
        return json.loads(text) if text and accept == "application/json" else None


def memory(pid: int) -> float:
    """The resident memory of a process, in MB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def family(pid: int) -> list[int]:
    """A process with all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


async def read(port: int, until: asyncio.Event, times: list[float]) -> None:
    """A reader of the catalogue, one page each 20 ms."""
    paths = ("/books", "/books?q=the", "/books/1", "/books/7", "/authors")
    dice = random.Random()
    while not until.is_set():
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET {dice.choice(paths)} HTTP/1.1\r\nHost: localhost\r\n".encode()
            + b"Accept: text/html\r\nConnection: close\r\n\r\n"
        )
        await reader.read()
        writer.close()
        times.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.02)


async def readers_during(port: int, work: Any) -> tuple[list[float], Any]:
    until, times = asyncio.Event(), list[float]()
    readers = [asyncio.create_task(read(port, until, times)) for _ in range(READERS)]
    result = await work
    until.set()
    await asyncio.gather(*readers)
    return times, result


def p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98] if len(times) > 100 else max(times, default=0.0)


def bring(
    person: Person, path: Path, *, query: str = "", until: float = 3600
) -> tuple[dict[str, Any], float, dict[str, float]]:
    """Send a file and wait until it is in, or stop it then: what became of it, how long it took, the most memory."""
    began, most = time.monotonic(), {"server": 0.0, "worker": 0.0}
    with path.open("rb") as file:
        shown = person.ask("POST", f"/imports?name={path.name}{query}", file, "text/csv")
    while shown["state"] in ("queued", "running"):
        for pid in family(person.server.process.pid):
            who = "worker" if b"\x00worker" in _words(pid) else "server"
            most[who] = max(most[who], memory(pid))
        time.sleep(0.25)
        if time.monotonic() - began > until:
            until = 3600
            person.ask("DELETE", shown["url"])
        shown = person.ask("GET", shown["url"])
    return shown, time.monotonic() - began, most


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def say(what: str, shown: dict[str, Any], seconds: float, most: dict[str, float], **more: object) -> None:
    told = {"what": what, "seconds": round(seconds, 1), "state": shown["state"], "counts": shown["counts"]}
    told |= {"reason": shown["reason"], "MB": {name: round(mb) for name, mb in most.items()}} | more
    print(json.dumps(told), flush=True)


def hostile(person: Person, place: Path) -> None:
    """Files that nobody means well with."""
    head = ",".join(COLUMNS) + "\n"
    long_line = place / "line.csv"
    long_line.write_text(head + '1,"' + "x" * 100_000_000 + '"\n' + "2,Emma,Jane Austen\n")
    say("a line of 100 MB", *bring(person, long_line, query="&dry_run=true"))
    packed = place / "packed.csv"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("goodreads.csv", head + "1,Emma,Jane Austen\n")
    say("a zip named .csv", *bring(person, packed, query="&dry_run=true"))
    many = place / "many.csv"
    make_file(many, place, 1_000_000)
    say("the first minute of a million rows", *bring(person, many, until=60))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.imports")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--data", type=Path, default=GOODBOOKS)
    parser.add_argument("--postgres", help="the URL of an empty database")
    parser.add_argument("--catalogue", action="store_true", help="with the books of the data in the catalogue already")
    parser.add_argument("--hostile", action="store_true", help="files that nobody means well with, instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bookapp-imports-") as folder:
        measure(Path(folder), asked)


def measure(place: Path, asked: argparse.Namespace) -> None:
    more = {"DATABASE_URL": asked.postgres} if asked.postgres else {}
    server = Server(place / "data", BOOKAPP, **more)

    def run(*words, given=""):
        return subprocess.run(
            (sys.executable, "-m", "bookapp", *words),
            cwd=ROOT,
            env=server.environment,
            input=given,
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    run("migrate")
    run("demo")
    if asked.catalogue:
        run("import", "goodbooks", str(asked.data))
    run("create-admin", "--name", "alice", "--email", "a@example.org", "--password-stdin", given=PASSWORD)
    make_file(place / "mine.csv", asked.data, asked.rows)
    with server:
        person = Person(server)
        if asked.hostile:
            return hostile(person, place)
        before, _ = asyncio.run(readers_during(server.port, asyncio.sleep(BEFORE)))
        during, (shown, seconds, most) = asyncio.run(
            readers_during(
                server.port, asyncio.to_thread(bring, person, place / "mine.csv", query="&doubtful=likeliest")
            )
        )
        told = {"p99": [round(p99(before), 1), round(p99(during), 1)]}
        told |= {"p50": [round(statistics.median(before), 1), round(statistics.median(during), 1)]}
        say(f"{asked.rows} rows", shown, seconds, most, **told)
        say("the same again", *bring(person, place / "mine.csv", query="&doubtful=likeliest"))
    return None


if __name__ == "__main__":
    main()
