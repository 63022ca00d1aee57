"""Books that are like another: the right ones, for reasons that are true, at the same cost however many there are."""

import pytest

from bookapp.books import actions, similar
from bookapp.books.queries import show_book
from bookapp.books.results import SimilarBook
from bookapp.core.actor import GUEST
from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from tests.books.conftest import Shelf
from tests.clients import Browser
from tests.factories import a_book, a_rating
from tests.house.test_answers import Counter


async def like(db: Database, book_id: int) -> tuple[SimilarBook, ...]:
    async with db.reading() as session:
        return (await similar.show_similar(session, book_id)).books


async def reasons(db: Database, book_id: int) -> dict[str, tuple[str, ...]]:
    return {book.title: book.because for book in await like(db, book_id)}


async def a_library(db: Database) -> int:
    """One book, and others that share more and less with it."""
    le_guin = {"author": "Ursula K. Le Guin"}
    me = await a_book(
        db, title="A Wizard of Earthsea", series="Earthsea", subjects=["fantasy", "magic", "islands"], **le_guin
    )
    await a_book(db, title="The Tombs of Atuan", series="Earthsea", subjects=["fantasy", "magic"], **le_guin)
    await a_book(db, title="The Dispossessed", subjects=["anarchism"], **le_guin)
    await a_book(db, title="The Tempest", author="William Shakespeare", subjects=["magic", "islands", "plays"])
    for number in range(12):
        await a_book(db, title=f"Swords {number}", author=f"Author {number}", subjects=["fantasy", "war"])
    await a_book(db, title="Emma", subjects=["classics"])
    return me


async def test_the_reasons_are_the_true_ones(db: Database) -> None:
    found = await reasons(db, await a_library(db))
    assert found["The Tombs of Atuan"] == (
        "in the same series",
        "also by Ursula K. Le Guin",
        "also about magic and fantasy",
    )
    assert found["The Dispossessed"] == ("also by Ursula K. Le Guin",)
    assert found["The Tempest"] == ("also about islands and magic",)
    assert found["Swords 3"] == ("also about fantasy",)
    assert "Emma" not in found
    assert "A Wizard of Earthsea" not in found


async def test_what_is_rare_says_more_than_what_everything_has(db: Database) -> None:
    me = await a_book(db, title="Me", author="A", subjects=["fantasy", "magic", "islands"])
    common = [await a_book(db, title=f"B{n}", author=f"B{n}", subjects=["fantasy"]) for n in range(9)]
    rare = await a_book(db, title="C", author="C", subjects=["islands"])
    for number in range(3):
        await a_book(db, title=f"D{number}", author=f"D{number}", subjects=["magic"])
    found = [book.id for book in await like(db, me)]
    assert found[0] == rare
    assert found[-9:] == common


async def test_of_two_that_share_the_same_the_better_known_comes_first(db: Database) -> None:
    me = await a_book(db, title="Me", author="A", subjects=["magic"])
    first, second, third = [await a_book(db, title=f"B{n}", author=f"B{n}", subjects=["magic"]) for n in range(3)]
    await a_rating(db, third, 4.0, 500)
    assert [book.id for book in await like(db, me)] == [third, first, second]


async def test_every_reason_on_a_shelf_is_true_and_none_is_missing(shelf: Shelf) -> None:
    db, books = shelf
    facts = {book.id: book for book in books}
    for me in books:
        for other in await like(db, me.id):
            theirs = facts[other.id]
            told = " / ".join(other.because)
            assert ("also by" in told) == (me.author == theirs.author)
            about = told.partition("also about ")[2].replace(" and ", ", ").split(", ")
            assert {name for name in about if name} == set(me.subjects) & set(theirs.subjects)
            assert other.because


async def test_both_databases_find_the_same_books_similar(sqlite_shelf: Shelf, postgres_shelf: Shelf) -> None:
    for book in sqlite_shelf[1]:
        one, other = [
            [(found.id, found.because) for found in await like(db, book.id)] for db, _ in (sqlite_shelf, postgres_shelf)
        ]
        assert one == other
        assert one


async def test_a_deleted_book_is_similar_to_nothing(db: Database) -> None:
    me = await a_library(db)
    tempest = next(book.id for book in await like(db, me) if book.title == "The Tempest")
    async with db.writing() as session:
        await actions.delete_book(session, GUEST, tempest, None)
    assert "The Tempest" not in await reasons(db, me)
    with pytest.raises(NotFound):
        await like(db, tempest)


async def test_where_nothing_is_similar_nothing_is_shown(client: Browser, db: Database) -> None:
    alone = await a_book(db, title="Alone", author="Nobody Else", subjects=["solitude"])
    await a_book(db)
    assert await like(db, alone) == ()
    answer = await client.get(f"/books/{alone}/similar", "page")
    assert "Nothing else here is like this book yet." in answer.text
    assert "Similar books" not in (await client.get(f"/books/{alone}", "page")).text


async def test_a_page_shows_what_the_strips_of_series_and_author_do_not(client: Browser, db: Database) -> None:
    me = await a_library(db)
    async with db.reading() as session:
        book = await show_book(session, me)
    assert len(book.similar) == similar.BESIDE
    assert book.similar[0].title == "The Tempest"
    assert not {b.id for b in book.similar} & {b.id for b in (*book.in_series, *book.more_by_author)}
    page = (await client.get(f"/books/{me}", "page")).text
    assert 'id="similar"' in page
    assert "Also about islands and magic" in page
    assert f'href="/books/{me}/similar"' in page


async def test_they_are_answered_in_three_forms(client: Browser, db: Database) -> None:
    me = await a_library(db)
    told = (await client.get(f"/books/{me}/similar", "json")).json
    assert (told["id"], told["title"], told["url"]) == (me, "A Wizard of Earthsea", f"/books/{me}")
    assert told["books"][0]["because"][0] == "in the same series"
    fragment = (await client.get(f"/books/{me}/similar", "fragment")).text
    assert fragment.strip().startswith('<section id="similar"')
    assert "Books like" in (await client.get(f"/books/{me}/similar", "page")).text
    assert (await client.get("/books/999/similar", "json")).status == 404


async def test_it_costs_the_same_however_many_there_are(db: Database) -> None:
    me = await a_library(db)
    costs = []
    for _ in range(2):
        with Counter(db) as counter:
            await like(db, me)
        costs.append(len(counter.statements))
        for number in range(10):
            await a_book(db, title=f"More {number}", author="Ursula K. Le Guin", subjects=["magic", "islands"])
    assert costs[0] == costs[1] <= 4


async def test_a_subject_brings_no_more_than_its_first_books(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "CANDIDATES", 3)
    me = await a_book(db, title="Me", author="A", subjects=["magic"])
    made = [await a_book(db, title=f"B{n}", author=f"B{n}", subjects=["magic"]) for n in range(5)]
    assert [book.id for book in await like(db, me)] == made[:3]
