"""A small dump in the real line format, with the oddities of the real one."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

AT = "2008-08-20T17:57:09.66187"
EMMA, EMMA_TOO, GERMAN, STRANGE = "9780141439587", "9780192833013", "9783150074039", "9780306406157"


def line(kind: str, key: str, told: dict[str, Any] | bytes | None = None, revision: int = 1) -> bytes:
    """A line; `told` as bytes is what stands where the JSON should."""
    whole = told if isinstance(told, bytes) else json.dumps({"key": key, **(told or {})}).encode()
    return b"\t".join((f"/type/{kind}".encode(), key.encode(), str(revision).encode(), AT.encode(), whole)) + b"\n"


def author(number: int, name: str | None, **more: Any) -> bytes:
    return line("author", f"/authors/OL{number}A", {"name": name, **more})


def work(number: int, title: str | None, *authors: int, revision: int = 1, **more: Any) -> bytes:
    roles = [{"author": {"key": f"/authors/OL{a}A"}, "type": {"key": "/type/author_role"}} for a in authors]
    return line("work", f"/works/OL{number}W", {"title": title, "authors": roles, **more}, revision)


def edition(number: int, work: int, *isbns: str, language: str = "eng", **more: Any) -> bytes:
    told = {"works": [{"key": f"/works/OL{work}W"}], "languages": [{"key": f"/languages/{language}"}]}
    ten, thirteen = [i for i in isbns if len(i) == 10], [i for i in isbns if len(i) != 10]
    return line("edition", f"/books/OL{number}M", {**told, "isbn_10": ten, "isbn_13": thirteen, **more})


def redirect(key: str, location: str) -> bytes:
    return line("redirect", key, {"location": location})


def packed(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(gzip.compress(b"".join(lines)))
    return path


AUTHORS = (
    author(1, "Jane Austen", personal_name="Austen, Jane"),
    redirect("/authors/OL2A", "/authors/OL1A"),
    redirect("/authors/OL3A", "/authors/OL2A"),
    author(4, "Kha\u0304lid Muh\u0323ammad"),
    author(5, None),
    line("delete", "/authors/OL6A"),
    author(7, "Some\x00body \ud800Else"),
)
WORKS = (
    work(
        10, "Emma", 3, first_publish_date="December 23, 1815 [i.e. 1816]", covers=[1, 2],
        description={"type": "/type/text", "value": "A match\u0007maker.\r\n\r\nIn Highbury."},
        subjects=["Fiction", "Accessible book", "England -- Social life", "Fiction / Romance / General", 7, ""],
    ),
    work(
        11, "Persuasion", 1, description="Second chances.", subjects=["nyt:a=2010-01-01", "Love stories"],
        covers=[-1, 5],
    ),
    line("work", "/works/OL12W", {"title": "Old ways", "authors": [{"key": "/authors/OL4A"}]}),
    work(13, "By nobody"),
    work(14, None, 1),
    work(15, "Lost \x01 and\tfound \ud800", 7, 6, 5),
    redirect("/works/OL16W", "/works/OL17W"),
    redirect("/works/OL17W", "/works/OL10W"),
    redirect("/works/OL18W", "/works/OL19W"),
    redirect("/works/OL19W", "/works/OL18W"),
    line("delete", "/works/OL20W"),
    work(21, "An older revision", 1, revision=2),
    work(21, "The newest revision", 1, revision=10),
    work(21, "The oldest revision", 1, revision=1),
    line("list", "/people/somebody/lists/OL1L"),
    line("work", "/works/OL22W", b'{"title": "cut o'),
    line("work", "/works/OL23W", b"[]"),
    line("work", "/works/nonsense", {"title": "Without a number"}),
    b"/type/work\t/works/OL24W\t1\n",
    b"\n",
    b"\xff\xfe nothing at all\n",
    line("work", "/works/OL25W", b'{"title": "caf\xe9"}'),
    work(26, "x" * 900, 1),
)  # fmt: skip
EDITIONS = (
    edition(
        30,
        10,
        EMMA,
        publish_date="c2003",
        number_of_pages=474,
        publishers=["Penguin"],
        physical_format="Paperback",
        covers=[-1, None, "7", True, 2**70, 6, 7, 0],
    ),
    edition(31, 16, "0-19-283301-4 ", publish_date="1998", number_of_pages="412"),
    edition(32, 10, GERMAN, language="ger", publish_date="19--", number_of_pages=0, publishers=[]),
    edition(33, 10, "1234567890", "not an isbn", language="xyz", publish_date="2999"),
    edition(34, 11, STRANGE, EMMA, language="fre", covers={"junk": 1}),
    edition(35, 999, "9783161484100"),
    line("edition", "/books/OL36M", {"title": "Without a work"}),
    redirect("/books/OL37M", "/books/OL30M"),
    line("edition", "/books/OL38M", {"works": "nonsense", "isbn_13": 7, "languages": {}, "publishers": "me"}),
)
RATINGS = (
    b"/works/OL10W\t/books/OL30M\t5\t2020-01-01\n",
    b"/works/OL16W\t\\N\t4\t2020-01-01\n",
    b"/works/OL10W\t\\N\t9\t2020-01-01\n",
    b"/works/OL11W\t\\N\tWant to Read\t2020-01-01\n",
)
COVERS = (
    b"1\t300\t500\t2011-01-01\n",
    b"2\t500\t80\t2011-01-01\n",
    b"5\t\\N\t\\N\t2011-01-01\n",
    b"6\t100\t160\t2011-01-01\n",
    b"7\t400\t600\t2011-01-01\n",
    b"99999999999999999999\t400\t600\t2011-01-01\n",
)
"""The list of pictures: of Emma's, 6 is small and 2 a banner."""


def small_dump(place: Path) -> Path:
    """All of it, a file for each kind; one of them is not packed."""
    place.mkdir(exist_ok=True)
    packed(place / "ol_dump_authors.txt.gz", AUTHORS)
    packed(place / "ol_dump_works.txt.gz", WORKS)
    packed(place / "ol_dump_editions.txt.gz", EDITIONS)
    (place / "ol_dump_ratings.txt").write_bytes(b"".join(RATINGS).replace(b"\n", b"\r\n"))
    return place
