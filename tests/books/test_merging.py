"""Merging what is there twice, and taking that back: nothing is lost, and no count is wrong."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bookapp.books import merging
from bookapp.books.author_queries import show_author
from bookapp.books.models import Author, Book, BookSource, Contribution, Merge
from bookapp.books.results import BookShown
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.errors import Busy, Conflict, Invalid, NotFound
from tests.books.shelf import ids
from tests.books.test_actions import ISBN, OTHER_ISBN, authors, counts_are_right, edit, remove, rename, restore, shown
from tests.factories import a_book, a_rating

DORA = Actor(4, "dora", is_admin=True)
AUSTEN, AUSTIN = "Jane Austen", "Jane Austin"


async def author_id(db: Database, name: str) -> int:
    async with db.reading() as session:
        found = await session.scalar(select(Author.id).where(Author.name == name))
    assert found is not None, name
    return found


async def merge_authors(db: Database, name: str, into: str) -> int:
    first, second = await author_id(db, name), await author_id(db, into)
    async with db.writing() as session:
        return await merging.merge_authors(session, DORA, first, second)


async def merge_books(db: Database, first: int, second: int) -> int:
    async with db.writing() as session:
        return await merging.merge_books(session, DORA, first, second)


async def undo(db: Database, merge_id: int) -> tuple[str, ...]:
    async with db.writing() as session:
        return await merging.undo_merge(session, DORA, merge_id)


async def also_by(db: Database, book_id: int, name: str, position: int) -> None:
    """One more author of a book, as an import brings them."""
    other = await author_id(db, name)
    async with db.writing() as session:
        await session.execute(insert(Contribution).values(book_id=book_id, author_id=other, position=position))
        await session.execute(update(Author).where(Author.id == other).values(book_count=Author.book_count + 1))


async def whole(db: Database) -> None:
    """No half of anything is left: every book has its first author, and every count is right."""
    await counts_are_right(db)
    async with db.reading() as session:
        lost = (
            select(func.count())
            .select_from(Book)
            .where(
                ~select(Contribution.book_id)
                .where(Contribution.book_id == Book.id, Contribution.author_id == Book.author_id)
                .exists()
            )
        )
        assert await session.scalar(lost) == 0
        out_of_order = select(func.count()).select_from(Book).join(Author, Author.id == Book.author_id)
        assert await session.scalar(out_of_order.where(Author.sort_key != Book.author_sort)) == 0


def names(book: BookShown) -> list[str]:
    return [author.name for author in book.authors]


async def test_two_authors_become_one(db: Database) -> None:
    emma = await a_book(db, title="Emma", author=AUSTIN)
    persuasion = await a_book(db, title="Persuasion", author=AUSTEN)
    deleted = await a_book(db, title="Lady Susan", author=AUSTIN)
    await remove(db, deleted)
    gone = await author_id(db, AUSTIN)
    await merge_authors(db, AUSTIN, AUSTEN)
    assert await authors(db) == {AUSTEN: 2}
    assert await ids(db, q="austen", sort="title") == {emma, persuasion}
    assert await ids(db, author=AUSTEN) == {emma, persuasion}
    book = await shown(db, emma)
    assert names(book) == [AUSTEN]
    assert book.version == 2
    assert [(c.who, c.what, c.fields[0].before, c.fields[0].after) for c in book.history[:1]] == [
        ("dora", "edited", AUSTIN, AUSTEN)
    ]
    async with db.reading() as session:
        with pytest.raises(NotFound):
            await show_author(session, gone)
    await restore(db, deleted)
    assert names(await shown(db, deleted)) == [AUSTEN]
    await whole(db)


async def test_a_book_that_both_are_named_on_names_the_one_that_stays_once(db: Database) -> None:
    first = await a_book(db, title="Emma", author=AUSTIN)
    await a_book(db, title="Persuasion", author=AUSTEN)
    await a_book(db, title="Other", author="Cassandra")
    await also_by(db, first, "Cassandra", 1)
    await also_by(db, first, AUSTEN, 2)
    merge = await merge_authors(db, AUSTIN, AUSTEN)
    assert names(await shown(db, first)) == [AUSTEN, "Cassandra"]
    await whole(db)
    assert await undo(db, merge) == ()
    assert names(await shown(db, first)) == [AUSTIN, "Cassandra", AUSTEN]
    await whole(db)


async def test_undoing_brings_an_author_back_under_the_same_number(db: Database) -> None:
    emma = await a_book(db, title="Emma", author=AUSTIN)
    persuasion = await a_book(db, title="Persuasion", author=AUSTEN)
    before = await author_id(db, AUSTIN)
    merge = await merge_authors(db, AUSTIN, AUSTEN)
    assert await undo(db, merge) == ()
    assert await author_id(db, AUSTIN) == before
    assert await authors(db) == {AUSTIN: 1, AUSTEN: 1}
    assert names(await shown(db, emma)) == [AUSTIN]
    assert names(await shown(db, persuasion)) == [AUSTEN]
    assert await ids(db, q="austin") == {emma}
    await whole(db)
    with pytest.raises(Conflict):
        await undo(db, merge)


async def test_edits_made_since_stay_when_a_merge_of_authors_is_undone(db: Database) -> None:
    emma = await a_book(db, title="Emma", author=AUSTIN)
    sanditon = await a_book(db, title="Sanditon", author=AUSTIN)
    lost = await a_book(db, title="The Watsons", author=AUSTIN)
    await a_book(db, title="Persuasion", author=AUSTEN)
    merge = await merge_authors(db, AUSTIN, AUSTEN)
    await edit(db, emma, title="Emma, revised", year=1815)
    await edit(db, sanditon, author="Another Lady")
    new = await a_book(db, title="Northanger Abbey", author=AUSTEN)
    await remove(db, lost)
    remarks = await undo(db, merge)
    assert len(remarks) == 1
    assert "Sanditon" in remarks[0]
    assert (await shown(db, emma)).title == "Emma, revised"
    assert names(await shown(db, emma)) == [AUSTIN]
    assert names(await shown(db, sanditon)) == ["Another Lady"]
    assert names(await shown(db, new)) == [AUSTEN]
    await restore(db, lost)
    assert names(await shown(db, lost)) == [AUSTIN]
    assert await authors(db) == {AUSTIN: 2, AUSTEN: 2, "Another Lady": 1}
    await whole(db)


async def test_the_name_may_be_taken_when_an_author_comes_back(db: Database) -> None:
    emma = await a_book(db, title="Emma", author=AUSTIN)
    await a_book(db, title="Persuasion", author=AUSTEN)
    merge = await merge_authors(db, AUSTIN, AUSTEN)
    sanditon = await a_book(db, title="Sanditon", author=AUSTIN)
    remarks = await undo(db, merge)
    assert "already" in remarks[0]
    assert await ids(db, author=AUSTIN) == {emma, sanditon}
    await whole(db)


async def test_the_number_may_be_taken_when_an_author_comes_back(db: Database) -> None:
    await a_book(db, title="Persuasion", author=AUSTEN)
    emma = await a_book(db, title="Emma", author=AUSTIN)
    merge = await merge_authors(db, AUSTIN, AUSTEN)
    await a_book(db, title="Middlemarch", author="George Eliot")  # on SQLite she gets the number that is free again
    await undo(db, merge)
    assert names(await shown(db, emma)) == [AUSTIN]
    assert await authors(db) == {AUSTEN: 1, AUSTIN: 1, "George Eliot": 1}
    await whole(db)


async def test_merges_in_a_row_are_undone_from_the_last(db: Database) -> None:
    a, b, c = [await a_book(db, title=f"Tale {n}", author=n) for n in ("Ann", "Bob", "Cleo")]
    first = await merge_authors(db, "Ann", "Bob")
    second = await merge_authors(db, "Bob", "Cleo")
    await a_book(db, title="Tale 4", author="Dan")
    with pytest.raises(Conflict):
        await undo(db, first)
    await undo(db, second)
    await undo(db, first)
    assert [names(await shown(db, id_)) for id_ in (a, b, c)] == [["Ann"], ["Bob"], ["Cleo"]]
    await whole(db)


async def test_an_author_who_took_the_name_meanwhile_must_give_it_back_first(db: Database) -> None:
    await a_book(db, title="Emma", author=AUSTIN)
    await a_book(db, title="Persuasion", author=AUSTEN)
    merge = await merge_authors(db, AUSTIN, AUSTEN)
    stays = await author_id(db, AUSTEN)
    await rename(db, stays, AUSTIN)
    with pytest.raises(Conflict):
        await undo(db, merge)
    await rename(db, stays, AUSTEN)
    assert await undo(db, merge) == ()
    await whole(db)


async def test_nobody_is_merged_with_themselves_or_with_nobody(db: Database) -> None:
    emma = await a_book(db, author=AUSTEN)
    with pytest.raises(Invalid):
        await merge_authors(db, AUSTEN, AUSTEN)
    with pytest.raises(Invalid):
        await merge_books(db, emma, emma)
    austen = await author_id(db, AUSTEN)
    for both in ((austen, 999), (999, austen)):
        async with db.reading() as session:
            with pytest.raises(NotFound):
                await merging.merge_authors(session, DORA, *both)
            with pytest.raises(NotFound):
                await merging.merge_books(session, DORA, *both)
    with pytest.raises(NotFound):
        await undo(db, 999)


async def two_emmas(db: Database) -> tuple[int, int]:
    first = await a_book(
        db, isbn=ISBN, year=1815, language="en", pages=474, description="A match is made.", subjects=["romance", "wit"],
        series="Novels", series_position="4",
    )  # fmt: skip
    second = await a_book(db, subjects=["wit", "classics"], language="de")
    await a_rating(db, first, 4.5, 30)
    async with db.writing() as session:
        await session.execute(insert(BookSource).values(source="goodbooks", key="6969", book_id=first))
        await session.execute(update(Book).where(Book.id == first).values(cover="c" * 64))
    return first, second


async def source_of(db: Database, key: str) -> int | None:
    async with db.reading() as session:
        return await session.scalar(select(BookSource.book_id).where(BookSource.key == key))


async def test_a_book_gives_the_other_what_it_lacks(db: Database) -> None:
    first, second = await two_emmas(db)
    await merge_books(db, first, second)
    book = await shown(db, second)
    assert (book.isbn, book.year, book.language, book.pages) == (ISBN, 1815, "de", 474)
    assert (book.description, book.rating.average, book.rating.count) == ("A match is made.", 4.5, 30)
    assert set(book.subjects) == {"romance", "wit", "classics"}
    assert book.series is not None
    assert (book.series.name, book.series.position) == ("Novels", "4")
    assert not book.cover_drawn
    assert await source_of(db, "6969") == second
    assert book.history[0].who == "dora"
    assert any("number" in field.after for field in book.history[0].fields)
    with pytest.raises(NotFound):
        await shown(db, first)
    assert await ids(db, q="emma") == {second}
    assert await ids(db, q=ISBN) == {second}
    assert await authors(db) == {AUSTEN: 1}
    await whole(db)


async def test_undoing_makes_two_books_of_one(db: Database) -> None:
    first, second = await two_emmas(db)
    before = [await shown(db, id_) for id_ in (first, second)]
    merge = await merge_books(db, first, second)
    assert await undo(db, merge) == ()
    for was, id_ in zip(before, (first, second), strict=True):
        book = await shown(db, id_)
        for field in ("title", "isbn", "year", "language", "pages", "description", "series", "rating", "cover_url"):
            assert getattr(book, field) == getattr(was, field), field
        assert set(book.subjects) == set(was.subjects)
        assert book.version > was.version
    assert await source_of(db, "6969") == first
    assert await ids(db, q=ISBN) == {first}
    await whole(db)


async def test_edits_made_since_stay_when_a_merge_of_books_is_undone(db: Database) -> None:
    first, second = await two_emmas(db)
    merge = await merge_books(db, first, second)
    await edit(db, second, year=1816, title="Emma, revised", subjects=["romance", "wit", "classics", "letters"])
    await edit(db, second, isbn=OTHER_ISBN)
    third = await a_book(db, title="A thief", author="Another", isbn=ISBN)
    remarks = await undo(db, merge)
    assert len(remarks) == 3
    book, back = await shown(db, second), await shown(db, first)
    assert (book.year, book.title, book.isbn, book.pages) == (1816, "Emma, revised", OTHER_ISBN, None)
    assert set(book.subjects) == {"wit", "classics", "letters"}
    assert (back.year, back.isbn, back.pages) == (1815, None, 474)
    assert (await shown(db, third)).isbn == ISBN
    await whole(db)


async def test_a_merge_is_undone_though_the_book_was_restored_or_the_other_deleted(db: Database) -> None:
    first, second = await a_book(db, year=1815), await a_book(db, subjects=["wit"])
    merge = await merge_books(db, first, second)
    await restore(db, first)
    await remove(db, second)
    assert len(await undo(db, merge)) == 1
    assert (await shown(db, first)).year == 1815
    await restore(db, second)
    assert (await shown(db, second)).year is None
    await whole(db)


async def tolerant(work: Any) -> None:
    with suppress(NotFound, Conflict, Busy, Invalid):
        await work


async def test_fifty_merges_at_once_leave_no_half(db: Database) -> None:
    chance = random.Random(3)
    people = [f"Writer {chr(65 + n)}" for n in range(8)]
    books = [await a_book(db, title=f"Tale {n}", author=people[n % 8], year=1990 + n % 3) for n in range(40)]
    for book in books[::3]:
        with suppress(Exception):
            await also_by(db, book, people[chance.randrange(8)], 1)
    numbers = [await author_id(db, name) for name in people]

    async def authors_once() -> None:
        async with db.writing() as session:
            await merging.merge_authors(session, DORA, *chance.sample(numbers, 2))

    async def books_once() -> None:
        await merge_books(db, *chance.sample(books, 2))

    async def edits_once() -> None:
        await edit(db, chance.choice(books), author=chance.choice(people))

    works = [chance.choice([authors_once, authors_once, books_once, books_once, edits_once])() for _ in range(50)]
    await asyncio.gather(*map(tolerant, works))
    await whole(db)
    async with db.reading() as session:
        merges = (await session.execute(select(Merge.id).order_by(Merge.id.desc()))).scalars().all()
    assert merges
    for merge in merges:
        await undo(db, merge)
    await whole(db)


async def test_one_merge_is_undone_once_by_many_at_once(db: Database) -> None:
    await a_book(db, title="Emma", author=AUSTIN)
    await a_book(db, title="Persuasion", author=AUSTEN)
    merge = await merge_authors(db, AUSTIN, AUSTEN)
    done = await asyncio.gather(*(undo(db, merge) for _ in range(10)), return_exceptions=True)
    assert sum(one == () for one in done) == 1
    assert all(one == () or isinstance(one, Conflict | Busy) for one in done)
    await whole(db)
