"""Changing the catalogue: authors, history, versions, counts and the search index stay true."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from bookapp.books import actions, author_actions, rules
from bookapp.books.commands import AddBook, EditAuthor, EditBook
from bookapp.books.finding import HERE
from bookapp.books.models import Author, Book, BookSubject, Contribution, FacetCount, Subject
from bookapp.books.queries import show_book
from bookapp.books.results import BookShown
from bookapp.core.actor import GUEST, OPERATOR
from bookapp.core.db import Database, Model
from bookapp.core.errors import Busy, Conflict, Invalid, NotFound
from tests.books.shelf import ids
from tests.clients import Answer, Browser
from tests.factories import a_book

ISBN = "9780141439587"
OTHER_ISBN = "9780439420891"


async def shown(db: Database, book_id: int) -> BookShown:
    async with db.reading() as session:
        return await show_book(session, book_id)


async def edit(db: Database, book_id: int, version: int | None = None, **fields: Any) -> None:
    async with db.writing() as session:
        await actions.edit_book(session, OPERATOR, book_id, EditBook(**fields), version)  # type: ignore[typeddict-item]


async def remove(db: Database, book_id: int, version: int | None = None) -> str:
    async with db.writing() as session:
        return await actions.delete_book(session, GUEST, book_id, version)


async def restore(db: Database, book_id: int) -> None:
    async with db.writing() as session:
        await actions.restore_book(session, GUEST, book_id, None)


async def rename(db: Database, author_id: int, name: str, version: int | None = None) -> None:
    async with db.writing() as session:
        await author_actions.rename_author(session, GUEST, author_id, EditAuthor(name=name), version)


async def authors(db: Database) -> dict[str, int]:
    async with db.reading() as session:
        return {row.name: row.book_count for row in await session.execute(select(Author.name, Author.book_count))}


async def kept_and_counted(db: Database) -> tuple[dict[str, Counter[Any]], dict[str, Counter[Any]]]:
    """The counts that are kept, and the same ones counted anew."""
    async with db.reading() as session:

        async def pairs(statement: Any) -> Counter[Any]:
            return Counter({key: n for key, n in (await session.execute(statement)).all() if n})

        kept = {
            "authors": await pairs(select(Author.id, Author.book_count)),
            "subjects": await pairs(select(Subject.id, Subject.book_count)),
        }
        facets = (await session.execute(select(FacetCount.kind, FacetCount.value, FacetCount.book_count))).all()
        kept["facets"] = Counter({(kind, value): n for kind, value, n in facets if n})
        joined = [(Contribution, Contribution.author_id), (BookSubject, BookSubject.subject_id)]
        by_author, by_subject = [
            await pairs(
                select(key, func.count())
                .select_from(table)
                .join(Book, Book.id == table.book_id)
                .where(HERE)
                .group_by(key)
            )
            for table, key in joined
        ]
        books = (await session.execute(select(Book.year, Book.language).where(HERE))).all()
    decades = Counter(("decade", str(rules.decade_of(year))) for year, _ in books if year is not None)
    languages = Counter(("language", language) for _, language in books if language is not None)
    everything = Counter({("all", ""): len(books)} if books else {})
    return kept, {"authors": by_author, "subjects": by_subject, "facets": decades + languages + everything}


async def counts_are_right(db: Database) -> None:
    kept, counted = await kept_and_counted(db)
    assert kept == counted


async def test_a_new_book_has_all_that_was_said_of_it(db: Database) -> None:
    id_ = await a_book(
        db,
        title="A Wizard of Earthsea",
        author="Ursula K. Le Guin",
        isbn=ISBN,
        year=1968,
        language="en",
        pages=183,
        description="A boy\n\nlearns.",
        subjects=["fantasy", "magic"],
        series="Earthsea",
        series_position="1",
    )
    book = await shown(db, id_)
    assert (book.title, book.author.name, book.isbn, book.year) == (
        "A Wizard of Earthsea",
        "Ursula K. Le Guin",
        ISBN,
        1968,
    )
    assert (book.language, book.pages, book.description) == ("en", 183, "A boy\n\nlearns.")
    assert book.subjects == ("fantasy", "magic")
    assert book.series is not None
    assert (book.series.name, book.series.position) == ("Earthsea", "1")
    assert (book.version, book.created_by, book.rating.count) == (1, GUEST.name, 0)
    assert [(change.what, change.version) for change in book.history] == [("added", 1)]
    await counts_are_right(db)


@pytest.mark.parametrize("name", ["Jane Austen", "JANE AUSTEN", "jane  austen", " Jane\tAusten "])
async def test_an_author_is_used_again_by_name(db: Database, name: str) -> None:
    await a_book(db)
    await a_book(db, title="Persuasion", author=name)
    assert await authors(db) == {"Jane Austen": 2}


async def test_initials_with_and_without_a_space_are_the_same(db: Database) -> None:
    for name in ("J.R.R. Tolkien", "J. R. R. Tolkien", "j.r.r. tolkien"):
        await a_book(db, author=name)
    assert await authors(db) == {"J.R.R. Tolkien": 3}


async def test_accents_tell_authors_apart(db: Database) -> None:
    for name in ("Pena", "Peña"):
        await a_book(db, author=name)
    assert await authors(db) == {"Pena": 1, "Peña": 1}


async def patiently(db: Database, **fields: Any) -> int:
    """Add a book; when the database is busy, try again as it asks."""
    for _ in range(20):
        try:
            return await a_book(db, **fields)
        except Busy as busy:
            await asyncio.sleep(busy.retry_after)
    raise AssertionError("busy for ever")


async def test_fifty_at_once_make_one_author(db: Database) -> None:
    made = await asyncio.gather(
        *(patiently(db, title=f"Book {n}", author="New Name", subjects=["one", "two"], series="Row") for n in range(50))
    )
    assert len(set(made)) == 50
    assert await authors(db) == {"New Name": 50}
    await counts_are_right(db)


async def test_fifty_requests_at_once_make_one_author(client: Browser, db: Database) -> None:
    names = ("New Name", "new name", "NEW  NAME", "New Name ", "nEW nAME")

    async def send(n: int) -> Answer:
        for _ in range(20):
            book = {"title": f"Book {n}", "author": names[n % 5], "subjects": ["one"]}
            answer = await client.post("/books", json=book)
            if answer.status != 503:
                break
            await asyncio.sleep(int(answer.headers["Retry-After"]))
        return answer

    answers = await asyncio.gather(*map(send, range(50)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 50
    assert len({answer.json["author"]["id"] for answer in answers}) == 1
    assert list((await authors(db)).values()) == [50]
    await counts_are_right(db)


async def test_an_edit_changes_what_was_said_and_nothing_else(db: Database) -> None:
    id_ = await a_book(db, year=1815, subjects=["love"], isbn=ISBN, series="Austen", series_position="4")
    before = await shown(db, id_)
    await edit(db, id_, 1, title="Emma Woodhouse", pages=474)
    after = await shown(db, id_)
    assert (after.title, after.pages, after.version) == ("Emma Woodhouse", 474, 2)
    same = ("author", "year", "subjects", "isbn", "series", "language", "description", "created_by", "created_at")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    newest = after.history[0]
    assert (newest.what, newest.who, newest.version) == ("edited", OPERATOR.name, 2)
    told = {change.field: (change.before, change.after) for change in newest.fields}
    assert told == {"title": ("Emma", "Emma Woodhouse"), "pages": ("", "474")}
    assert after.history[1:] == before.history


async def test_every_field_can_be_changed_and_taken_away(db: Database) -> None:
    fields: dict[str, tuple[Any, Any]] = {
        "isbn": (ISBN, OTHER_ISBN),
        "year": (1815, -720),
        "language": ("en", "de"),
        "pages": (1, 2),
        "subjects": (["a"], ["b"]),
        "description": ("x", "y"),
        "series": ("S", "T"),
        "series_position": ("1", "2"),
    }
    id_ = await a_book(db, **{name: old for name, (old, _) in fields.items()})
    await edit(db, id_, **{name: new for name, (_, new) in fields.items()})
    book = await shown(db, id_)
    assert (book.isbn, book.year, book.language, book.pages) == (OTHER_ISBN, -720, "de", 2)
    assert (book.description, book.subjects) == ("y", ("b",))
    assert book.series is not None
    assert (book.series.name, book.series.position) == ("T", "2")
    assert {change.field for change in book.history[0].fields} == set(fields)
    await counts_are_right(db)
    await edit(db, id_, **dict.fromkeys(fields))
    book = await shown(db, id_)
    assert (book.isbn, book.year, book.language, book.pages, book.description) == (None,) * 5
    assert (book.subjects, book.series) == ((), None)
    await counts_are_right(db)


async def test_an_edit_that_changes_nothing_leaves_no_trace(db: Database) -> None:
    id_ = await a_book(db, subjects=["Love", "Class"])
    await edit(db, id_, title="Emma", author="jane austen", subjects=["class", "love"])
    book = await shown(db, id_)
    assert (book.version, len(book.history)) == (1, 1)


async def test_another_author_takes_the_book_along(db: Database) -> None:
    id_ = await a_book(db)
    await a_book(db, title="Persuasion")
    await edit(db, id_, author="Charlotte Brontë")
    assert (await shown(db, id_)).author.name == "Charlotte Brontë"
    assert await authors(db) == {"Jane Austen": 1, "Charlotte Brontë": 1}
    assert await ids(db, author="Charlotte Brontë") == {id_}
    await counts_are_right(db)


async def test_an_edit_of_an_old_version_is_refused_and_shows_the_newer(db: Database) -> None:
    id_ = await a_book(db)
    await edit(db, id_, 1, title="Theirs")
    with pytest.raises(Conflict) as caught:
        await edit(db, id_, 1, title="Mine")
    assert (caught.value.newer.title, caught.value.newer.version) == ("Theirs", 2)
    with pytest.raises(Conflict):
        await remove(db, id_, 1)
    assert (await shown(db, id_)).title == "Theirs"


async def test_of_two_edits_of_one_version_at_once_one_is_refused(db: Database) -> None:
    id_ = await a_book(db)
    results = await asyncio.gather(*(edit(db, id_, 1, title=f"Title {n}") for n in range(10)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 9 + ["NoneType"]
    assert (await shown(db, id_)).version == 2


async def test_a_deleted_book_is_gone_until_it_is_restored(db: Database) -> None:
    id_ = await a_book(db, subjects=["love"], year=1815, language="en")
    assert await remove(db, id_) == "Emma"
    for call in (shown(db, id_), edit(db, id_, title="x"), remove(db, id_)):
        with pytest.raises(NotFound):
            await call
    assert await ids(db) == set()
    await counts_are_right(db)
    await restore(db, id_)
    await restore(db, id_)
    book = await shown(db, id_)
    assert [change.what for change in book.history] == ["restored", "deleted", "added"]
    assert book.version == 3
    await counts_are_right(db)


async def test_what_was_never_there_cannot_be_restored(db: Database) -> None:
    with pytest.raises(NotFound):
        await restore(db, 12345)


async def test_an_isbn_belongs_to_one_book(db: Database) -> None:
    first = await a_book(db, isbn=ISBN)
    second = await a_book(db, title="Another")
    everything = edit(db, second, isbn=ISBN, author="Else", series="S", subjects=["x"])
    for call in (a_book(db, title="Third", isbn=ISBN), edit(db, second, isbn=ISBN), everything):
        with pytest.raises(Invalid) as caught:
            await call
        assert set(caught.value.errors) == {"isbn"}
    await remove(db, first)
    await edit(db, second, isbn=ISBN)
    with pytest.raises(Invalid):
        await restore(db, first)
    await edit(db, second, isbn=None)
    await restore(db, first)
    assert (await shown(db, first)).isbn == ISBN
    await counts_are_right(db)


async def test_a_refused_book_leaves_nothing_behind(db: Database) -> None:
    await a_book(db, isbn=ISBN)
    with pytest.raises(Invalid):
        await a_book(db, author="Nobody Yet", isbn=ISBN)
    assert await authors(db) == {"Jane Austen": 1}


async def test_search_follows_every_change(db: Database) -> None:
    id_ = await a_book(db, title="Emma", subjects=["matchmaking"], series="Regency", isbn=ISBN)
    for typed in ("emma", "austen", "matchmaking", "regency", ISBN):
        assert await ids(db, q=typed) == {id_}, typed
    await edit(db, id_, title="Sanditon", subjects=["seaside"], series=None)
    for typed, found in (
        ("emma", set()),
        ("sanditon", {id_}),
        ("matchmaking", set()),
        ("seaside", {id_}),
        ("regency", set()),
    ):
        assert await ids(db, q=typed) == found, typed
    author_id = (await shown(db, id_)).author.id
    await rename(db, author_id, "Miss Bennett")
    assert await ids(db, q="austen") == set()
    assert await ids(db, q="bennett") == {id_}
    await remove(db, id_)
    assert await ids(db, q="sanditon") == set()
    await restore(db, id_)
    assert await ids(db, q="sanditon") == {id_}


async def test_a_renamed_author_is_renamed_on_all_books(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(author_actions, "BATCH", 2)
    books = [await a_book(db, title=f"Book {n}", author="Mary Ann Evans") for n in range(5)]
    other = await a_book(db, author="Zadie Smith")
    author_id = (await shown(db, books[0])).author.id
    await rename(db, author_id, "George Eliot", 1)
    for id_ in books:
        assert (await shown(db, id_)).author.name == "George Eliot"
    assert await ids(db, q="george eliot") == {*books}
    assert (await shown(db, other)).author.name == "Zadie Smith"
    async with db.reading() as session:
        assert set(await session.scalars(select(Book.author_sort).where(Book.id.in_(books)))) == {"eliot george"}
    await counts_are_right(db)


async def test_a_renamed_author_stands_in_the_history_of_their_books(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(author_actions, "BATCH", 2)
    books = [await a_book(db, title=f"Book {n}", author="Mary Ann Evans") for n in range(3)]
    other = await a_book(db, author="Zadie Smith")
    await remove(db, books[2])
    await rename(db, (await shown(db, books[0])).author.id, "George Eliot", 1)
    await restore(db, books[2])
    for id_, line in zip(books, (0, 0, 1), strict=True):
        book = await shown(db, id_)
        change = book.history[line]
        assert (change.what, change.who) == ("edited", GUEST.name)
        assert [(f.field, f.before, f.after) for f in change.fields] == [("author", "Mary Ann Evans", "George Eliot")]
        assert book.history[0].version == book.version
    assert len((await shown(db, other)).history) == 1


async def test_a_form_from_before_a_rename_does_not_bring_the_old_name_back(db: Database) -> None:
    id_ = await a_book(db, author="Mary Ann Evans")
    before = await shown(db, id_)
    await rename(db, before.author.id, "George Eliot")
    with pytest.raises(Conflict):
        await edit(db, id_, before.version, title="Middlemarch", author="Mary Ann Evans")


async def test_a_name_that_another_author_has_is_refused(db: Database) -> None:
    id_ = await a_book(db)
    await a_book(db, author="George Eliot")
    author_id = (await shown(db, id_)).author.id
    with pytest.raises(Invalid) as caught:
        await rename(db, author_id, "GEORGE  ELIOT")
    assert set(caught.value.errors) == {"name"}
    assert set(await authors(db)) == {"Jane Austen", "George Eliot"}


async def test_the_spelling_of_a_name_can_be_changed(db: Database) -> None:
    id_ = await a_book(db, author="jane austen")
    author_id = (await shown(db, id_)).author.id
    await rename(db, author_id, "Jane Austen")
    assert await authors(db) == {"Jane Austen": 1}


async def test_a_rename_of_an_old_version_is_refused(db: Database) -> None:
    author_id = (await shown(db, await a_book(db))).author.id
    await rename(db, author_id, "Theirs", 1)
    with pytest.raises(Conflict) as caught:
        await rename(db, author_id, "Mine", 1)
    assert caught.value.newer.name == "Theirs"
    with pytest.raises(NotFound):
        await rename(db, 99999, "x")


async def test_a_cover_is_noted_once(db: Database) -> None:
    id_ = await a_book(db)
    async with db.writing() as session:
        for cover in ("a" * 64, "a" * 64, None, None):
            await actions.set_cover(session, GUEST, id_, cover, None)
    book = await shown(db, id_)
    assert [change.what for change in book.history] == ["cover", "cover", "added"]
    assert book.version == 3


NAMES = st.sampled_from(["Ann", "ann ", "Bob", "Cleo"])
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "author": NAMES,
        "year": st.sampled_from([None, 1990, 1999, 2000, -5]),
        "language": st.sampled_from([None, "en", "de"]),
        "subjects": st.lists(st.sampled_from(["x", "X", "y", "z"]), max_size=3, unique_by=str.casefold),
        "isbn": st.sampled_from([None, ISBN, OTHER_ISBN]),
        "series": st.sampled_from([None, "S"]),
    },
)
WHICH = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("add"), WHICH, FACTS),
    st.tuples(st.just("edit"), WHICH, FACTS),
    st.tuples(st.sampled_from(["delete", "restore"]), WHICH, st.just({})),
    st.tuples(st.just("rename"), WHICH, st.fixed_dictionaries({"author": NAMES})),
)


async def empty(db: Database) -> None:
    async with db.writing() as session:
        for table in reversed(Model.metadata.sorted_tables):
            if not table.name.startswith("catalogue_version"):
                await session.execute(delete(table))


async def step(db: Database, made: list[int], what: str, which: int, facts: dict[str, Any]) -> None:
    if what == "add":
        made.append(await a_book(db, **facts))
        return
    if not made:
        return
    book_id = made[which % len(made)]
    if what == "edit":
        await edit(db, book_id, **facts)
    elif what == "delete":
        await remove(db, book_id)
    elif what == "restore":
        await restore(db, book_id)
    else:
        await rename(db, (await shown(db, book_id)).author.id, facts["author"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
async def test_the_kept_counts_are_right_after_any_changes(
    db: Database, steps: list[tuple[str, int, dict[str, Any]]]
) -> None:
    await empty(db)
    made: list[int] = []
    for what, which, facts in steps:
        with suppress(Invalid, NotFound):  # a refused change must leave the counts right, too
            await step(db, made, what, which, facts)
        await counts_are_right(db)


def test_a_command_holds_no_more_than_was_asked() -> None:
    assert AddBook(title="a", author="b").subjects is None
