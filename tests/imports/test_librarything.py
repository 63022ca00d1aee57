"""What LibraryThing's files tell, tab-separated or as JSON."""

import pytest

from bookapp.imports.formats import librarything, librarything_json
from bookapp.imports.formats.values import Unreadable
from bookapp.imports.told import RowTold
from tests.imports.full_rows import LIBRARYTHING

BARE = {
    "Book Id": "5498194",
    "Title": "Marelle",
    "Primary Author": "Cortazar, Julio",
    "Publication": "Gallimard (1979), Poche",
    "Date": "1979",
    "Rating": "4.5",
    "Page Count": "590 ",
    "Date Started": "",
    "Date Read": "",
    "Collections": "Your library",
    "ISBN": "[2070291340]",
    "ISBNs": "2070291340, 9782070291342",
    "Copies": "1",
    "Entry Date": "[2006-08-09]",
}


def told(**cells: str) -> RowTold:
    return librarything.read(BARE | {name.replace("_", " "): text for name, text in cells.items()})


def test_alice_finds_her_book_with_its_author_the_right_way_round() -> None:
    row = told()
    assert (row.key, row.book.title, row.book.authors) == ("5498194", "Marelle", ("Julio Cortazar",))
    assert (row.book.isbns, row.book.publisher, row.book.edition_year) == (("9782070291342",), "Gallimard", 1979)
    assert (row.book.pages, row.entry.quarters) == (590, 18)
    assert row.entry.added_at is not None
    assert row.entry.added_at.date().isoformat() == "2006-08-09"
    assert row.remarks == ()


def test_others_than_the_author_keep_what_they_did() -> None:
    row = librarything.read(LIBRARYTHING)
    assert row.book.authors == ("Ursula K. Le Guin",)
    assert row.book.contributors == (("David Mitchell", "Introduction"), ("Ted Chiang", "Afterword"))
    assert told(Secondary_Author="Silver, Carol", Secondary_Author_Roles="").book.authors[1] == "Carol Silver"


@pytest.mark.parametrize(
    ("collections", "state", "owned", "shelves"),
    [
        ("Your library", None, True, ()),
        ("Your library, Currently reading", "reading", True, ()),
        ("Your library|To read", "want", True, ()),
        ("Wishlist", "want", False, ("Wishlist",)),
        ("Read but unowned", "read", False, ()),
        ("Your library,Holiday,Kitchen", None, True, ("Holiday", "Kitchen")),
    ],
)
def test_a_collection_is_a_shelf_or_one_of_the_four_or_says_that_one_owns_it(
    collections: str, state: str | None, owned: bool, shelves: tuple[str, ...]
) -> None:
    entry = told(Collections=collections).entry
    assert (entry.state, entry.is_owned, entry.shelves) == (state, owned, shelves)


def test_an_old_file_without_collections_holds_what_one_owns() -> None:
    assert librarything.read({n: t for n, t in BARE.items() if n != "Collections"}).entry.is_owned


def test_each_pair_of_dates_is_a_reading_as_exactly_as_it_is_known() -> None:
    row = librarything.read(LIBRARYTHING)
    dates = [(r.started.iso, r.finished.iso, r.outcome) for r in row.entry.readings if r.started and r.finished]
    assert dates == [("2024-01-02", "2024-01-20", "finished"), ("2026-01", "2026-02", "finished")]
    assert row.entry.state == "read"
    begun = told(Date_Started="[2026-01-03]")
    assert (begun.entry.state, begun.entry.readings[0].outcome) == ("reading", "reading")


def test_a_date_that_is_none_costs_neither_the_row_nor_the_words() -> None:
    row = told(Date_Read="last summer")
    assert row.entry.readings == ()
    assert row.entry.detail.more["Date Read"] == "last summer"
    assert any("Date Read" in remark for remark in row.remarks)


def test_an_end_before_the_beginning_leaves_the_end() -> None:
    row = told(Date_Started="[2024-05-02]", Date_Read="[2024-05-01]")
    assert row.entry.readings[0].started is None
    assert len(row.remarks) == 1
    assert row.entry.detail.more["Date Started"] == "[2024-05-02]"


def test_both_comments_are_the_note_and_line_ends_come_back() -> None:
    row = librarything.read(LIBRARYTHING)
    assert row.entry.note == "Keep in the study\n\nSigned copy"
    assert row.entry.review is not None
    assert row.entry.review.text == "A marvel.\nTwice."


def test_what_it_makes_by_itself_is_no_remark() -> None:
    row = told(Summary="Marelle by Julio Cortázar (1979)", Sort_Character="1", Publication="Gallimard (1979)")
    assert row.entry.detail.more == {}


def test_a_row_without_a_title_says_so() -> None:
    with pytest.raises(Unreadable, match="no title"):
        told(Title=" ")


JSON = {
    "67202782": {
        "books_id": "67202782",
        "title": "The Left Hand of Darkness",
        "sortcharacter": 5,
        "primaryauthor": "Le Guin, Ursula K.",
        "authors": [
            {"lf": "Le Guin, Ursula K.", "fl": "Ursula K. Le Guin", "role": "Author"},
            {"lf": "Mitchell, David", "fl": "David Mitchell", "role": "Introduction"},
        ],
        "publication": "Ace Books (2000), 304 pages",
        "date": "2000",
        "isbn": {"0": "0441478123", "2": "9780441478125"},
        "originalisbn": "0441478123",
        "rating": 4.5,
        "language": ["English"],
        "language_codeA": ["eng"],
        "subject": [["Science fiction", "History"], ["Gender"]],
        "genre": ["Fiction"],
        "series": ["Hainish Cycle (4)"],
        "format": [{"code": "1.1.1", "text": "Paperback"}],
        "collections": ["Your library", "Lent, sometimes"],
        "tags": ["sf", "hainish"],
        "datestarted": "2026-01-02",
        "dateread": "2026-01-20",
        "entrydate": "2010-11-27",
        "ddc": {"code": ["813.54"], "wording": ["Literature", "American"]},
        "lcc": {"code": "PZ4.L518"},
        "awards": ["Hugo", "Nebula"],
        "public": "true",
        "copies": 2,
    },
    "1": {"books_id": "1", "title": "Emma", "primaryauthor": "Austen, Jane"},
}


def test_its_json_tells_the_same_as_its_table() -> None:
    assert librarything_json.is_books(JSON)
    first, second = (librarything.read(row) for row in librarything_json.json_rows(JSON.items()))
    assert (first.key, first.book.authors, first.book.isbns) == ("67202782", ("Ursula K. Le Guin",), ("9780441478125",))
    assert first.book.contributors == (("David Mitchell", "Introduction"),)
    assert first.book.subjects == ("Science fiction > History", "Gender", "Fiction")
    assert (first.book.series, first.book.series_position, first.book.language) == ("Hainish Cycle", "4", "en")
    assert (first.entry.tags, first.entry.shelves, first.entry.is_owned) == (
        ("sf", "hainish"),
        ("Lent, sometimes",),
        True,
    )
    assert (first.entry.detail.copies, first.entry.detail.format) == (2, "paperback")
    assert [r.finished.iso for r in first.entry.readings if r.finished] == ["2026-01-20"]
    assert first.entry.detail.more["awards"] == "Hugo|Nebula"
    assert (second.key, second.book.title, second.book.authors) == ("1", "Emma", ("Jane Austen",))


@pytest.mark.parametrize("data", [{}, [], {"a": 1}, {"a": {"title": "x"}}, "text", None])
def test_other_json_is_not_taken_for_it(data: object) -> None:
    assert not librarything_json.is_books(data)
