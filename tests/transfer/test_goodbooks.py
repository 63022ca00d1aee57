"""Reading the goodbooks tables: no database."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.books.bulk import BookRecord
from bookapp.transfer.catalogues import read_goodbooks
from bookapp.transfer.goodbooks import (
    isbn_of,
    language_of,
    rating_of,
    read_books,
    year_of,
)
from bookapp.transfer.tables import Unreadable

EXCERPT = Path(__file__).parent / "goodbooks"


def excerpt() -> dict[str, BookRecord]:
    return {record.key: record for record in read_goodbooks(EXCERPT).records}


@pytest.mark.parametrize(
    ("text", "isbn"),
    [
        ("400000210", "9780400000213"),
        ("7000030", "9780007000036"),
        ("090000035X", "9780900000355"),
        ("90000035x", "9780900000355"),
        ("400000210.0", "9780400000213"),
        ("9780400000213", "9780400000213"),
        ("", None),
        ("400000211", None),
        ("12", None),
        ("n/a", None),
    ],
)
def test_an_isbn_gets_its_lost_zeros_back(text: str, isbn: str | None) -> None:
    notes: list[str] = []
    assert isbn_of(text, notes) == isbn
    assert bool(notes) == (isbn is None and text != "")


@pytest.mark.parametrize(
    ("text", "year", "told"),
    [
        ("1997.0", 1997, False),
        ("-720.0", -720, False),
        ("", None, False),
        ("0.0", None, False),
        ("soon", None, True),
        ("nan", None, True),
        ("99999", None, True),
        ("1997.5", None, True),
    ],
)
def test_a_year_may_be_negative_or_unknown(text: str, year: int | None, told: bool) -> None:
    notes: list[str] = []
    assert year_of(text, notes) == year
    assert bool(notes) is told


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("eng", "en"),
        ("en-US", "en"),
        ("en-GB", "en"),
        ("en-CA", "en"),
        ("spa", "es"),
        ("fre", "fr"),
        ("nl", "nl"),
        ("", None),
    ],
)
def test_a_language_is_known_by_many_codes(text: str, code: str | None) -> None:
    notes: list[str] = []
    assert language_of(text, notes) == code
    assert notes == []


def test_an_unknown_language_is_told() -> None:
    notes: list[str] = []
    assert language_of("klingon", notes) is None
    assert notes


@pytest.mark.parametrize(
    ("average", "count", "rating", "told"),
    [
        ("4.34", "4780653", (4.34, 4780653), False),
        ("", "", (None, 0), False),
        ("0", "0", (None, 0), False),
        ("9.9", "10", (None, 0), True),
        ("4.0", "-3", (None, 0), True),
        ("4.0", "", (None, 0), True),
    ],
)
def test_a_rating_is_whole_or_absent(average: str, count: str, rating: tuple[float | None, int], told: bool) -> None:
    notes: list[str] = []
    assert rating_of(average, count, notes) == rating
    assert bool(notes) is told


def test_the_order_of_the_numbers_is_kept() -> None:
    assert [record.key for record in read_goodbooks(EXCERPT).records] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "14",
    ]


def test_a_book_is_read_whole() -> None:
    lamp = excerpt()["2"]
    assert (lamp.title, lamp.series, lamp.series_position) == ("The Lamp Below", "Harbour Lights", "2")
    assert lamp.authors == ("Ada Pennywhistle", "Grace Tallow")
    assert (lamp.isbn, lamp.year, lamp.language) == ("9780400000213", 1997, "en")
    assert (lamp.rating_average, lamp.rating_count) == (4.25, 1200)


def test_tags_become_subjects() -> None:
    assert excerpt()["1"].subjects == (
        ("science fiction", 120),
        ("lighthouses", 45),
        ("children's books", 10),
        ("mystery", 5),
    )
    assert excerpt()["3"].subjects == ()


def test_every_problem_says_where_and_what_became_of_it() -> None:
    told = [(p.line, p.book, p.reason) for p in read_goodbooks(EXCERPT).problems]
    assert [(line, book) for line, book, _ in told] == [
        (5, "4"), (8, "7"), (9, "8"), (10, "9"), (10, "9"), (11, "9"), (12, "eleven"), (13, "12"), (14, ""),
    ]  # fmt: skip
    assert all("left out" in reason or "kept" in reason for _, _, reason in told)


def test_a_book_without_author_is_kept() -> None:
    assert excerpt()["7"].authors == ("Unknown",)


def test_tags_may_use_the_numbers_of_goodreads(tmp_path: Path) -> None:
    for name in ("books.csv", "tags.csv"):
        (tmp_path / name).write_bytes((EXCERPT / name).read_bytes())
    (tmp_path / "book_tags.csv").write_text("goodreads_book_id,tag_id,count\n102,11,30\n")
    subjects = {record.key: record.subjects for record in read_goodbooks(tmp_path).records}
    assert subjects["2"] == (("mystery", 30),)
    assert subjects["1"] == ()


def test_bytes_that_are_not_utf8_cost_one_row(tmp_path: Path) -> None:
    (tmp_path / "books.csv").write_bytes("book_id,title,authors\n1,Café,A B\n2,".encode() + b"Caf\xe9,A B\n3,Tea,A B\n")
    reading = read_goodbooks(tmp_path)
    assert [record.title for record in reading.records] == ["Café", "Tea"]
    assert [(problem.line, problem.book) for problem in reading.problems] == [(3, "2")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("other.csv", b"", "no books.csv"),
        ("books.csv", b"", "no column"),
        ("books.csv", b"title,authors\n", "no column “book_id”"),
        ("books.csv.gz", b"this is not gzip", "books.csv.gz cannot be read"),
        ("books.csv", b"book_id,title,authors\n1," + b"x" * 200_000 + b",A B\n", "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=words):
        read_goodbooks(tmp_path)


@given(
    st.dictionaries(st.sampled_from(["book_id", "title", "authors", "isbn", "average_rating"]), st.text(max_size=80))
)
def test_any_row_becomes_a_record_or_a_problem(values: dict[str, str]) -> None:
    row = {"book_id": "1", "title": "A title", "authors": "An author"} | values
    reading = read_books([(2, row)], {}, "books.csv")
    assert reading.records or reading.problems
    for problem in reading.problems:
        assert f"{problem.book}{problem.reason}".isprintable()
