"""What people have to do with a book goes where the book goes, and comes back."""

from typing import Any

import pytest
from sqlalchemy import event, insert, select

from bookapp.accounts.models import Account
from bookapp.admin.actions import merge_books, undo_merge
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.shelves.models import Entry, EntryTag, Quote, Reading, Review, ShelfBook
from bookapp.suggestions.models import Suggestion
from bookapp.works import plug_in
from tests.factories import a_book, a_rating
from tests.people import a_person
from tests.shelves.shelved import a_shelf, edited, here, mine, put, rated, rating, settled, titles


async def merged(db: Database, dora: Actor, from_id: int, into_id: int) -> int:
    async with db.writing() as session:
        return await merge_books(session, dora, from_id, into_id, address="local")


async def undone(db: Database, dora: Actor, merge_id: int) -> None:
    async with db.writing() as session:
        await undo_merge(session, dora, merge_id, address="local")


async def said(db: Database, actor: Actor, book: int, text: str) -> None:
    told = {"account_id": actor.id, "book_id": book, "created_at": clock.now(), "seen_by": 2}
    async with db.writing() as session:
        await session.execute(insert(Review).values(**told, text=text, html="", changed_at=clock.now()))
        await session.execute(insert(Quote).values(**told, text=text))
        await session.execute(
            insert(Reading).values(
                account_id=actor.id, book_id=book, outcome="finished", note=text, created_at=clock.now(), version=1
            )
        )


async def everything(db: Database) -> dict[str, list[Any]]:
    quiet = {"version", "changed_at"}
    async with db.reading() as session:
        return {
            kind.__tablename__: sorted(
                str({name: value for name, value in row.items() if name not in quiet})
                for row in (await session.execute(select(kind.__table__))).mappings()
            )
            for kind in (Entry, EntryTag, ShelfBook, Review, Reading, Quote)
        }


async def test_a_reader_of_one_of_them_keeps_everything(db: Database) -> None:
    alice, dora = await a_person(db), await a_person(db, "dora")
    first, second = await a_book(db), await a_book(db, title="Emma again")
    await settled(db, alice, visibility="everyone")
    await rated(db, alice, first, 4)
    await edited(db, alice, first, tags=["sea"], note="Lent")
    await a_shelf(db, alice, "Classics", first)
    await said(db, alice, first, "Fine")
    before = await everything(db)
    merge = await merged(db, dora, first, second)
    told = await mine(db, alice, second)
    assert (told.stars, told.tags, told.note, told.shelves[0].chosen) == (4, ("sea",), "Lent", True)
    assert (told.review and told.review.text, len(told.readings), len(told.quotes)) == ("Fine", 1, 1)
    assert (await here(db, first), await here(db, second)) == ((0, 0), (1, 16))
    assert await titles(db, alice, "read") == ["Emma again"]
    await undone(db, dora, merge)
    assert await everything(db) == before
    assert (await here(db, first), await here(db, second)) == ((1, 16), (0, 0))
    assert (await rating(db, first)).average == pytest.approx(4)


async def test_a_reader_of_both_keeps_what_they_said_of_the_one_that_stays(db: Database) -> None:
    alice, bob, dora = [await a_person(db, name) for name in ("alice", "bob", "dora")]
    first, second = await a_book(db), await a_book(db, title="Emma again")
    for person in (alice, bob):
        await settled(db, person, visibility="everyone")
    await rated(db, alice, first, 1)
    await edited(db, alice, first, tags=["sea", "old"], note="From the first")
    await said(db, alice, first, "First")
    await rated(db, alice, second, 5)
    await edited(db, alice, second, tags=["sea"])
    await said(db, alice, second, "Second")
    await rated(db, bob, first, 3)
    await edited(db, bob, second, note="His")
    before = await everything(db)
    merge = await merged(db, dora, first, second)
    hers, his = await mine(db, alice, second), await mine(db, bob, second)
    assert (hers.stars, hers.note, hers.tags) == (5, "From the first", ("old", "sea"))
    assert (hers.review and hers.review.text, len(hers.readings), len(hers.quotes)) == ("Second", 2, 2)
    assert (his.stars, his.state, his.note) == (3, "read", "His")
    assert await here(db, second) == (2, 20 + 12)
    await undone(db, dora, merge)
    assert await everything(db) == before
    assert (await here(db, first), await here(db, second)) == ((2, 4 + 12), (1, 20))


