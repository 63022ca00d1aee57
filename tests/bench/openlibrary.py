"""A made-up dump of Open Library of any size, in the real line format, and how fast it comes in.

python -m tests.bench.openlibrary make DIR --works 1000000
python -m tests.bench.openlibrary measure DIR --data DATA_DIR
"""

import argparse
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.catalogue import word

AT = "2008-08-20T17:57:09.66187"
HEADINGS = (
    "Fiction", "Fiction, general", "History", "Accessible book", "Protected DAISY", "Juvenile fiction", "Biography",
    "Fiction / Fantasy / General", "World War, 1939-1945", "In library", "Science fiction", "Poetry", "Mystery",
    "Women -- History", "nyt:combined-print=2011-02-27", "Politics and government", "Love stories", "Cooking",
    "Large type books", "Detective and mystery stories", "Philosophy", "Religion", "Children's stories", "Travel",
)  # fmt: skip
LANGUAGES = ("eng",) * 6 + ("ger", "fre", "spa", "rus", "chi", "und")
FORMS = ("Paperback", "Hardcover", "Mass Market Paperback", "eBook", "Audio CD")
DATES = ("1986", "c1990", "June 5, 1998", "[1975]", "2003-05", "19--", "1964 (reprint)")


def line(kind: str, key: str, told: dict[str, Any], revision: int = 1) -> bytes:
    """One line of a dump."""
    whole = told | {
        "key": key,
        "type": {"key": f"/type/{kind}"},
        "revision": revision,
        "last_modified": {"type": "/type/datetime", "value": AT},
    }
    return f"/type/{kind}\t{key}\t{revision}\t{AT}\t{json.dumps(whole)}\n".encode()


def isbn13(number: int) -> str:
    """The number-th ISBN."""
    digits = f"978{number:09d}"
    return digits + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10)


def authors(works: int) -> Iterator[bytes]:
    """Three authors for ten works, and some that were merged into others."""
    for number in range(1, works * 3 // 10 + 1):
        if number % 200 == 0:
            location = {"location": f"/authors/OL{number - 1}A"}
            yield line("redirect", f"/authors/OL{number}A", location)
            continue
        name = f"{word(number % 977).capitalize()} {word(number).capitalize()}"
        yield line("author", f"/authors/OL{number}A", {"name": name, "personal_name": name}, 2)


def works_and_editions(works: int) -> Iterator[tuple[str, bytes]]:
    """Works and about one and a half editions of each: 95 % have authors, 59 % subjects, 4 % a description."""
    chance = random.Random(4)
    vocabulary, edition = max(2000, works // 8), 0
    for number in range(1, works + 1):
        key = f"/works/OL{number}W"
        if number % 100 == 0:
            yield "works", line("redirect", key, {"location": f"/works/OL{number - 1}W"})
            continue
        words = [word(min(vocabulary, int(chance.paretovariate(0.75)))) for _ in range(chance.randint(1, 6))]
        told: dict[str, Any] = {"title": " ".join(words).capitalize()}
        if chance.random() < 0.95:
            some = {1 + int(works * 3 // 10 * chance.random() ** 2) for _ in range(1 + (chance.random() < 0.1))}
            told["authors"] = [
                {"author": {"key": f"/authors/OL{a}A"}, "type": {"key": "/type/author_role"}} for a in sorted(some)
            ]
        if chance.random() < 0.59:
            told["subjects"] = [
                chance.choice(HEADINGS) if chance.random() < 0.5 else f"{word(chance.randint(1, 20_000))} studies"
                for _ in range(chance.randint(1, 8))
            ]
        if chance.random() < 0.32:
            told["covers"] = [chance.randint(1, 10**7)]
        if chance.random() < 0.04:
            text = " ".join(word(chance.randint(1, vocabulary)) for _ in range(80))
            told["description"] = text if chance.random() < 0.5 else {"type": "/type/text", "value": text}
        if chance.random() < 0.3:
            told["first_publish_date"] = chance.choice(DATES)
        yield "works", line("work", key, told, chance.randint(1, 9))
        for _ in range(chance.choice((1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4))):
            edition += 1
            # Some editions still name the work that was merged into this one.
            of = number + 1 if number % 100 == 99 and chance.random() < 0.5 else number
            yield "editions", line("edition", f"/books/OL{edition}M", an_edition(chance, of, edition, told["title"]))


def an_edition(chance: random.Random, work: int, number: int, title: str) -> dict[str, Any]:
    """An edition with most of what editions have."""
    told: dict[str, Any] = {
        "works": [{"key": f"/works/OL{work}W"}],
        "title": title,
        "publishers": [f"{word(chance.randint(1, 5000)).capitalize()} Press"],
        "publish_date": chance.choice(DATES),
        "languages": [{"key": f"/languages/{chance.choice(LANGUAGES)}"}],
        "source_records": [f"marc:made_up/part{number % 30:02d}.dat:{number}:800"],
        "identifiers": {},
    }
    if chance.random() < 0.6:
        told["isbn_13"] = [isbn13(number)]
    if chance.random() < 0.7:
        told["number_of_pages"] = chance.randint(40, 900)
        told["physical_format"] = chance.choice(FORMS)
    if chance.random() < 0.3:
        told["covers"] = [chance.randint(1, 10**7)]
    return told


def make(place: Path, works: int) -> None:
    """Write the dump of that many works into a directory; the same each time."""
    place.mkdir(parents=True, exist_ok=True)

    def opened(name: str) -> gzip.GzipFile:
        return gzip.GzipFile(place / f"ol_dump_{name}.txt.gz", "wb", compresslevel=3, mtime=0)

    with opened("authors") as file:
        file.writelines(authors(works))
    with opened("works") as for_works, opened("editions") as for_editions:
        files = {"works": for_works, "editions": for_editions}
        for name, data in works_and_editions(works):
            files[name].write(data)
    chance = random.Random(5)
    with opened("covers_metadata") as file:
        for number in range(1, works + 1):
            file.write(f"{number * 10**7 // works}\t{chance.randint(50, 500)}\t500\t2011-01-01\n".encode())
    with opened("ratings") as file:
        for _ in range(works // 5):
            number = 1 + int(works * chance.random() ** 3)
            file.write(f"/works/OL{number}W\t\\N\t{chance.randint(1, 5)}\t2020-01-01\n".encode())


def measure(dump: Path, data: Path) -> None:
    """Put a dump in twice, and tell how fast it was and what it took."""
    environment = {**os.environ, "BOOKAPP_DATA_DIR": str(data)}
    for what in ("new", "again"):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "bookapp", "import", "openlibrary", str(dump), "--alone"],
            env=environment,
            check=True,
        )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = sum(path.stat().st_size for path in data.glob("bookapp.db*")) / 1e6
        print(
            f"{what}: {time.perf_counter() - began:.0f} s, at most {peak:.0f} MB, {size:,.0f} MB on the disk",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("make", "measure"))
    parser.add_argument("place", type=Path)
    parser.add_argument("--works", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=Path("bookapp-data"))
    given = parser.parse_args()
    if given.what == "make":
        make(given.place, given.works)
    else:
        measure(given.place, given.data)


if __name__ == "__main__":
    main()
