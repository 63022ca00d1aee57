"""What Hardcover's export tells."""

import pytest

from bookapp.circles.visibility import ME
from bookapp.imports.formats import hardcover
from bookapp.imports.told import RowTold
from tests.imports.full_rows import HARDCOVER

BARE = {
    "Title": "Burning Chrome",
    "Author": "William Gibson",
    "Series": "Sprawl (#0.0)",
    "Status": "Want to Read",
    "Privacy": "Public",
    "Hardcover Book ID": "2440",
    "ISBN 10": "",
    "ISBN 13": "",
    "Media": "Audio",
    "Date Added": "2025-01-10",
    "Review Contains Spoilers": "false",
    "Sponsored Review": "false",
    "Owned": "false",
    "Compilation": "No",
    "Review Slate": '{"document"=>{"children"=>[{"text"=>"", "object"=>"text"}]}}',
}


def told(**cells: str) -> RowTold:
    return hardcover.read(BARE | {name.replace("_", " "): text for name, text in cells.items()})


def test_alice_finds_her_book_and_nothing_that_only_says_no() -> None:
    row = told()
    assert (row.key, row.book.title, row.book.authors, row.entry.state) == (
        "2440", "Burning Chrome", ("William Gibson",), "want",
    )  # fmt: skip
    assert (row.book.series, row.book.series_position) == ("Sprawl", None)
    assert (row.entry.detail.more, row.remarks, row.entry.is_owned, row.entry.visibility) == ({}, (), False, None)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Currently Reading", "reading"),
        ("Read", "read"),
        ("Did Not Finish", "stopped"),
        ("Stopped", "stopped"),
        ("Paused", "reading"),
        ("Ignored", None),
    ],
)
def test_every_status_has_its_shelf_or_is_kept(status: str, state: str | None) -> None:
    row = told(Status=status)
    assert row.entry.state == state
    assert ("Status" in row.entry.detail.more) == (status in ("Paused", "Ignored"))


def test_people_in_one_line_keep_their_roles() -> None:
    row = told(Author="Helena Fraga (Translator), Sammy Davis, Jr. (Narrator), Dan Simmons, Ann Author (Author)")
    assert row.book.authors == ("Dan Simmons", "Ann Author")
    assert row.book.contributors == (("Helena Fraga", "Translator"), ("Sammy Davis Jr.", "Narrator"))


def test_a_list_is_a_shelf_without_its_place_in_it() -> None:
    row = told(Lists="Owned, Shelved By Genre Reading List (#19)")
    assert row.entry.shelves == ("Shelved By Genre Reading List",)
    assert row.entry.is_owned
    assert "(#19)" in row.entry.detail.more["Lists"]


@pytest.mark.parametrize("privacy", ["Private", "Friends Only"])
def test_what_was_not_public_there_is_for_alice_alone(privacy: str) -> None:
    assert told(Privacy=privacy).entry.visibility == ME


def test_a_review_in_html_is_markdown_with_its_date_and_its_warning() -> None:
    review = hardcover.read(HARDCOVER).entry.review
    assert review is not None
    assert review.text == "The *priest's* tale."
    assert review.is_spoiler
    assert review.written_at is not None
    assert review.written_at.isoformat() == "2025-01-15T13:56:57+00:00"


def test_who_stopped_did_not_finish() -> None:
    [reading] = told(Status="Did Not Finish", Date_Started="2024-01-01", Date_Finished="2024-02-01").entry.readings
    assert reading.outcome == "stopped"
    assert reading.finished is not None
    assert reading.finished.iso == "2024-02-01"


@pytest.mark.parametrize(("cell", "text"), [("Rating", "9 hearts"), ("Pages", "many"), ("Date Added", "soon")])
def test_a_cell_that_is_none_is_kept_and_said(cell: str, text: str) -> None:
    row = hardcover.read(BARE | {cell: text})
    assert row.entry.detail.more[cell] == text
    assert [remark.startswith(cell) for remark in row.remarks] == [True]
