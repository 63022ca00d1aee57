"""Shelves as tables of other places: the right columns, nothing that a spreadsheet runs, and readable again."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.imports.formats import goodreads as read_goodreads
from bookapp.imports.formats import storygraph as read_storygraph
from bookapp.imports.told import RowTold
from bookapp.shelves.bulk_actions import put_entries
from bookapp.shelves.reading_rules import typed_when
from bookapp.shelves.told import DetailTold, EntryTold, Put, ReadingTold, ReviewTold
from bookapp.transfer import goodreads, shelf_tables, storygraph
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book
from tests.people import a_person, as_person

ADDED = datetime(2024, 1, 31, 23, 30, tzinfo=UTC)
EVERYTHING = EntryTold(
    state="read",
    quarters=17,
    shelves=("Sea, and land", "-minus"),
    tags=("love", "=sum(a1)"),
    note="+1 for the ending",
    is_owned=True,
    added_at=ADDED,
    review=ReviewTold(text="*Good*, **very**.\n\nShe >!marries him!<.\n\n> quoted\n\n- one\n- two", is_spoiler=True),
    readings=(
        ReadingTold(outcome="finished", started=typed_when("2019-12-30"), finished=typed_when("2020-01-02")),
        ReadingTold(outcome="finished", finished=typed_when("2024-05")),
        ReadingTold(outcome="finished", started=typed_when("2022"), finished=typed_when("2023")),
    ),
    detail=DetailTold(
        moods=("dark", "=funny"),
        pace="fast",
        traits={"drive": "plot", "development": "complicated", "flawed": "no"},
        warnings=(("graphic", "Death"), ("graphic", "Grief"), ("minor", "War"), ("", "Snakes")),
        warning_note="@home",
        format="audio",
        copies=2,
    ),
)


async def _table(pieces: Any) -> list[dict[str, str]]:
    text = b"".join([piece async for piece in pieces]).decode()
    assert "\r" not in text
    return list(csv.DictReader(io.StringIO(text), strict=True))


async def _put(db: Database, actor: Actor, **told: EntryTold) -> None:
    async with db.writing() as session:
        await put_entries(
            session, actor, [Put(book_id=int(name.removeprefix("book")), told=one) for name, one in told.items()]
        )


@pytest.fixture
async def alice(db: Database) -> Actor:
    return await a_person(db, zone="Europe/Berlin")


async def _emma(db: Database) -> int:
    return await a_book(
        db,
        title="=Emma",
        isbn="9780141439587",
        year=1815,
        pages=474,
        series="Novels of Jane Austen",
        series_position="4",
    )


async def test_goodreads_columns_are_those_of_goodreads(db: Database, alice: Actor) -> None:
    assert goodreads.COLUMNS == read_goodreads.SAMPLE_COLUMNS
    await _put(db, alice, **{f"book{await _emma(db)}": EVERYTHING})
    (row,) = await _table(goodreads.pieces(db, alice))
    assert tuple(row) == goodreads.COLUMNS
    told = {
        "Title": "'=Emma (Novels of Jane Austen, #4)",
        "Author": "Jane Austen",
        "Author l-f": "Austen, Jane",
        "ISBN": '="0141439580"',
        "ISBN13": '="9780141439587"',
        "My Rating": "4",
        "Number of Pages": "474",
        "Original Publication Year": "1815",
        "Binding": "Audiobook",
        "Date Read": "2024/05",
        "Date Added": "2024/02/01",  # it was past midnight where she is
        "Bookshelves": "'-minus, Sea and land, =sum(a1), love",
        "Exclusive Shelf": "read",
        "My Review": "<i>Good</i>, <b>very</b>.<br/><br/>She <spoiler>marries him</spoiler>."
        "<blockquote>quoted</blockquote><ul><li>one</li><li>two</li></ul>",
        "Spoiler": "true",
        "Private Notes": "'+1 for the ending",
        "Read Count": "3",
        "Owned Copies": "2",
    }
    assert {name: row[name] for name in told} == told


async def test_storygraph_columns_are_those_of_storygraph(db: Database, alice: Actor) -> None:
    assert storygraph.COLUMNS == read_storygraph.SAMPLE_COLUMNS
    await _put(db, alice, **{f"book{await _emma(db)}": EVERYTHING})
    (row,) = await _table(storygraph.pieces(db, alice))
    told = {
        "Title": "'=Emma",
        "ISBN/UID": "9780141439587",
        "Format": "audio",
        "Read Status": "read",
        "Last Date Read": "2024/05",
        "Dates Read": "2019/12/30-2020/01/02, 2024/05, 2022-2023",
        "Read Count": "3",
        "Moods": "dark, =funny",
        "Pace": "fast",
        "Character- or Plot-Driven?": "Plot",
        "Strong Character Development?": "It's complicated",
        "Loveable Characters?": "",
        "Flawed Characters?": "No",
        "Star Rating": "4.25",
        "Content Warnings": "Graphic: Death, Grief; Minor: War; Snakes",
        "Content Warning Description": "'@home",
        "Owned?": "Yes",
    }
    assert {name: row[name] for name in told} == told


async def test_both_are_read_again_without_loss_of_what_they_can_hold(db: Database, alice: Actor) -> None:
    await _put(db, alice, **{f"book{await _emma(db)}": EVERYTHING})
    (line,) = await _table(storygraph.pieces(db, alice))
    told: RowTold = read_storygraph.read(line)
    assert told.remarks == ()
    assert (told.book.title, told.book.isbns) == ("=Emma", ("9780141439587",))
    entry = told.entry
    assert (entry.state, entry.quarters, entry.is_owned) == ("read", 17, True)
    assert set(entry.readings) == set(EVERYTHING.readings)
    kept, want = entry.detail, EVERYTHING.detail
    assert (set(kept.moods), kept.pace, kept.traits) == (set(want.moods), want.pace, want.traits)
    assert (set(kept.warnings), kept.warning_note, kept.format) == (set(want.warnings), want.warning_note, "audio")
    assert set(entry.tags) == {"love", "=sum(a1)", "Sea and land", "-minus"}
    assert entry.review is not None
    assert entry.review.text == EVERYTHING.review.text  # type: ignore[union-attr]

    (line,) = await _table(goodreads.pieces(db, alice))
    told = read_goodreads.read(line)
    assert told.remarks == ()
    assert (told.book.title, told.book.series, told.book.series_position) == ("=Emma", "Novels of Jane Austen", "4")
    assert (told.book.isbns, told.book.year, told.book.pages) == (("9780141439587",), 1815, 474)
    entry = told.entry
    assert (entry.state, entry.quarters, entry.note) == ("read", 16, "+1 for the ending")
    assert set(entry.shelves) == {"love", "=sum(a1)", "Sea and land", "-minus"}
    assert [one.finished.iso if one.finished else None for one in entry.readings].count("2024-05") == 1
    assert len(entry.readings) == 3
    assert entry.review == ReviewTold(
        text=EVERYTHING.review.text,  # type: ignore[union-attr]
        is_spoiler=True,
        written_at=entry.review.written_at if entry.review else None,
    )


@pytest.mark.parametrize(
    ("state", "shelf"),
    [("want", "to-read"), ("reading", "currently-reading"), ("read", "read"), ("stopped", "did-not-finish")],
)
async def test_each_shelf_has_its_word(db: Database, alice: Actor, state: Any, shelf: str) -> None:
    await _put(db, alice, **{f"book{await a_book(db)}": EntryTold(state=state, added_at=ADDED)})
    for make, column, read in (
        (goodreads, "Exclusive Shelf", read_goodreads.read),
        (storygraph, "Read Status", read_storygraph.read),
    ):
        (line,) = await _table(make.pieces(db, alice))
        assert line[column] == shelf
        assert read(line).entry.state == state


@pytest.mark.parametrize(
    ("stars", "whole"), [(None, 0), (0.25, 1), (0.75, 1), (2.25, 2), (2.5, 3), (3.5, 4), (4.75, 5), (5.0, 5)]
)
def test_halves_are_rounded_up_and_a_rating_stays_one(stars: float | None, whole: int) -> None:
    assert goodreads.whole_stars(stars) == whole


def test_names_and_numbers_are_spelt_as_there() -> None:
    assert goodreads.last_first("Ursula K. Le Guin") == "Guin, Ursula K. Le"
    assert goodreads.last_first("Martin Luther King Jr.") == "King Jr., Martin Luther"
    assert goodreads.last_first("Plato") == "Plato"
    assert goodreads.isbn10("9780198526636") == "0198526636"
    assert goodreads.isbn10("9782843441219") == "2843441218"
    assert goodreads.isbn10("9780804429573") == "080442957X"
    assert goodreads.isbn10("9791034904105") == goodreads.isbn10(None) == ""


async def test_a_title_keeps_its_own_brackets(db: Database, alice: Actor) -> None:
    book = await a_book(db, title="I Am America (And So Can You!)", series="No Number", series_position="last")
    await _put(db, alice, **{f"book{book}": EntryTold(state="want", added_at=ADDED)})
    (line,) = await _table(goodreads.pieces(db, alice))
    assert line["Title"] == "I Am America (And So Can You!)"


async def test_many_books_take_the_same_statements_each_step(
    db: Database, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_tables, "STEP", 5)
    books = [await a_book(db, title=f"Book {number}") for number in range(20)]
    await _put(db, alice, **{f"book{book}": EVERYTHING for book in books})
    counts: list[int] = []

    def note(*_about: Any) -> None:
        counts[-1] += 1

    engine = db._reader.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    pieces = []
    counts.append(0)
    async for piece in goodreads.pieces(db, alice):
        pieces.append(piece)
        counts.append(0)
    event.remove(engine, "before_cursor_execute", note)
    assert len(list(csv.DictReader(io.StringIO(b"".join(pieces).decode())))) == 20
    assert len(pieces) == 5
    assert max(counts) <= 6
    assert counts[1] == counts[2] == counts[3]


async def test_nobody_gets_what_is_hers(app: Application, db: Database) -> None:
    alice, bob = await as_person(app, "alice"), await as_person(app, "bob")
    await a_book(db)
    await alice.put("/books/1/shelf", json={"state": "read"})
    for path in ("/exports/goodreads.csv", "/exports/storygraph.csv"):
        mine, theirs = await alice.get(path, "page"), await bob.get(path, "page")
        assert "Emma" in mine.text
        assert mine.headers["Cache-Control"] == "private, no-store"
        assert mine.headers["Content-Disposition"].startswith("attachment; filename=")
        assert len(theirs.text.splitlines()) == 1
        assert (await Browser(app).get(path)).status == 401


async def test_the_page_names_each_file_and_each_is_there(app: Application, db: Database) -> None:
    alice = await as_person(app, "alice")
    await a_book(db)
    told = (await alice.get("/exports")).json["exports"]
    page = await alice.get("/exports", "page")
    for one in told:
        assert f'href="{one["url"]}"' in page.text
        assert (await alice.get(one["url"])).status == 200
    assert 'href="/exports"' in (await alice.get("/dashboard", "page")).text
    assert (await Browser(app).get("/exports", "page")).headers["Location"] == "/login?next=%2Fexports"
