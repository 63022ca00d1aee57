"""Editions: a book is found by every ISBN under which it was published, and an ISBN means one book."""

import pytest
from sqlalchemy import select

from bookapp.books.edition_actions import EditionTold, put_editions
from bookapp.books.edition_queries import find_by_isbns
from bookapp.books.models import Edition
from bookapp.core.db import Database
from bookapp.core.errors import Invalid
from tests.books.shelf import ids, listed
from tests.books.test_actions import ISBN, OTHER_ISBN, edit, remove, shown
from tests.books.test_merging import merge_books, undo
from tests.clients import Browser
from tests.factories import a_book, a_sent_book

THIRD, FOURTH = "9780306406157", "9783161484100"


async def put(db: Database, book_id: int, *isbns: str, **facts: object) -> int:
    async with db.writing() as session:
        return await put_editions(session, [EditionTold(isbn=i, book_id=book_id, **facts) for i in isbns])  # type: ignore[arg-type]


async def found(db: Database, *isbns: str) -> dict[str, int]:
    async with db.reading() as session:
        return await find_by_isbns(session, isbns)


async def test_a_book_is_found_by_the_isbn_of_each_edition(db: Database) -> None:
    emma = await a_book(db, isbn=ISBN)
    other = await a_book(db, title="Persuasion", isbn=OTHER_ISBN)
    await put(db, emma, THIRD)
    assert await found(db, ISBN, OTHER_ISBN, THIRD, FOURTH, "nonsense") == {ISBN: emma, OTHER_ISBN: other, THIRD: emma}
    for typed in (THIRD, "0-306-40615-2", " 978-0306406157"):
        page = await listed(db, q=typed)
        assert [book.id for book in page.books] == [emma]
        assert (page.q, page.searched_for, page.total, page.next) == (typed, typed, 1, None)
    assert await ids(db, q=FOURTH) == set()
    assert await ids(db, q=THIRD, author="Nobody") == set()


async def test_a_deleted_book_is_not_found_by_its_editions(db: Database) -> None:
    emma = await a_book(db)
    await put(db, emma, THIRD)
    await remove(db, emma)
    assert await found(db, THIRD) == {}
    assert await ids(db, q=THIRD) == set()


async def test_what_is_told_again_fills_what_was_empty_and_moves_nothing(db: Database) -> None:
    emma = await a_book(db)
    other = await a_book(db, title="Persuasion", isbn=OTHER_ISBN)
    assert await put(db, emma, THIRD, publisher="Penguin") == 1
    assert await put(db, emma, THIRD, publisher="Somebody", year=1996, language="en") == 1
    assert await put(db, emma, THIRD, publisher="Somebody", year=2000) == 0
    assert await put(db, other, THIRD, pages=3) == 0, "an ISBN stays with its book"
    assert await put(db, emma, OTHER_ISBN) == 0, "another book's own ISBN"
    book = await shown(db, emma)
    assert [(e.isbn, e.publisher, e.year, e.language, e.pages) for e in book.editions] == [
        (THIRD, "Penguin", 1996, "en", None)
    ]
    assert (await shown(db, other)).edition_count == 0


async def test_an_isbn_of_an_edition_is_taken_for_other_books(db: Database) -> None:
    emma = await a_book(db)
    other = await a_book(db, title="Persuasion")
    await put(db, emma, THIRD)
    for call in (a_book(db, title="Third", isbn=THIRD), edit(db, other, isbn=THIRD)):
        with pytest.raises(Invalid) as caught:
            await call
        assert set(caught.value.errors) == {"isbn"}
    await edit(db, emma, isbn=THIRD)
    assert (await shown(db, emma)).isbn == THIRD


async def test_a_merge_takes_the_editions_along_and_undoing_brings_them_back(db: Database) -> None:
    emma = await a_book(db, isbn=ISBN)
    double = await a_book(db, title="EMMA", isbn=OTHER_ISBN)
    await put(db, double, THIRD)
    await put(db, emma, FOURTH)
    merge = await merge_books(db, double, emma)
    assert await found(db, ISBN, OTHER_ISBN, THIRD, FOURTH) == dict.fromkeys((ISBN, OTHER_ISBN, THIRD, FOURTH), emma)
    assert await undo(db, merge) == ()
    assert await found(db, ISBN, OTHER_ISBN, THIRD, FOURTH) == {
        ISBN: emma, OTHER_ISBN: double, THIRD: double, FOURTH: emma,
    }  # fmt: skip
    async with db.reading() as session:
        assert set(await session.scalars(select(Edition.isbn))) == {int(THIRD), int(FOURTH)}


async def test_the_page_shows_so_many_editions_and_says_how_many_there_are(
    sqlite_client: Browser,
) -> None:
    book = await a_sent_book(sqlite_client)
    db: Database = sqlite_client.app.extensions["db"]
    numbers = [f"97800000{n:05d}" for n in range(60)]  # their check digits do not matter here
    await put(db, book["id"], *numbers, publisher="Faber & Faber", year=1999)
    shown_as = (await sqlite_client.get(book["url"])).json
    assert len(shown_as["editions"]) == 50
    assert shown_as["edition_count"] == 60
    page = (await sqlite_client.get(book["url"], "page")).text
    assert "60 editions" in page
    assert "Faber &amp; Faber" in page
