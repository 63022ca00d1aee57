"""Putting whole catalogues in, on both databases."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from bookapp.books.bulk import BookRecord, BulkCounts, put_books
from bookapp.books.models import (
    UNKNOWN_YEAR,
    Author,
    Book,
    BookChange,
    BookSource,
    BookSubject,
    Contribution,
    FacetCount,
    Series,
    Subject,
)
from bookapp.core import clock
from bookapp.core.actor import OPERATOR
from bookapp.core.db import Database
from bookapp.core.events import CATALOGUE, changes_of
from bookapp.search.models import SearchDocument
from bookapp.transfer.actions import put_in

EMMA = BookRecord(
    key="1",
    title="The Emma",
    authors=("Jane Austen", "Ann Helper"),
    isbn="9780400000213",
    year=1815,
    language="en",
    pages=474,
    description="A matchmaker errs.",
    subjects=(("classics", 5), ("romance", 9)),
    series="Novels",
    series_position="4",
    rating_average=4.0,
    rating_count=50,
)
SEA = BookRecord(key="2", title="Songs of the Sea", authors=("JANE  AUSTEN",), year=-720, subjects=(("Romance", 1),))
BARE = BookRecord(key="3", title="Bare", authors=("Émile Dufour",))
ALL = (EMMA, SEA, BARE)


async def put(db: Database, *records: BookRecord, source: str = "test") -> BulkCounts:
    async with db.writing() as session:
        return await put_books(session, OPERATOR, source, records)


async def books(db: Database) -> list[Book]:
    async with db.reading() as session:
        return list(await session.scalars(select(Book).order_by(Book.id)))


async def counts_of(db: Database, model: type[Author] | type[Subject]) -> dict[str, int]:
    async with db.reading() as session:
        return dict((await session.execute(select(model.name_key, model.book_count))).all())


async def facets(db: Database) -> dict[tuple[str, str], int]:
    async with db.reading() as session:
        rows = await session.execute(select(FacetCount.kind, FacetCount.value, FacetCount.book_count))
        return {(kind, value): n for kind, value, n in rows if kind != "all" and n}


async def history(db: Database, book_id: int) -> list[tuple[str, int, dict[str, Any]]]:
    async with db.reading() as session:
        query = select(BookChange).where(BookChange.book_id == book_id).order_by(BookChange.id)
        return [(line.what, line.version, line.fields) for line in await session.scalars(query)]


async def edit(db: Database, book_id: int, **values: Any) -> None:
    """What an edit by a person leaves behind."""
    async with db.writing() as session:
        book = await session.get_one(Book, book_id)
        book.version += 1
        for name, value in values.items():
            setattr(book, name, value)
        session.add(
            BookChange(
                book_id=book_id,
                at=clock.now(),
                actor_name="guest",
                what="edited",
                version=book.version,
                fields={name: ["before", value] for name, value in values.items()},
            )
        )


async def test_a_new_book_is_stored_whole(db: Database) -> None:
    assert await put(db, *ALL) == BulkCounts(new=3)
    emma, sea, bare = await books(db)
    assert (emma.title, emma.title_sort, emma.author_sort) == ("The Emma", "emma", "austen jane")
    assert (emma.isbn, emma.year, emma.year_sort, emma.language) == ("9780400000213", 1815, 1815, "en")
    assert (emma.pages, emma.description) == (474, "A matchmaker errs.")
    assert (emma.series_position, emma.series_sort, emma.rating_average, emma.rating_count) == ("4", 4.0, 4.0, 50)
    assert emma.score == pytest.approx(3.75)
    assert (emma.version, emma.created_by, emma.deleted_at) == (1, "operator", None)
    assert sea.author_id == emma.author_id
    assert (bare.year, bare.year_sort, bare.series_id, bare.score) == (None, UNKNOWN_YEAR, None, 0.0)
    assert await history(db, emma.id) == [("imported", 1, {})]


async def test_names_are_shared_and_counted(db: Database) -> None:
    await put(db, *ALL)
    assert await counts_of(db, Author) == {"jane austen": 2, "ann helper": 1, "émile dufour": 1}
    assert await counts_of(db, Subject) == {"classics": 1, "romance": 2}
    assert await facets(db) == {("decade", "1810"): 1, ("decade", "-720"): 1, ("language", "en"): 1}
    async with db.reading() as session:
        line = select(Author.name).join(Contribution).order_by(Contribution.book_id, Contribution.position)
        assert list(await session.scalars(line))[:2] == ["Jane Austen", "Ann Helper"]
        weights = select(Subject.name, BookSubject.weight).join(BookSubject).where(BookSubject.book_id == 1)
        assert set(await session.execute(weights)) == {("classics", 5), ("romance", 9)}
        assert await session.scalar(select(Series.name)) == "Novels"


async def test_a_new_book_can_be_found(db: Database) -> None:
    await put(db, EMMA)
    async with db.reading() as session:
        document = (await session.scalars(select(SearchDocument))).one()
    assert "emma" in document.title
    assert "austen" in document.names
    assert "helper" in document.names
    assert all(word in document.more for word in ("novels", "romance", "9780400000213"))


async def test_everybody_hears_of_it_only_when_something_changed(db: Database) -> None:
    async with db.writing() as session:
        await put_books(session, OPERATOR, "test", ALL)
        assert changes_of(session) == (CATALOGUE,)
    async with db.writing() as session:
        await put_books(session, OPERATOR, "test", ALL)
        assert changes_of(session) == ()


async def test_twice_is_once(db: Database) -> None:
    await put(db, *ALL)
    before = [(b.id, b.version, b.title, b.isbn, b.random_key) for b in await books(db)]
    assert await put(db, *ALL) == BulkCounts(known=3)
    assert [(b.id, b.version, b.title, b.isbn, b.random_key) for b in await books(db)] == before
    assert await counts_of(db, Subject) == {"classics": 1, "romance": 2}
    assert len(await history(db, 1)) == 1


async def test_one_key_counts_once_in_one_call(db: Database) -> None:
    assert await put(db, EMMA, replace(EMMA, title="Other")) == BulkCounts(new=1, known=1)


async def test_two_sources_do_not_know_each_others_keys(db: Database) -> None:
    await put(db, SEA)
    assert (await put(db, BARE, replace(SEA, title="Another"), source="other")).new == 2
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(BookSource)) == 3


async def test_what_the_source_changed_is_changed(db: Database) -> None:
    await put(db, *ALL)
    newer = replace(
        EMMA,
        title="Emma",
        authors=("Jane Austen", "Bo New"),
        year=1995,
        language=None,
        subjects=(("satire", 2),),
        series="Tales",
    )
    assert await put(db, newer, SEA, BARE) == BulkCounts(known=2, changed=1)
    emma = (await books(db))[0]
    assert (emma.title, emma.title_sort, emma.year_sort, emma.language, emma.version) == ("Emma", "emma", 1995, None, 2)
    assert await counts_of(db, Author) == {"jane austen": 2, "ann helper": 0, "bo new": 1, "émile dufour": 1}
    assert await counts_of(db, Subject) == {"classics": 0, "romance": 1, "satire": 1}
    assert await facets(db) == {("decade", "1990"): 1, ("decade", "-720"): 1}
    assert (await history(db, emma.id))[1:] == [
        (
            "imported",
            2,
            {
                "title": ["The Emma", "Emma"],
                "authors": [["Jane Austen", "Ann Helper"], ["Jane Austen", "Bo New"]],
                "year": [1815, 1995],
                "language": ["en", None],
                "subjects": [["romance", "classics"], ["satire"]],
                "series": ["Novels", "Tales"],
            },
        )
    ]
    async with db.reading() as session:
        document = await session.get_one(SearchDocument, emma.id)
    assert "satire" in document.more
    assert "romance" not in document.more


async def test_what_a_person_edited_is_kept(db: Database) -> None:
    await put(db, *ALL)
    await edit(db, 1, title="My Emma", author="whoever")
    newer = replace(EMMA, title="Her Emma", authors=("Somebody Else",), pages=500)
    assert (await put(db, newer)).changed == 1
    emma = (await books(db))[0]
    assert (emma.title, emma.pages, emma.version) == ("My Emma", 500, 3)
    assert "somebody else" not in await counts_of(db, Author)
    assert (await history(db, 1))[-1] == ("imported", 3, {"pages": [474, 500]})


async def test_a_renamed_author_stays_renamed(db: Database) -> None:
    await put(db, BARE)
    async with db.writing() as session:
        await session.execute(update(Author).values(name="Emil Dufour", name_key="emil dufour", version=2))
    assert await put(db, BARE) == BulkCounts(known=1)
    assert await counts_of(db, Author) == {"emil dufour": 1}


async def test_a_deleted_book_stays_deleted(db: Database) -> None:
    await put(db, *ALL)
    async with db.writing() as session:
        await session.execute(update(Book).where(Book.id == 1).values(deleted_at=clock.now()))
    assert await put(db, replace(EMMA, title="Again"), SEA, BARE) == BulkCounts(known=3)
    assert (await books(db))[0].title == "The Emma"
    assert (await put(db, replace(EMMA, key="9"))).isbn_taken == ()


async def test_an_isbn_belongs_to_the_first(db: Database) -> None:
    twin = replace(BARE, isbn=EMMA.isbn)
    assert await put(db, EMMA, twin) == BulkCounts(new=2, isbn_taken=("3",))
    assert [book.isbn for book in await books(db)] == [EMMA.isbn, None]
    assert await put(db, EMMA, twin) == BulkCounts(known=2, isbn_taken=("3",))
    third = replace(SEA, isbn=EMMA.isbn)
    assert await put(db, third, source="other") == BulkCounts(new=1, isbn_taken=("2",))


def many(count: int) -> list[BookRecord]:
    return [
        BookRecord(
            key=str(n),
            title=f"Book {n}",
            authors=(f"Author {n % 997}", f"Helper {n % 31}"),
            subjects=((f"subject {n % 41}", 2), ("everything", 1)),
        )
        for n in range(1, count + 1)
    ]


async def test_the_order_is_kept_over_batches(db: Database) -> None:
    await put(db, *many(2500))
    titles = [book.title for book in await books(db)]
    assert titles == [f"Book {n}" for n in range(1, 2501)]
    assert (await counts_of(db, Subject))["everything"] == 2500


async def test_a_large_batch_costs_as_many_statements_as_a_small_one(db: Database) -> None:
    async def statements(records: Sequence[BookRecord]) -> int:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(db.engine.sync_engine, "before_cursor_execute", note)
        try:
            await put(db, *records)
        finally:
            event.remove(db.engine.sync_engine, "before_cursor_execute", note)
        return len(seen)

    records = many(900)
    few, more = await statements(records[:200]), await statements(records[200:])
    assert more <= few < 30
    few, more = await statements(records[:10]), await statements(records)
    assert more == few


async def test_two_imports_at_once_put_each_book_in_once(url: str) -> None:
    first, second = Database(url), Database(url)
    try:
        records = many(300)
        results = await asyncio.gather(
            put_in(first, OPERATOR, "test", records, lambda _n: None),
            put_in(second, OPERATOR, "test", records, lambda _n: None),
        )
        assert sum(counts.new for counts in results) == 300
        assert len(await books(first)) == 300
        assert (await counts_of(first, Subject))["everything"] == 300
    finally:
        await first.close()
        await second.close()
