"""What Openreads' export tells."""

import pytest

from bookapp.imports.formats import openreads
from bookapp.imports.formats.values import Unreadable
from bookapp.imports.told import RowTold

BARE = {
    "title": "Permanent Record",
    "subtitle": "",
    "author": "Edward Snowden",
    "description": "",
    "status": "finished",
    "favourite": "false",
    "deleted": "false",
    "rating": "4.5",
    "pages": "",
    "publication_year": "2019",
    "isbn": "9781529035650",
    "tags": "",
    "my_review": "",
    "notes": "",
    "book_format": "hardcover",
    "readings": "2023-10-27T00:00:00.000|2023-11-28T00:00:00.000|",
    "date_added": "2024-03-01T13:01:12.938",
}


def told(**cells: str) -> RowTold:
    return openreads.read(BARE | cells)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("finished", "read"),
        ("in_progress", "reading"),
        ("planned", "want"),
        ("for_later", "want"),
        ("abandoned", "stopped"),
        ("unfinished", "stopped"),
        ("unknown", None),
    ],
)
def test_every_status_has_its_shelf(status: str, state: str | None) -> None:
    row = told(status=status, readings="")
    assert (row.entry.state, row.entry.detail.more) == (state, {})


@pytest.mark.parametrize(
    ("rating", "quarters"), [("5", 20), ("4.5", 18), ("0.5", 2), ("45", 18), ("50", 20), ("0", None)]
)
def test_stars_are_stars_also_where_the_app_counts_tenths(rating: str, quarters: int | None) -> None:
    assert told(rating=rating).entry.quarters == quarters


def test_what_lies_in_the_bin_is_left_out_and_said() -> None:
    with pytest.raises(Unreadable, match="bin"):
        told(deleted="true")


def test_each_reading_comes_back_and_how_long_it_took() -> None:
    row = told(readings="2023-10-27T00:00:00.000|2023-11-28T00:00:00.000|5400000;|2024-12-10T00:00:00.000|")
    first, second = row.entry.readings
    assert first.started is not None
    assert second.finished is not None
    assert (first.started.iso, first.note) == ("2023-10-27", "1 h 30 min of reading")
    assert (second.started, second.finished.iso, second.outcome) == (None, "2024-12-10", "finished")


def test_the_last_reading_ends_as_the_book_says() -> None:
    twice = "2020-01-01T00:00:00.000|2020-02-01T00:00:00.000|;2024-01-01T00:00:00.000|2024-02-01T00:00:00.000|"
    assert [r.outcome for r in told(status="abandoned", readings=twice).entry.readings] == ["finished", "stopped"]
    [begun] = told(status="in_progress", readings="2024-01-01T00:00:00.000||").entry.readings
    assert begun.outcome == "reading"


def test_tags_stand_between_five_bars() -> None:
    assert told(tags="1|||||Solarpunk|||||to lend, perhaps").entry.tags == ("1", "Solarpunk", "to lend perhaps")


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ("Smith, Mark", ("Mark Smith",)),
        ("Terry Pratchett, Neil Gaiman", ("Terry Pratchett", "Neil Gaiman")),
        ("Terry Pratchett & Neil Gaiman", ("Terry Pratchett", "Neil Gaiman")),
        ("Alina Leonova", ("Alina Leonova",)),
        ("", ()),
    ],
)
def test_authors_are_told_apart_as_people_type_them(author: str, authors: tuple[str, ...]) -> None:
    assert told(author=author).book.authors == authors
