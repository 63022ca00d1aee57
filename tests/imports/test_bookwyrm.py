"""What BookWyrm's export tells, in both forms."""

import pytest

from bookapp.imports.formats import bookwyrm
from bookapp.imports.told import RowTold

BARE = {
    "title": "Gideon the Ninth (The Locked Tomb #1)",
    "author_text": "Tamsyn Muir",
    "remote_id": "https://example.org/book/2",
    "isbn_10": "1250313198",
    "isbn_13": "9781250313195",
    "start_date": "2020-10-21",
    "finish_date": "2020-10-25",
    "stopped_date": "",
    "rating": "3",
    "review_name": "",
    "review_cw": "",
    "review_content": "",
    "review_published": "",
    "shelf": "read",
    "shelf_name": "Gelesen",
    "shelf_date": "2020-10-21",
}


def told(**cells: str) -> RowTold:
    return bookwyrm.read(BARE | cells)


def test_alice_finds_her_book_its_series_and_when_she_read_it() -> None:
    row = told()
    assert (row.book.title, row.book.series, row.book.series_position) == ("Gideon the Ninth", "The Locked Tomb", "1")
    assert (row.entry.state, row.entry.quarters, row.entry.shelves) == ("read", 12, ())
    [reading] = row.entry.readings
    assert reading.started is not None
    assert reading.finished is not None
    assert (reading.started.iso, reading.finished.iso, reading.outcome) == ("2020-10-21", "2020-10-25", "finished")
    assert row.entry.detail.more == {}


@pytest.mark.parametrize(
    ("shelf", "state"),
    [("to-read", "want"), ("reading", "reading"), ("read", "read"), ("stopped-reading", "stopped")],
)
def test_the_four_shelves_are_known_in_every_language_and_moving_between_them_is_the_same_row(
    shelf: str, state: str
) -> None:
    row = told(shelf=shelf, start_date="", finish_date="")
    assert (row.entry.state, row.key) == (state, told().key)


def test_a_shelf_of_ones_own_is_one_here_and_a_row_of_its_own() -> None:
    row = told(shelf="cooking-9", shelf_name="Cooking", start_date="2019-07-08", finish_date="")
    assert (row.entry.shelves, row.entry.state) == (("Cooking",), "reading")
    assert row.key != told().key
    assert told(shelf="cooking-9", shelf_name="Cooking").entry.state == "read"
    assert told(shelf="cooking-9", shelf_name="Cooking", start_date="", finish_date="").entry.state is None


def test_a_review_has_its_name_and_a_warning_hides_it() -> None:
    row = told(
        review_name="Bones", review_cw="Spoilers for all", review_content="All *dead*.", review_published="2022-11-10"
    )
    review = row.entry.review
    assert review is not None
    assert review.text == "**Bones**\n\nAll *dead*."
    assert review.is_spoiler
    assert review.written_at is not None
    assert row.entry.detail.warning_note == "Spoilers for all"
    assert told(review_content="<p>All <i>dead</i>.</p>").entry.review.text == "All *dead*."  # type: ignore[union-attr]


def test_who_stopped_did_not_finish() -> None:
    [reading] = told(shelf="stopped-reading", finish_date="", stopped_date="2020-10-24").entry.readings
    assert reading.outcome == "stopped"


def test_a_rating_of_nothing_is_none() -> None:
    assert (told(rating="0").entry.quarters, told(rating="0").remarks) == (None, ())


def test_a_wrong_isbn_beside_a_right_one_is_kept_in_silence() -> None:
    row = told(isbn_10="123456789X", isbn_13="9781250313195")
    assert (row.book.isbns, row.remarks) == (("9781250313195", "9781234567897"), ())
    row = told(isbn_10="", isbn_13="9781234567890")
    assert (row.book.isbns, row.entry.detail.more["isbn_13"], len(row.remarks)) == ((), "9781234567890", 1)
