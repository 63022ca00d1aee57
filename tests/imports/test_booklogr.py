"""What BookLogr's export tells."""

import json

import pytest

from bookapp.circles.visibility import ME
from bookapp.imports.formats import booklogr
from bookapp.imports.told import RowTold

BARE = {
    "title": "Emma",
    "isbn": "9780141439587",
    "description": "None",
    "reading_status": "Currently reading",
    "current_page": "120",
    "total_pages": "474",
    "author": "Jane Austen",
    "rating": "None",
}


def told(**cells: str) -> RowTold:
    return booklogr.read(BARE | cells)


def test_alice_finds_the_page_she_is_at_and_no_none() -> None:
    row = told()
    [reading] = row.entry.readings
    assert (row.entry.state, reading.outcome, reading.page, row.book.pages) == ("reading", "reading", 120, 474)
    assert (row.book.description, row.entry.quarters, row.entry.detail.more, row.remarks) == (None, None, {}, ())


@pytest.mark.parametrize(
    ("status", "state", "readings"),
    [("Read", "read", 0), ("To be read", "want", 0), ("Did not finish", "stopped", 1)],
)
def test_every_status_has_its_shelf(status: str, state: str, readings: int) -> None:
    row = told(reading_status=status)
    assert (row.entry.state, len(row.entry.readings)) == (state, readings)


def test_a_note_with_a_page_is_a_quote_and_the_others_are_the_note() -> None:
    notes = [
        {"content": "Badly done, Emma", "quote_page": 375, "visibility": "hidden", "created_on": "2024-05-12T10:00:00"},
        {"content": "It is a truth", "quote_page": 1, "visibility": "public"},
        {"content": "Ask Bob", "quote_page": None},
        "And Dora",
    ]
    row = told(notes=json.dumps(notes))
    assert row.entry.note == "Ask Bob\n\nAnd Dora"
    assert [(q.text, q.page, q.visibility) for q in row.entry.quotes] == [
        ("Badly done, Emma", 375, ME),
        ("It is a truth", 1, None),
    ]
    assert row.entry.quotes[0].written_at is not None
    assert "notes" not in row.entry.detail.more


@pytest.mark.parametrize("notes", ['{"content": 1}', "[[1]]", '[{"other": "x"}]'])
def test_notes_in_another_form_are_kept_as_they_are(notes: str) -> None:
    assert told(notes=notes).entry.detail.more["notes"] == notes


def test_notes_that_are_no_json_are_the_note() -> None:
    assert told(notes="Ask [Bob").entry.note == "Ask [Bob"
