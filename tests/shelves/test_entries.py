"""Putting books on shelves, rating them, and who sees that, on both databases."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bookapp.accounts.models import Account, ImportedReader
from bookapp.books.actions import delete_book
from bookapp.core import clock
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from bookapp.core.events import changes_of
from bookapp.shelves import entry_actions as actions
from bookapp.shelves.entry_queries import list_reading_now
from bookapp.shelves.models import Entry, Quote, Reading, Review
from tests.factories import a_book, a_rating
from tests.people import a_person
from tests.shelves.shelved import (
    edited,
    entries,
    here,
    mine,
    off,
    put,
    rated,
    rating,
    readers,
    settled,
    shelf,
    tied,
)  # fmt: skip

LATE = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)  # in Berlin it is the fourth already


async def readings(db: Database) -> list[tuple[str, Any, Any]]:
    async with db.reading() as session:
        rows = await session.execute(
            select(Reading.outcome, Reading.started_on, Reading.finished_on).order_by(Reading.id)
        )
        return [tuple(row) for row in rows]


async def test_alice_puts_a_book_on_a_shelf_and_on_another(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    nothing = await mine(db, alice, book)
    assert (nothing.state, nothing.stars, nothing.seen_by, nothing.version) == (None, None, "members", 0)
    wanted = await put(db, alice, book, "want")
    assert (wanted.state, wanted.version, await entries(db, alice)) == ("want", 1, 1)
    assert (await put(db, alice, book, "read")).state == "read"
    assert (await put(db, alice, book, "read")).version == 2  # nothing changed
    assert (await off(db, alice, book)).state is None
    assert await entries(db, alice) == 0


async def test_readings_follow_the_shelf_on_the_readers_calendar(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, book = await a_person(db, zone="Europe/Berlin"), await a_book(db)
    monkeypatch.setattr(clock, "now", lambda: LATE)
    today, later = datetime(2026, 5, 4).date(), datetime(2026, 5, 6).date()
    await put(db, alice, book, "reading")
    assert await readings(db) == [("reading", today, None)]
    monkeypatch.setattr(clock, "now", lambda: LATE.replace(day=5))
    await put(db, alice, book, "read")
    assert await readings(db) == [("finished", today, later)]
    await put(db, alice, book, "want")
    await put(db, alice, book, "read")
    assert len(await readings(db)) == 1  # nobody knows when: none is made up
    await put(db, alice, book, "reading")
    await put(db, alice, book, "stopped")
    assert (await readings(db))[1:] == [("stopped", later, later)]
    assert (await off(db, alice, book)).state is None
    assert await entries(db, alice) == 1  # its readings stay


async def test_a_slip_of_the_hand_leaves_no_reading(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await put(db, alice, book, "reading")
    await put(db, alice, book, "want")
    assert await readings(db) == []
    await put(db, alice, book, "reading")
    async with db.writing() as session:
        await session.execute(update(Reading).values(page=30))
    await off(db, alice, book)
    assert len(await readings(db)) == 1


async def test_rating_a_book_says_that_it_was_read(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    given = await rated(db, alice, book, 3.5)
    assert (given.state, given.stars, given.stars_words) == ("read", 3.5, "3½ of 5 stars")
    await put(db, alice, book, "stopped")
    assert (await rated(db, alice, book, 2)).state == "stopped"
    assert (await rated(db, alice, book, None)).stars is None
    assert (await mine(db, alice, book)).state == "stopped"


async def test_note_tags_and_copy_are_kept_and_go(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    full = await edited(db, alice, book, note="Lent to Bob", tags=["Sea", "whales"], is_owned=True)
    assert (full.note, full.tags, full.is_owned, full.state) == ("Lent to Bob", ("Sea", "whales"), True, None)
    assert (await edited(db, alice, book, tags=["sea"])).tags == ("sea",)
    version = (await mine(db, alice, book)).version
    assert (await edited(db, alice, book, tags=["sea"], is_owned=True)).version == version
    await edited(db, alice, book, note=None, is_owned=False)
    assert await entries(db, alice) == 1
    await edited(db, alice, book, tags=[])
    assert await entries(db, alice) == 0


async def test_a_choice_of_who_sees_it_comes_before_the_shelf_and_outlives_it(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await edited(db, alice, book, visibility="me")
    assert (await put(db, alice, book, "read")).seen_by == "me"
    await off(db, alice, book)
    assert (await put(db, alice, book, "want")).seen_by == "me"
    await off(db, alice, book)
    await edited(db, alice, book, visibility=None)
    assert await entries(db, alice) == 0


async def test_a_book_that_is_not_there_is_on_no_shelf(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    for wrong in (987_654, book):
        with pytest.raises(NotFound, match="There is no such book"):
            await put(db, alice, wrong, "want")
        async with db.writing() as session:
            await delete_book(session, GUEST, book, None) if wrong != book else None
    with pytest.raises(NotFound):
        await mine(db, alice, book)
    assert await entries(db, alice) == 0


async def test_only_ratings_that_everyone_may_see_count_for_the_book(db: Database) -> None:
    alice, bob, book = await a_person(db), await a_person(db, "bob"), await a_book(db)
    await a_rating(db, book, 4.0, 3)
    await rated(db, alice, book, 2)
    assert (await rating(db, book)).count == 3
    await edited(db, alice, book, visibility="everyone")
    assert await here(db, book) == (1, 8)
    assert (await rating(db, book)).average == pytest.approx(14 / 4)
    await rated(db, alice, book, 5)
    assert (await rating(db, book)).average == pytest.approx(17 / 4)
    await rated(db, bob, book, 0.25)
    await put(db, bob, book, "want", "everyone")
    assert await here(db, book) == (2, 21)
    await edited(db, alice, book, visibility=None)
    assert await here(db, book) == (1, 1)
    await rated(db, bob, book, None)
    shown = await rating(db, book)
    assert (await here(db, book), shown.average, shown.count) == ((0, 0), 4.0, 3)


async def test_who_sees_her_books_is_settled_for_all_of_them_at_once(db: Database) -> None:
    alice, books = await a_person(db), [await a_book(db, title=f"Book {n}") for n in range(4)]
    await rated(db, alice, books[0], 4)
    await rated(db, alice, books[1], 3)
    await edited(db, alice, books[1], visibility="me")
    await put(db, alice, books[2], "want")
    await rated(db, alice, books[2], 1)
    async with db.writing() as session:
        told = {"account_id": alice.id, "book_id": books[0], "created_at": clock.now()}
        await session.execute(insert(Review).values(**told, text="", html="", seen_by=1, changed_at=clock.now()))
        await session.execute(insert(Quote).values(**told, text="", seen_by=0, visibility=0))
    await settled(db, alice, visibility="everyone", want="me")
    assert [(await mine(db, alice, book)).seen_by for book in books] == ["everyone", "me", "me", "everyone"]
    assert [await here(db, book) for book in books] == [(1, 16), (0, 0), (0, 0), (0, 0)]
    async with db.reading() as session:
        assert await session.scalar(select(Review.seen_by)) == 2
        assert await session.scalar(select(Quote.seen_by)) == 0
        assert await session.scalar(select(func.count()).where(Entry.seen_by == 0)) == 2
    await settled(db, alice, read="members", want=None)
    assert [await here(db, book) for book in books] == [(0, 0), (0, 0), (1, 4), (0, 0)]
    async with db.reading() as session:
        assert await session.scalar(select(Review.seen_by)) == 1


async def test_what_was_said_of_a_book_goes_with_its_shelf(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await settled(db, alice, want="me")
    await put(db, alice, book, "read")
    async with db.writing() as session:
        told = {"account_id": alice.id, "book_id": book, "created_at": clock.now(), "seen_by": 1}
        await session.execute(insert(Review).values(**told, text="", html="", changed_at=clock.now()))
    await put(db, alice, book, "want")
    async with db.reading() as session:
        assert await session.scalar(select(Review.seen_by)) == 0
    await off(db, alice, book)
    assert await entries(db, alice) == 1  # her review hangs on it


async def test_readers_are_shown_to_those_who_may_see_them(db: Database) -> None:
    alice, bob, charlie = [await a_person(db, name) for name in ("alice", "bob", "charlie")]
    book = await a_book(db)
    await rated(db, alice, book, 4)
    await rated(db, bob, book, 2)
    await edited(db, bob, book, visibility="everyone")
    await put(db, charlie, book, "want", "me")
    await edited(db, await a_person(db, "dora"), book, note="Only a note", visibility="everyone")

    async def seen(who: Actor) -> tuple[float | None, int, list[int], list[str]]:
        told = await readers(db, who, book)
        return told.average, told.count, [state.count for state in told.states], [one.username for one in told.readers]

    assert await seen(GUEST) == (2.0, 1, [0, 0, 1, 0], ["bob"])
    assert await seen(charlie) == (3.0, 3, [1, 0, 2, 0], ["bob", "alice"])
    assert await seen(alice) == (3.0, 2, [0, 0, 2, 0], ["bob"])
    await tied(db, charlie, alice, "trust")
    assert (await seen(charlie))[3] == ["alice", "bob"]
    await tied(db, alice, charlie, "block")
    assert await seen(charlie) == (2.0, 2, [1, 0, 1, 0], ["bob"])


async def test_who_left_or_stands_for_a_data_set_is_no_reader(db: Database) -> None:
    book = await a_book(db)
    for name in ("alice", "bob", "charlie"):
        await rated(db, person := await a_person(db, name), book, 4)
        await edited(db, person, book, visibility="everyone")
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == "bob").values(disabled_at=clock.now()))
        await session.execute(insert(ImportedReader).values(source="x", key="1", account_id=person.id, group="fit"))
    assert [one.username for one in (await readers(db, GUEST, book)).readers] == ["alice"]
    for name in ("bob", "charlie", "nobody"):
        with pytest.raises(NotFound):
            await shelf(db, GUEST, "read", name)


async def test_many_rate_one_book_at_once_and_every_rating_counts(db: Database) -> None:
    book = await a_book(db)
    people = [await a_person(db, f"reader{n}") for n in range(8)]
    for person in people:
        await settled(db, person, visibility="everyone")
    await asyncio.gather(*(rated(db, person, book, 5 if n % 2 else 3) for n, person in enumerate(people)))
    assert await here(db, book) == (8, 4 * 20 + 4 * 12)


async def test_one_reader_in_many_windows_makes_one_entry(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await settled(db, alice, visibility="everyone")
    await asyncio.gather(
        *(rated(db, alice, book, stars) for stars in (1, 2, 3, 4)),
        *(put(db, alice, book, state) for state in ("reading", "reading", "reading")),
        *(edited(db, alice, book, tags=["one", "two"]) for _ in range(3)),
    )
    told = await mine(db, alice, book)
    assert await entries(db, alice) == 1
    assert told.tags == ("one", "two")
    assert await here(db, book) == (1, int((told.stars or 0) * 4))
    assert len([outcome for outcome, *_ in await readings(db) if outcome == "reading"]) <= 1


async def test_each_change_is_told_to_whom_it_concerns(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)

    async def told(**fields: Any) -> list[tuple[str, Any, Any]]:
        async with db.writing() as session:
            await actions.edit_entry(session, alice, book, fields)  # type: ignore[arg-type]
            return [(change.name, change.people, change.about) for change in changes_of(session)]

    hers = frozenset({alice.id})
    assert await told(note="x") == [("shelf-changed", hers, book)]
    assert await told(note="x") == []
    async with db.writing() as session:
        await actions.rate_book(session, alice, book, 20)
        assert [change.name for change in changes_of(session)] == ["shelf-changed", "rating-changed"]
    assert {name for name, *_ in await told(visibility="everyone")} == {"shelf-changed", "books-changed"}
    assert {name for name, *_ in await told(visibility="me")} == {"shelf-changed", "books-changed"}


async def test_what_she_reads_now_has_its_progress(db: Database) -> None:
    alice = await a_person(db)
    first, second = await a_book(db, pages=400), await a_book(db, title="Persuasion")
    await put(db, alice, first, "reading")
    await put(db, alice, second, "reading")
    async with db.writing() as session:
        await session.execute(
            update(Reading).where(Reading.book_id == first).values(page=100, progressed_at=clock.now())
        )
    async with db.reading() as session:
        now = await list_reading_now(session, alice, 5)
        assert [(book.title, book.percent, book.progress_words) for book in now] == [
            ("Emma", 25, "page 100 of 400"), ("Persuasion", None, ""),
        ]  # fmt: skip
        assert await list_reading_now(session, await a_person(db, "bob"), 5) == ()
