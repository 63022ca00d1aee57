"""What a reader types, and what is found."""

import pytest
from sqlalchemy import event, select

from bookapp.core.db import Database
from bookapp.search import queries
from bookapp.search.documents import Document
from bookapp.search.models import SearchDocument
from bookapp.search.queries import next_window, understand, window
from tests.search.finding import fill, ids_of, meant, ranked
from tests.search.shelf import IDS, SHELF


@pytest.fixture
async def shelf(db: Database) -> Database:
    await fill(db, SHELF)
    return db


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("harr pot", "Harry Potter and the Philosopher's Stone"),
        ("HARRY  potter", "Harry Potter and the Philosopher's Stone"),
        ("garcia marquez", "Cien años de soledad"),
        ("años", "Cien años de soledad"),
        ("tolkien two", "The Two Towers"),
        ("братья", "Братья Карамазовы"),
        ("森", "ノルウェイの森"),
        ("刘慈", "三体"),
        ("furst", "Der Fürst"),
        ("1984", "Nineteen Eighty-Four"),
        ("1e5", "三体"),
        ("5e3", "三体"),
        ("c3p", "三体"),
        ("4you", "三体"),
        ("snake_case", "三体"),
        ("1.2.3", "三体"),
    ],
)
async def test_a_reader_finds_a_book_by_beginnings_of_words(shelf: Database, typed: str, title: str) -> None:
    understood = await meant(shelf, typed)
    assert (understood.searched_for, understood.did_you_mean) == (understood.asked, None)
    assert (await ids_of(shelf, typed))[0] == IDS[title]


@pytest.mark.parametrize(
    ("typed", "read", "title"),
    [
        ("tolkein", "tolkien", "The Hobbit"),
        ("harry poter", "harry potter", "Harry Potter and the Philosopher's Stone"),
        ("hary poter", "harry potter", "Harry Potter and the Philosopher's Stone"),
        ("dostoyevski", "dostoyevsky", "Братья Карамазовы"),
        ("nietsche", "nietzsche", "Also sprach Zarathustra"),
        ("shakspere", "shakespeare", "Hamlet"),
        ("rowlling", "rowling", "Harry Potter and the Philosopher's Stone"),
        ("orwel 1984", "orwel 1984", "Nineteen Eighty-Four"),
        ("orwall 1984", "orwell 1984", "Nineteen Eighty-Four"),
        ("nabakav", "nabokov", "Lolita"),
        ("harrypotter", "harry potter", "Harry Potter and the Philosopher's Stone"),
        ("starwars", "star wars", "Star Wars"),
        ("war breaker", "warbreaker", "Warbreaker"),
    ],
)
async def test_a_misspelt_query_finds_what_was_meant(shelf: Database, typed: str, read: str, title: str) -> None:
    assert (await meant(shelf, typed)).searched_for == read
    assert (await ids_of(shelf, typed))[0] == IDS[title]


async def test_a_rare_spelling_is_kept_but_a_more_frequent_one_is_offered(shelf: Database) -> None:
    await fill(shelf, [Document(100, "Tales of Harri", "Somebody", "")])
    understood = await meant(shelf, "harri")
    assert (understood.words, understood.searched_for, understood.did_you_mean) == ((("harri",),), "harri", "harry")
    assert await ids_of(shelf, "harri") == [100]


@pytest.mark.parametrize("blank", ["", "  ", "\n\t", "\0"])
async def test_nothing_typed_is_no_search(shelf: Database, blank: str) -> None:
    async with shelf.reading() as session:
        assert await understand(session, blank) is None


@pytest.mark.parametrize("typed", ["!!!", '"', "*", "-", "🐉", "zzzzzz", "NEAR(", "harry qqqqqq"])
async def test_what_nobody_has_finds_nothing(shelf: Database, typed: str) -> None:
    assert await ids_of(shelf, typed) == []


async def test_better_fits_come_first(db: Database) -> None:
    in_order = [
        ("Emma", "Jane Austen", ""),
        ("The Emma", "Nobody", ""),
        ("Emma and I", "Nobody", ""),
        ("My Emma", "Nobody", ""),
        ("A Life", "Emma Smith", ""),
        ("Emmaus", "Nobody", ""),
        ("To Emmaus", "Nobody", ""),
        ("Ways", "Emmanuel Nobody", ""),
        ("Letters", "Nobody", "emma"),
        ("Diaries", "Nobody", "emmaus"),
    ]
    await fill(db, [Document(100 - place, *fields) for place, fields in enumerate(in_order)])
    assert await ids_of(db, "emma") == [100 - place for place in range(len(in_order))]


async def test_what_was_typed_comes_before_what_it_is_corrected_to(db: Database) -> None:
    await fill(
        db, [Document(1, "Potter Hary", "", ""), Document(2, "Porter Hary", "", ""), Document(3, "Poter", "", "")]
    )
    understood = await meant(db, "hary poter")
    async with db.reading() as session:
        rows = await ranked(session, understood)
    assert understood.words[0][0] == "hary"
    assert [row.id for row in rows] == [1, 2]


async def test_windows_show_every_match_once_and_the_whole_title_in_the_first(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 7)
    await fill(db, [Document(number * 600, f"War {number}", "", "") for number in range(1, 41)])
    await fill(db, [Document(30_000, "War", "", ""), Document(30_001, "The War", "", "")])
    windows = []
    async with db.reading() as session:
        understood = await understand(session, "war")
        assert understood is not None
        after: int | None = 0
        while after is not None:
            windows.append([row.id for row in await ranked(session, understood, after=after)])
            after = await session.scalar(next_window(window(db.dialect, understood, after=after)))
    assert windows[0] == [30_000, 30_001, *(number * 600 for number in range(1, 8))]
    assert [id_ for part in windows for id_ in part][2:] == [number * 600 for number in range(1, 41)]


@pytest.mark.parametrize("listed", [0, 10_000])
async def test_a_filter_narrows_the_matches(shelf: Database, monkeypatch: pytest.MonkeyPatch, listed: int) -> None:
    monkeypatch.setattr(queries, "_MOST_LISTED", listed)
    only = select(SearchDocument.id).where(SearchDocument.names.like("% rowling %"))
    assert await ids_of(shelf, "the", only) == [
        IDS[d.title] for d in SHELF if "Rowling" in d.names and "the" in d.title
    ]
    assert await ids_of(shelf, "emma", only) == []
    emma = select(SearchDocument.id).where(SearchDocument.id == IDS["Emma"])
    assert await ids_of(shelf, "emma", emma) == [IDS["Emma"]]


@pytest.mark.parametrize("typed", ["harry", "hary poter", "harrypotter", "qqqqqq wwwwww", "a " * 500])
async def test_understanding_takes_at_most_four_statements(shelf: Database, typed: str) -> None:
    sent: list[str] = []
    engine = shelf._reader.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    await meant(shelf, typed)
    event.remove(engine, "before_cursor_execute", note)
    assert len(sent) <= 4
