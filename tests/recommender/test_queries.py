"""What is recommended to whom, and what is never."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, update

from bookapp.accounts.models import Account
from bookapp.books import actions as book_actions
from bookapp.books.models import BookSubject, Contribution
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.recommender import queries
from bookapp.recommender.models import BookNeighbor, Dismissal, Mute
from bookapp.shelves.models import Entry, Reader
from tests.factories import a_book, a_rating
from tests.people import a_person
from tests.recommender.taste import a_club, books, candidates, fit, rated, reasons

READERS, SAME_AUTHOR, SAME_SERIES, ALIKE = range(4)


async def test_what_others_liked_with_a_book_is_recommended_to_who_liked_it(db: Database) -> None:
    emma, persuasion, dune = await books(db, 3)
    await a_club(db, [emma, persuasion])
    alice = await a_person(db)
    await rated(db, alice, emma)
    await fit(db)
    assert await candidates(db, alice) == [persuasion]
    assert await reasons(db, alice, persuasion) == [(emma, READERS)]
    assert dune not in await candidates(db, alice)


async def test_a_rating_counts_at_once_without_a_fit(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    alice = await a_person(db)
    await fit(db)
    assert await candidates(db, alice) == []
    await rated(db, alice, emma, 4.5)
    assert await candidates(db, alice) == [persuasion]
    async with db.writing() as session:
        await session.execute(update(Entry).where(Entry.account_id == alice.id).values(quarters=11))
    assert await candidates(db, alice) == []


async def test_a_book_of_three_stars_counts_and_is_never_a_reason(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    alice = await a_person(db)
    await rated(db, alice, emma, 3.75)
    await fit(db)
    assert await candidates(db, alice) == [persuasion]
    assert await reasons(db, alice, persuasion) == []


async def _on_a_shelf(db: Database, alice: Actor, book: int) -> None:
    await rated(db, alice, book, None, state="want")


async def _on_her_own_shelf_only(db: Database, alice: Actor, book: int) -> None:
    await rated(db, alice, book, None, state=None)


async def _dismissed(db: Database, alice: Actor, book: int) -> None:
    async with db.writing() as session:
        now = clock.now()
        row = {"account_id": alice.id, "book_id": book, "at": now, "until": now + timedelta(days=1)}
        await session.execute(insert(Dismissal).values(**row))


async def _muted_author(db: Database, alice: Actor, book: int) -> None:
    async with db.writing() as session:
        author = await session.scalar(select(Contribution.author_id).where(Contribution.book_id == book))
        await session.execute(insert(Mute).values(account_id=alice.id, kind="author", key=author, at=clock.now()))


async def _muted_subject(db: Database, alice: Actor, book: int) -> None:
    async with db.writing() as session:
        subject = await session.scalar(select(BookSubject.subject_id).where(BookSubject.book_id == book))
        await session.execute(insert(Mute).values(account_id=alice.id, kind="subject", key=subject, at=clock.now()))


async def _deleted(db: Database, alice: Actor, book: int) -> None:
    async with db.writing() as session:
        await book_actions.delete_book(session, alice, book, None)


@pytest.mark.parametrize(
    "put_away", [_on_a_shelf, _on_her_own_shelf_only, _dismissed, _muted_author, _muted_subject, _deleted]
)
async def test_what_is_known_or_unwanted_is_left_out_here_and_among_the_popular(
    db: Database, put_away: Callable[[Database, Actor, int], Awaitable[None]]
) -> None:
    emma = await a_book(db)
    persuasion = await a_book(db, title="Persuasion", author="Miss A", subjects=["sea"])
    await a_club(db, [emma, persuasion])
    alice = await a_person(db)
    await rated(db, alice, emma)
    await fit(db)
    assert await candidates(db, alice) == [persuasion]
    await put_away(db, alice, persuasion)
    assert await candidates(db, alice) == []
    async with db.reading() as session:
        assert persuasion not in {c.book_id for c in await queries.list_popular(session, alice.id or 0)}
        assert persuasion in {c.book_id for c in await queries.list_popular(session, 0)} or put_away is _deleted


async def test_a_dismissed_book_comes_back_when_its_time_is_over(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    alice = await a_person(db)
    await rated(db, alice, emma)
    await _dismissed(db, alice, persuasion)
    await fit(db)
    async with db.writing() as session:
        await session.execute(update(Dismissal).values(until=clock.now()))
    assert await candidates(db, alice) == [persuasion]


async def test_the_reasons_are_the_largest_terms_and_three_at_most(db: Database) -> None:
    *liked, wanted = await books(db, 6)
    await a_club(db, [*liked, wanted], 4)
    alice = await a_person(db)
    for n, book in enumerate(liked):
        await rated(db, alice, book, 5 if n in (1, 3, 4) else 4)
    await fit(db)
    assert sorted(source for source, _kind in await reasons(db, alice, wanted)) == [liked[1], liked[3], liked[4]]


async def test_with_two_common_readers_no_row_says_readers(db: Database) -> None:
    emma, persuasion, dune = await books(db, 3)
    people = await a_club(db, [emma, persuasion])
    await rated(db, people[0], dune)
    await rated(db, people[1], dune)
    await fit(db)
    async with db.reading() as session:
        rows = (await session.execute(select(BookNeighbor.source_id, BookNeighbor.target_id, BookNeighbor.kind))).all()
    assert {(row.source_id, row.target_id) for row in rows} == {(emma, persuasion), (persuasion, emma)}


async def _not_counted(db: Database, person: Actor) -> None:
    async with db.writing() as session:
        await session.execute(insert(Reader).values(account_id=person.id, visibility=2, is_counted=False))


async def _disabled(db: Database, person: Actor) -> None:
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.id == person.id).values(disabled_at=clock.now()))


async def _leaving(db: Database, person: Actor) -> None:
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.id == person.id).values(delete_at=clock.now()))


@pytest.mark.parametrize("silence", [_not_counted, _disabled, _leaving])
async def test_nothing_is_learned_from_who_does_not_want_it_or_is_gone(
    db: Database, silence: Callable[[Database, Actor], Awaitable[None]]
) -> None:
    emma, persuasion = await books(db, 2)
    await a_book(db, title="Sanditon", author="Author 0")  # so that there is something to learn in any case
    people = await a_club(db, [emma, persuasion])
    alice = await a_person(db)
    await rated(db, alice, emma)
    await fit(db)
    assert persuasion in await candidates(db, alice)
    await silence(db, people[1])
    made = await fit(db)
    assert persuasion not in await candidates(db, alice)
    assert made.readers == 3


async def test_who_rated_nothing_sees_what_is_popular_then_what_is_new(db: Database) -> None:
    old, popular, new = await books(db, 3)
    await a_rating(db, popular, 4.2, 900)
    alice = await a_person(db)
    async with db.reading() as session:
        ranked = await queries.list_ranked(session, alice.id or 0, 20)
    assert [c.book_id for c in ranked] == [popular, new, old]


async def test_a_book_that_nobody_read_is_found_by_its_author_and_said_so(db: Database) -> None:
    emma = await a_book(db)
    sanditon = await a_book(db, title="Sanditon")
    alice = await a_person(db)
    await rated(db, alice, emma)
    await fit(db)
    assert await reasons(db, alice, sanditon) == [(emma, SAME_AUTHOR)]


async def test_five_readers_and_eighty_books_are_enough_for_everybody(db: Database) -> None:
    subjects = ("sea", "love", "war", "fairy tales", "travel")
    shelf = [
        await a_book(db, title=f"Book {n}", author=f"Author {n % 20}", subjects=[subjects[n % 5], f"rare {n % 16}"])
        for n in range(80)
    ]
    people = [await a_person(db, f"reader{n}") for n in range(5)]
    for n, person in enumerate(people):
        for i in range(18):
            book = (n * 11 + i * 7) % 80
            await rated(db, person, shelf[book], 5 if book % 5 == n else 2 + i % 3)
    await fit(db)
    for person in people:
        async with db.reading() as session:
            ranked = [c.book_id for c in await queries.list_ranked(session, person.id or 0, 20)]
            because = await queries.list_reasons(session, person.id or 0, ranked)
            mine = dict(
                (
                    await session.execute(select(Entry.book_id, Entry.quarters).where(Entry.account_id == person.id))
                ).all()
            )
        assert len(ranked) == len(set(ranked)) == 20
        assert not set(ranked) & set(mine)
        assert len(because) >= 15
        assert all(mine[source] >= 16 for sources in because.values() for source, _kind in sources)


async def test_books_like_another_say_what_ties_them(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    sanditon = await a_book(db, title="Sanditon", author="Author 0")
    await a_club(db, [emma, persuasion])
    await fit(db)
    async with db.reading() as session:
        similar = await queries.list_similar_fitted(session, emma, 10)
    assert {(book.id, book.because) for book in similar} == {
        (persuasion, ("readers of this book read it too",)),
        (sanditon, ("by the same author",)),
    }


async def test_before_the_first_fit_there_are_popular_books_and_no_similar_ones(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    alice = await a_person(db)
    await rated(db, alice, emma)
    async with db.writing() as session:
        await session.execute(delete(BookNeighbor))
    async with db.reading() as session:
        assert [c.book_id for c in await queries.list_ranked(session, alice.id or 0, 20)] == [persuasion]
        assert await queries.list_similar_fitted(session, emma, 10) == ()


async def test_no_question_walks_through_more_than_what_it_is_about(db: Database) -> None:
    alice = await a_person(db)
    asked: list[tuple[str, Any]] = []
    event.listen(
        db.engine.sync_engine, "before_cursor_execute", lambda _c, _cu, sql, given, *_: asked.append((sql, given))
    )
    async with db.writing() as session:
        await queries.list_ranked(session, alice.id or 0, 20)
        await queries.list_reasons(session, alice.id or 0, [1, 2])
        await queries.list_similar_fitted(session, 1, 12)
        if db.is_sqlite:
            connection = await session.connection()
            for sql, given in [one for one in asked if "book_neighbor" in one[0]]:
                plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
                # A generation has thirty rows for each book, and of one book there are just these.
                neighbors = [step for step in plan if "book_neighbor" in step]
                assert neighbors, sql
                assert not [step for step in neighbors if "SCAN" in step or step.endswith("(fit_id=?)")], sql
                assert not [step for step in plan if step.startswith("SCAN book ")], sql
