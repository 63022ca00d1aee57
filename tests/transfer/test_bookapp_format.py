"""An account's own file is read in little memory, and nobody can make anything else of it."""

import io
import json
import random
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bookapp.core.errors import AppError
from bookapp.imports.formats import bookapp
from bookapp.imports.formats.bookapp_extras import extras
from bookapp.imports.formats.bookapp_zip import BadArchive, opened, picture
from bookapp.imports.formats.records import open_records
from bookapp.imports.told import Record

HEAD = {"format": "bookapp account", "version": 2}
EMMA = {"id": 7, "key": "abc", "title": "Emma", "authors": ["Jane Austen"], "isbn": "9780141439587"}


def _rows(*rows: Any) -> str:
    return "[\n" + ",\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n]\n"


def _archive(path: Path, head: Any = HEAD, **parts: str | bytes) -> Path:
    with zipfile.ZipFile(path / "account.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("account.json", json.dumps(head))
        for name, text in parts.items():
            archive.writestr(name if "/" in name else f"{name}.json", text)
    return path / "account.zip"


def _told(path: Path) -> list[Record]:
    return list(bookapp.records(path))


def test_what_is_about_one_book_is_one_record_in_whatever_order_it_comes(tmp_path: Path) -> None:
    path = _archive(
        tmp_path,
        quotes=_rows({"book_id": 7, "text": "A truth", "page": 1}, {"book_id": 3, "text": "Sand"}),
        shelves=_rows({"book_id": 7, "shelf": "read", "stars": 4.25, "visibility": "me", "tags": ["sea"]}),
        reviews=_rows({"book_id": 7, "text": "*Good*", "created_at": "2024-01-02T03:04:05+00:00"}),
        books=_rows(
            {"id": 9, "title": "Of nobody", "authors": ["A"]}, EMMA, {"id": 3, "title": "Sanditon", "authors": []}
        ),
    )
    sanditon, emma = _told(path)
    assert (sanditon.number, sanditon.told.book.title if sanditon.told else None) == (1, "Sanditon")
    told = emma.told
    assert told is not None
    assert (told.key, told.book.authors, told.book.isbns) == ("abc", ("Jane Austen",), ("9780141439587",))
    entry = told.entry
    assert (entry.state, entry.quarters, entry.visibility, entry.tags) == ("read", 17, 0, ("sea",))
    assert [quote.text for quote in entry.quotes] == ["A truth"]
    assert entry.review is not None
    assert bookapp.read(emma.cells) == told  # what waits for its person is read again out of its cells
    assert bookapp.fits(frozenset(emma.cells))
    with open_records(path, "mine.zip") as source:
        assert source.format == bookapp.NAME
        source.skip(1)
        assert [record.number for record in source] == [2]


def test_what_is_wrong_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    wrong = {
        "book_id": 7, "shelf": "loved", "stars": 99, "rated_at": "yesterday", "tags": "sea", "note": 7,
        "is_owned": "yes", "visibility": "world", "own_shelves": [1, "Mine\u0000", None],
        "detail": {"copies": -1, "moods": {}, "warnings": [[1]]},
    }  # fmt: skip
    path = _archive(
        tmp_path,
        shelves=_rows(
            wrong, "not json", "[1]", {"book_id": "7"}, {"book_id": True}, {"book_id": 2**70}, {"book_id": 8}
        ),
        readings=_rows({"book_id": 7, "outcome": "finished", "started": "2024-13", "finished": "2024"}, {"book_id": 7}),
        books=_rows(EMMA | {"year": "old", "language": "Klingonese", "isbn": "1"}),
    )
    emma, nameless = _told(path)
    told = emma.told
    assert told is not None
    assert (told.book.title, told.book.year, told.book.isbns) == ("Emma", None, ())
    assert (told.entry.shelves, told.entry.tags, told.entry.note) == (("Mine",), (), None)
    (reading,) = told.entry.readings
    assert (reading.started, reading.finished.iso if reading.finished else None) == (None, "2024")
    assert {remark.partition(":")[0] for remark in told.remarks} == {
        "shelf", "stars", "rated_at", "visibility", "copies", "started", "year",
    }  # fmt: skip
    assert nameless.told is None
    assert nameless.reason == "The file does not say which book this is."


def test_a_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    row = {"book_id": 1, "book": "Emma", "author": "Jane Austen", "isbn": "9780141439587", "shelf": "read", "stars": 4}
    path = _archive(
        tmp_path,
        HEAD | {"version": 1},
        shelves=_rows(row),
        reviews=_rows({"book_id": 1, "book": "Emma", "text": "Good"}),
    )
    (emma,) = _told(path)
    assert emma.told is not None
    assert (emma.told.book.authors, emma.told.entry.quarters) == (("Jane Austen",), 16)
    with pytest.raises(BadArchive, match="newer"):
        _told(_archive(tmp_path, HEAD | {"version": 3}))


def test_twenty_megabytes_need_little_memory(tmp_path: Path) -> None:
    text = random.Random(1).randbytes(5000).hex()
    many = range(1, 1001)
    path = _archive(
        tmp_path,
        shelves=_rows(*({"book_id": n, "note": f"{n} {text}"} for n in many)),
        books=_rows(*({"id": n, "title": f"Book {n}", "authors": ["A"], "description": f"{n} {text}"} for n in many)),
    )
    tracemalloc.start()
    assert sum(1 for record in bookapp.records(path) if record.told) == 1000
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 2**20


@pytest.mark.parametrize("name", ["../up.json", "/etc/passwd", "a/../../b", "C:/x", "..\\x"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    path = _archive(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(BadArchive, match="leads out"):
        _told(path)


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = _archive(tmp_path, shelves=b"[" + b" " * 40_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(BadArchive, match="unpack to far more"):
        _told(path)


def test_what_claims_to_be_smaller_than_it_is_does_no_harm(tmp_path: Path) -> None:
    path = _archive(tmp_path, shelves=b"[\n" + b"{}," * 1_000_000)
    data = path.read_bytes()
    size = len(b"[\n" + b"{}," * 1_000_000)
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(BadArchive, match="damaged"):
        _told(path)


@pytest.mark.parametrize("comment", [b"", b"x" * 65_535])
def test_a_list_of_parts_that_would_fill_the_memory_is_not_read(tmp_path: Path, comment: bytes) -> None:
    # The end that everybody looks at says nothing of it; the one for large files does, and counts.
    path = _archive(tmp_path)
    data = path.read_bytes()
    entry = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    entries = entry * (17 * 2**20 // len(entry))
    start = data.index(b"PK\x01\x02")
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(entries), start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(entries), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), start, len(comment))
    path.write_bytes(data[:start] + entries + large + locator + end + comment)
    with pytest.raises(BadArchive, match="too many parts"):
        _told(path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_whatever_is_damaged_is_refused_or_told(tmp_path: Path, packing: int) -> None:
    path, chance = tmp_path / "x.zip", random.Random(1)
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("account.json", json.dumps(HEAD))
        archive.writestr("books.csv", "Title,Author,ISBN\nEmma,Jane Austen,\n" * 20)
    whole = path.read_bytes()
    for _ in range(400):
        data = bytearray(whole)
        place = chance.randrange(len(data))
        if chance.random() < 0.5:
            data[place] = chance.randrange(256)
        else:
            del data[place : place + chance.randrange(30)]
        path.write_bytes(data)
        with suppress(AppError), open_records(path, "x.zip") as source:
            list(source)


@pytest.mark.parametrize("cut", [10, 200, -1])
def test_a_damaged_file_is_said_to_be_so(tmp_path: Path, cut: int) -> None:
    path = _archive(tmp_path, shelves=_rows({"book_id": 7}), books=_rows(EMMA))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BadArchive):
        _told(path)


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "long.zip", "w") as archive:
        archive.writestr("account.json", json.dumps(HEAD))
        archive.writestr("shelves.json", b"x" * 9_000_000)
    with pytest.raises(BadArchive, match="longer than"):
        _told(tmp_path / "long.zip")


def test_other_zip_files_are_not_ours(tmp_path: Path) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("account.json", "[]")
        assert not bookapp.fits_zip(archive)


def test_what_is_no_book_is_told_as_well(tmp_path: Path) -> None:
    head = HEAD | {
        "account": {"about": "Me"},
        "reading_settings": {"visibility": "me", "want": None, "read": "all", "is_counted": False},
        "goals": {"2026": 12, "x": 1, "2025": "many"}, "trusted": ["bob", 7], "adventure": 5,
        "muted": [{"kind": "author", "name": "A"}, {"kind": "book", "name": "B"}],
        "recommendations_from": {"welcome": "nobody", "tells_outcome": "no"},
    }  # fmt: skip
    path = _archive(
        tmp_path,
        head,
        tasks=_rows(
            {"name": "Read", "creation_date": "2024-01-02T03:04:05+00:00", "due_date": "2999-01-01T00:00:00+01:00",
             "completed": True, "book_id": 7},
            {"name": ""}, {"name": "When?", "creation_date": "2024-01-02"},
        ),
        own_shelves=_rows({"name": "Sea", "about": "Water", "visibility": "everyone"}, {"about": "nameless"}),
        books=_rows(EMMA | {"cover": "covers/7.webp"}, EMMA | {"id": 8, "cover": "../secret"}),
        **{"covers/7.webp": b"picture"},
    )  # fmt: skip
    found = extras(path)
    assert (found.about, found.reading_settings) == ("Me", {"visibility": "me", "is_counted": False})
    assert (found.goals, found.trusted, found.muted) == ({2026: 12}, ("bob",), (("author", "A"),))
    assert (found.welcome, found.adventure) == ({"welcome": "nobody"}, None)
    assert [(task.name, task.book, task.is_completed) for task in found.tasks] == [
        ("Read", 7, True),
        ("When?", None, False),
    ]
    assert found.tasks[0].due is not None
    assert found.tasks[0].due.year == 2998
    assert [shelf.name for shelf in found.shelves] == ["Sea"]
    assert found.covers == {7: "covers/7.webp"}
    assert [book.key for book in found.books.values()] == ["abc"]
    with opened(path) as archive:
        assert picture(archive, "covers/7.webp") == b"picture"
        assert picture(archive, "covers/8.webp") is None


def test_the_books_of_covers_need_little_memory(tmp_path: Path) -> None:
    many = range(1, 3001)
    covers: dict[str, bytes] = {f"covers/{n}.webp": b"x" for n in many}
    books = _rows(
        *(
            {"id": n, "title": "T", "cover": f"covers/{n}.webp", "description": f"{n} " + "\u0416" * 15_000}
            for n in many
        )
    )
    path = tmp_path / "account.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("account.json", json.dumps(HEAD))
        archive.writestr("books.json", books)
        for name, picture_of in covers.items():
            archive.writestr(name, picture_of)
    tracemalloc.start()
    with suppress(BadArchive):
        extras(path)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 2**20