async def test_what_was_private_of_one_is_not_shown_of_the_other(db: Database) -> None:
    alice, dora = await a_person(db), await a_person(db, "dora")
    first, second = await a_book(db), await a_book(db, title="Emma again")
    await rated(db, alice, first, 1)
    await edited(db, alice, first, visibility="me", tags=["secret"])
    await put(db, alice, second, "read", "everyone")
    await said(db, alice, second, "Open")
    before = await everything(db)
    merge = await merged(db, dora, first, second)
    assert (await mine(db, alice, second)).seen_by == "me"
    assert await here(db, second) == (0, 0)
    async with db.reading() as session:
        assert await session.scalar(select(Review.seen_by)) == 0
    await undone(db, dora, merge)
    after = await everything(db)
    assert after["entry"] == before["entry"]
    assert (await mine(db, alice, second)).seen_by == "everyone"


async def test_what_was_changed_since_stays(db: Database) -> None:
    alice, dora = await a_person(db), await a_person(db, "dora")
    first, second = await a_book(db), await a_book(db, title="Emma again")
    await settled(db, alice, visibility="everyone")
    await rated(db, alice, first, 2)
    await edited(db, alice, second, note="Mine")
    merge = await merged(db, dora, first, second)
    await rated(db, alice, second, 5)
    await undone(db, dora, merge)
    assert ((await mine(db, alice, first)).stars, (await mine(db, alice, second)).stars) == (2, 5)
    assert (await here(db, first), await here(db, second)) == ((1, 8), (1, 20))


async def test_a_rating_of_the_wide_world_goes_along_and_those_of_here_stay_beside(db: Database) -> None:
    alice, dora = await a_person(db), await a_person(db, "dora")
    first, second = await a_book(db), await a_book(db, title="Emma again")
    await a_rating(db, first, 4.0, 3)
    await settled(db, alice, visibility="everyone")
    await rated(db, alice, second, 2)
    merge = await merged(db, dora, first, second)
    assert ((await rating(db, second)).count, (await rating(db, second)).average) == (4, pytest.approx(14 / 4))
    await undone(db, dora, merge)
    assert ((await rating(db, second)).count, (await rating(db, second)).average) == (1, pytest.approx(2))
    assert ((await rating(db, first)).count, (await rating(db, first)).average) == (3, pytest.approx(4))


async def readers_of_both(db: Database, sender: Actor, first: int, second: int, count: int) -> None:
    """People who said something else of each of the two books, and to whom the second one was recommended."""
    now = clock.now()
    async with db.writing() as session:
        names = [{"username": name, "username_key": name, "email": name, "email_key": name}
                 for name in (f"reader{first}n{n}" for n in range(count))]  # fmt: skip
        told = {"password_hash": "", "role": "member", "time_zone": "UTC", "created_at": now}
        await session.execute(insert(Account), [told | name for name in names])
        theirs = Account.username.startswith(f"reader{first}n")
        people = list(await session.scalars(select(Account.id).where(theirs).order_by(Account.id)))
        told = {"seen_by": 2, "visibility": 2, "added_at": now, "state_at": now, "rated_at": None, "quarters": None}
        of_both = []
        for n, person in enumerate(people):
            has = {"state": "read", "note": "Mine" if n % 2 else None, "is_owned": n % 3 == 0}
            of_both.append(told | has | {"account_id": person, "book_id": first, "quarters": 8, "rated_at": now})
            lacks = {"state": "want" if n % 2 else None, "note": None, "is_owned": False}
            of_both.append(told | lacks | {"account_id": person, "book_id": second})
        await session.execute(insert(Entry), of_both)
        sent = {"from_id": sender.id, "book_id": second, "state": "sent", "sent_at": now, "changed_at": now}
        await session.execute(
            insert(Suggestion), [sent | {"to_id": one, "seen_at": now if one % 2 else None} for one in people]
        )


async def statements(db: Database, work: Any) -> tuple[Any, int]:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    try:
        done = await work
    finally:
        event.remove(db.engine.sync_engine, "before_cursor_execute", note)
    return done, len(seen)


async def test_many_readers_of_both_take_as_many_statements_as_two(db: Database) -> None:
    plug_in(db)
    alice, dora = await a_person(db), await a_person(db, "dora")
    took = []
    for count in (2, 12):
        first, second = await a_book(db), await a_book(db, title="Emma again")
        await readers_of_both(db, alice, first, second, count)
        merge, to_merge = await statements(db, merged(db, dora, first, second))
        async with db.reading() as session:
            of_second = select(Entry.state, Entry.quarters).where(Entry.book_id == second)
            assert set(await session.execute(of_second)) == {("read", 8), ("want", 8)}
        _, to_undo = await statements(db, undone(db, dora, merge))
        took.append((to_merge, to_undo))
    assert took[0] == took[1]
    async with db.reading() as session:
        assert set(await session.scalars(select(Entry.quarters).where(Entry.book_id == second))) == {None}
