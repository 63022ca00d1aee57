"""A year in numbers for its owner, a member, somebody blocked and a guest, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, update

from bookapp.accounts.models import Account, ImportedReader
from bookapp.advice import actions as advice
from bookapp.advice.commands import SayPraise
from bookapp.books.actions import delete_book
from bookapp.books.rating_actions import count_ratings
from bookapp.circles.visibility import EVERYONE, ME, MEMBERS
from bookapp.core import clock
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from bookapp.shelves.models import Reader, Reading
from bookapp.statistics import actions, place_queries, queries, year_queries
from bookapp.statistics.commands import SetGoal
from bookapp.statistics.results import PlaceShown, Plot, YearShown
from tests.factories import a_book
from tests.people import a_person
from tests.statistics.reading import blocks, was_read


async def year_of(db: Database, actor: Actor, name: str = "alice", year: int = 2024) -> YearShown:
    async with db.reading() as session:
        return await year_queries.show_year(session, actor, name, year)


async def years_of(db: Database, actor: Actor, name: str = "alice") -> list[tuple[int, int]]:
    async with db.reading() as session:
        return [(line.year, line.books) for line in (await queries.list_years(session, actor, name)).years]


async def place(db: Database) -> PlaceShown:
    async with db.reading() as session:
        return await place_queries.count_place(session)


def rows(plot: Plot) -> dict[str, int]:
    return {bar.label: bar.count for bar in plot.rows if bar.count}


async def test_a_year_is_counted_in_all_its_ways(db: Database) -> None:
    alice = await a_person(db)
    emma = await a_book(db, year=1815, pages=474, language="en", subjects=["Classics", "Love"])
    dune = await a_book(
        db, title="Dune", author="Frank Herbert", year=1965, pages=600, language="en", subjects=["Sand"]
    )
    candide = await a_book(db, title="Candide", author="Voltaire", year=1759, language="fr", subjects=["Classics"])
    await was_read(db, alice, emma, "2024-02-10", started="2024-02-01", quarters=18)
    await was_read(db, alice, dune, "2024-03", started="2024-02-01", quarters=14)
    await was_read(db, alice, candide, "2024")
    await was_read(db, alice, emma, "2024-12-31", started="2024-12-28")
    await was_read(db, alice, dune, "2023-12-31")
    await was_read(db, alice, candide, None)
    year = await year_of(db, alice)
    assert (year.books, year.again, year.pages, year.some_time, year.streak) == (4, 3, 474 * 2 + 600, 1, 2)
    assert rows(year.months) == {"February": 1, "March": 1, "December": 1}
    assert rows(year.subjects) == {"Classics": 3, "Love": 2, "Sand": 1}
    assert rows(year.authors) == {"Jane Austen": 2, "Frank Herbert": 1, "Voltaire": 1}
    assert rows(year.languages) == {"English": 3, "French": 1}
    assert rows(year.decades) == {"1750s": 1, "1810s": 2, "1960s": 1}
    assert rows(year.ratings) == {"4½": 1, "3½": 1}
    assert (year.average_stars, year.average_days) == (4.0, 7)
    told = [book and (book.title, book.finished) for book in (year.first, year.last, year.longest, year.shortest)]
    assert told == [("Emma", "10 February"), ("Emma", "31 December"), ("Dune", "March"), ("Emma", "10 February")]
    assert [(book.title, book.finished, book.again, book.stars) for book in year.read] == [
        ("Emma", "31 December", True, 4.5),
        ("Dune", "March", True, 3.5),
        ("Emma", "10 February", False, 4.5),
        ("Candide", "some time in 2024", True, None),
    ]
    assert await years_of(db, alice) == [(2024, 4), (2023, 1)]
    assert (await year_of(db, alice, year=2022)).books == 0


async def test_a_year_that_only_is_known_is_never_january(db: Database) -> None:
    alice, emma = await a_person(db), await a_book(db)
    await was_read(db, alice, emma, "2024")
    year = await year_of(db, alice)
    assert (year.books, year.some_time, year.months.rows, year.first) == (1, 1, (), None)


async def test_what_is_not_finished_or_deleted_does_not_count(db: Database) -> None:
    alice, emma, dune = await a_person(db), await a_book(db), await a_book(db, title="Dune")
    await was_read(db, alice, emma, "2024-02-10", outcome="stopped")
    await was_read(db, alice, dune, "2024-02-10")
    async with db.writing() as session:
        await delete_book(session, alice, dune, None)
    assert (await year_of(db, alice)).books == 0


async def test_everybody_counts_only_what_they_may_see(db: Database) -> None:
    alice, bob, charlie = [await a_person(db, name) for name in ("alice", "bob", "charlie")]
    await blocks(db, alice, charlie)
    for title, seen_by in (("Secret", ME), ("For members", MEMBERS), ("For all", EVERYONE)):
        book = await a_book(db, title=title, subjects=[title], pages=100)
        await was_read(db, alice, book, "2024-02-10", seen_by=seen_by, quarters=20)
    for actor, count in ((alice, 3), (bob, 2), (charlie, 1), (GUEST, 1)):
        year = await year_of(db, actor)
        assert (year.books, year.pages, len(year.read), sum(rows(year.subjects).values())) == (
            count,
            count * 100,
            count,
            count,
        )
        assert rows(year.ratings) == {"5": count}
        assert await years_of(db, actor) == [(2024, count)]
    assert "Secret" not in str(await year_of(db, bob))
    assert "For members" not in str(await year_of(db, charlie))
    assert (await year_of(db, bob)).seen_by is None
    assert (await year_of(db, alice)).seen_by == "members"


async def test_who_is_not_here_has_no_years(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    await a_person(db, "imported")
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == "bob").values(delete_at=clock.now()))
        values = {"source": "goodbooks", "key": "1", "account_id": (bob.id or 0) + 1, "group": "fit"}
        await session.execute(insert(ImportedReader).values(**values))
    for name in ("bob", "imported", "nobody-here"):
        with pytest.raises(NotFound):
            await year_of(db, alice, name)
        with pytest.raises(NotFound):
            await years_of(db, alice, name)
    with pytest.raises(NotFound):
        await year_of(db, alice, year=10_000)


async def test_a_goal_is_as_visible_as_the_shelf_of_read_books(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2024, 7, 1, 22, 30, tzinfo=UTC))
    alice, bob = await a_person(db, zone="Europe/Berlin"), await a_person(db, "bob")
    await was_read(db, alice, await a_book(db), "2024-02-10")
    async with db.writing() as session:
        await actions.set_goal(session, alice, 2024, SetGoal(books=12))
        await actions.set_goal(session, alice, 2024, SetGoal(books=366))
    own = (await year_of(db, alice)).goal
    assert own is not None
    # In Berlin it is the second of July already: day 184 of 366.
    assert (own.books, own.done, own.expected, own.words) == (366, 1, 184, "183 books behind your pace.")
    seen = (await year_of(db, bob)).goal
    assert seen is not None
    assert (seen.books, seen.expected, seen.words) == (366, None, "")
    assert (await year_of(db, GUEST)).goal is None
    async with db.writing() as session:
        await session.execute(insert(Reader).values(account_id=alice.id, visibility=MEMBERS, read=ME, is_counted=True))
    assert (await year_of(db, bob)).goal is None
    async with db.writing() as session:
        await actions.drop_goal(session, alice, 2024)
        await actions.drop_goal(session, alice, 2024)
    assert (await year_of(db, alice)).goal is None


async def test_the_numbers_of_the_place_hold_nothing_private(db: Database) -> None:
    alice = await a_person(db)
    emma, dune = await a_book(db, subjects=["Classics"], year=1815), await a_book(db, title="Dune")
    await was_read(db, alice, emma, "2024", seen_by=MEMBERS, quarters=20)
    await was_read(db, alice, dune, "2024", seen_by=EVERYONE, quarters=20)
    async with db.writing() as session:
        await count_ratings(session, dune, quarters=20, count=1)
        await advice.say_praise(session, alice, dune, SayPraise(reason="Sand"))
    shown = await place(db)
    assert (shown.books, shown.authors, shown.subjects, shown.ratings, shown.reviews) == (2, 1, 1, 1, 0)
    assert rows(shown.by_decade) == {"1810s": 1}
    assert [bar.count for bar in shown.added.rows] == [0] * 11 + [2]
    assert [book.title for book in shown.most_praised] == ["Dune"]


async def test_of_a_thousand_readings_all_count_and_the_latest_are_shown(db: Database) -> None:
    alice = await a_person(db)
    books = [await a_book(db, title=f"Book {number}", pages=100, subjects=["All"]) for number in range(5)]
    for book in books:
        await was_read(db, alice, book, "2023")
    many = [
        {"account_id": alice.id, "book_id": books[number % 5], "outcome": "finished", "created_at": clock.now(),
         "finished_on": date(2024, number % 12 + 1, number % 28 + 1), "finished_as": "day", "version": 1}
        for number in range(1000)
    ]  # fmt: skip
    async with db.writing() as session:
        await session.execute(insert(Reading), many)
    year = await year_of(db, alice)
    assert (year.books, year.again, year.pages, len(year.read)) == (1000, 1000, 100_000, 60)
