"""What Open Library's personal exports tell, all five of them."""

import pytest

from bookapp.imports.formats import openlibrary_personal
from bookapp.imports.formats.values import Unreadable
from tests.imports.full_rows import OPEN_LIBRARY

LOG, OLD_LOG, RATING, NOTE, MOOD, PACE, JARGON, LIST = OPEN_LIBRARY
read = openlibrary_personal.read


def test_the_reading_log_tells_book_shelf_and_stars() -> None:
    row = read(LOG)
    assert (row.key, row.book.title, row.book.year) == ("OL59800W", "The Left Hand of Darkness", 1969)
    assert row.book.authors == ("Ursula K. Le Guin", "David Mitchell")
    assert (row.entry.state, row.entry.quarters, row.book.subjects) == ("read", 20, ("Science fiction", "Gender"))
    assert set(row.entry.detail.more) == {"Edition ID", "Subject People", "Subject Places", "Subject Times"}


@pytest.mark.parametrize(
    ("shelf", "state"),
    [
        ("Want to Read", "want"),
        ("Currently Reading", "reading"),
        ("Already Read", "read"),
        ("Stopped Reading", "stopped"),
    ],
)
def test_every_shelf_of_the_old_log_is_known_though_it_names_no_book(shelf: str, state: str) -> None:
    row = read(OLD_LOG | {"Bookshelf": shelf})
    assert (row.key, row.book.title, row.entry.state) == ("OL361393W", "", state)


def test_a_rating_has_its_date() -> None:
    row = read(RATING)
    assert (row.entry.quarters, row.book.authors) == (16, ("Terry Pratchett", "Neil Gaiman"))
    assert row.entry.rated_at is not None
    assert row.entry.rated_at.isoformat() == "2023-05-01T10:11:12+00:00"


def test_a_note_is_the_note() -> None:
    assert read(NOTE).entry.note == "Lent to Bob"


def test_answers_about_mood_and_pace_have_their_places_and_the_others_are_kept() -> None:
    assert read(MOOD).entry.detail.moods == ("Dark",)
    assert read(PACE).entry.detail.pace == "slow"
    assert "Jargon: Some" in read(JARGON).entry.detail.more
    assert "Pace: Meandering" in read(PACE | {"Review Value": "Meandering"}).entry.detail.more


def test_a_list_is_a_shelf() -> None:
    row = read(LIST)
    assert (row.key, row.entry.shelves) == ("OL59800W", ("Book club",))
    assert row.entry.detail.more["List Description"] == "What we read"
    assert read(LIST | {"Entry": "/books/OL7798182M"}).key == "OL7798182M"


@pytest.mark.parametrize("entry", ["/authors/OL23919A", "/subjects/love"])
def test_an_author_on_a_list_is_no_book(entry: str) -> None:
    with pytest.raises(Unreadable, match="no book"):
        read(LIST | {"Entry": entry})


def test_a_row_without_any_number_says_so() -> None:
    with pytest.raises(Unreadable, match="no number"):
        read(OLD_LOG | {"Work Id": "", "Edition Id": ""})
