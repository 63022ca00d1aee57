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
    split_authors,
    split_title,
    year_of,
)
from bookapp.transfer.tables import Unreadable

EXCERPT = Path(__file__).parent / "goodbooks"


def excerpt() -> dict[str, BookRecord]:
    return {record.key: record for record in read_goodbooks(EXCERPT).records}


@pytest.mark.parametrize(
    ("text", "title", "series", "position"),
    [
        ("Emma", "Emma", None, None),
        ("Angels & Demons  (Robert Langdon, #1)", "Angels & Demons", "Robert Langdon", "1"),
        ("Four (Divergent, #0.1 - 0.4)", "Four", "Divergent", "0.1-0.4"),
        ("His Dark Materials (His Dark Materials #1-3)", "His Dark Materials", "His Dark Materials", "1-3"),
        ("Oresteia  (Ορέστεια, #1–3)", "Oresteia", "Ορέστεια", "1-3"),
        ("Mort (Death, #1; Discworld, #4)", "Mort", "Death", "1"),
        ("Night Play (Dark-Hunter #5, Were-Hunter #1)", "Night Play", "Dark-Hunter", "5"),
        ("Ranma ½, Vol. 1 (Ranma ½ (US 2nd), #1)", "Ranma ½, Vol. 1", "Ranma ½ (US 2nd)", "1"),
        ("Raising Steam (Discworld, #40, Moist von Lipwig #3 )", "Raising Steam", "Discworld", "40"),
        (
            "A Storm of Swords (A Song of Ice and Fire, #3: Part 2 of 2)",
            "A Storm of Swords",
            "A Song of Ice and Fire",
            "3",
        ),
        ("Two Tales (The Selection, #0.5, 2.5)", "Two Tales", "The Selection", "0.5, 2.5"),
        ("Saga (Twilight, #1-4 + 3.5)", "Saga", "Twilight", "1-4, 3.5"),
        ("A Touch (Sookie, #4.1, #4.3, #5.1, #7.1, #8.1)", "A Touch", "Sookie", "4.1, 4.3, 5.1, 7.1"),
        ("Beyond Exile (Day by Day Armageddon,# 2)", "Beyond Exile", "Day by Day Armageddon", "2"),
        ("Deep Kiss (Includes: Immortals, #8; Alien, #3.5)", "Deep Kiss", "Immortals", "8"),
        ("I Am America (And So Can You!)", "I Am America (And So Can You!)", None, None),
        (
            "Ten Things We Did (and Probably Shouldn't Have)",
            "Ten Things We Did (and Probably Shouldn't Have)",
            None,
            None,
        ),
        ("Nancy Drew: #1-64", "Nancy Drew: #1-64", None, None),
        ("(Alone, #1)", "(Alone, #1)", None, None),
        ("Broken) brackets (Here, #1", "Broken) brackets (Here, #1", None, None),
        (")(", ")(", None, None),
        ("", "", None, None),
    ],
)
def test_a_series_in_brackets_leaves_the_title(text: str, title: str, series: str | None, position: str | None) -> None:
    assert split_title(text) == (title, series, position)


@given(st.text(max_size=300))
def test_any_title_can_be_split(text: str) -> None:
    title, series, position = split_title(text)
    assert bool(title) == bool(text.split())
    assert (series is None) == (position is None)
    assert position is None or len(position) <= 20


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30),
    st.text(st.characters(categories=["L"]), min_size=1, max_size=30),
    st.integers(0, 999),
)
def test_what_was_put_into_brackets_comes_out_again(title: str, series: str, number: int) -> None:
    assert split_title(f"{title} ({series}, #{number})") == (title, series, str(number))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("J.R.R. Tolkien, Christopher Tolkien", ("J.R.R. Tolkien", "Christopher Tolkien")),
        ("William Shakespeare, Robert           Jackson", ("William Shakespeare", "Robert Jackson")),
        ("Kurt Vonnegut Jr.", ("Kurt Vonnegut Jr.",)),
        ("Martin Luther King, Jr., Clayborne Carson", ("Martin Luther King Jr.", "Clayborne Carson")),
        ("Louis Sachar, Louis Sachar", ("Louis Sachar",)),
        ("J. R. R. Tolkien, J.R.R. Tolkien", ("J. R. R. Tolkien",)),
        ("Jr., Ann Bee", ("Jr.", "Ann Bee")),
        (" , ,", ()),
        ("", ()),
    ],
)
def test_an_author_line_is_a_list_of_names(text: str, names: tuple[str, ...]) -> None:
    assert split_authors(text) == names


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
