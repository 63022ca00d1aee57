"""What became of recommendations is heard of many books, and of many people, at once."""

from typing import Any

from sqlalchemy import event, func, insert, select

from bookapp.accounts.models import Account
from bookapp.circles.visibility import ME
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.recommender.models import StaleBook
from bookapp.shelves.bulk_actions import Put, put_entries
from bookapp.shelves.models import Entry
from bookapp.shelves.told import EntryTold
from bookapp.suggestions.outcome_actions import follow
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_sent_book
from tests.people import a_person
from tests.suggestions.sent import sent, suggested


async def brought(db: Database, actor: Actor, books: list[int], **told: Any) -> None:
    """A file tells the same of some books."""
    async with db.writing() as session:
        await put_entries(session, actor, [Put(book_id=book, told=EntryTold(**told)) for book in books])


async def an_actor(db: Database, name: str) -> Actor:
    async with db.reading() as session:
        return Actor(await session.scalar(select(Account.id).where(Account.username == name)), name)


async def statements(db: Database, people: set[int], books: set[int]) -> int:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    async with db.writing() as session:
        event.listen(db.engine.sync_engine, "before_cursor_execute", note)
        try:
            await follow(session, people, books)
        finally:
            event.remove(db.engine.sync_engine, "before_cursor_execute", note)
    return len(seen)


async def test_alice_hears_what_bobs_file_tells_of_her_recommendations(
    app: Application, alice: Browser, bob: Browser
) -> None:
    db: Database = app.extensions["db"]
    him = await an_actor(db, "bob")
    for number in range(2, 5):
        await a_sent_book(alice, title=f"Volume {number}")
    for book in (1, 2, 3):
        await suggested(alice, book_id=book)
    await brought(db, him, [1, 2, 4], state="read", quarters=18)
    await brought(db, him, [3], state="read", visibility=ME)
    assert [(line["state"], line["stars"]) for line in await sent(alice)] == [
        ("sent", None),  # only he sees that he read it
        ("finished", 4.5),
        ("finished", 4.5),
    ]
    async with db.reading() as session:
        assert (await session.scalars(select(StaleBook.book_id).order_by(StaleBook.book_id))).all() == [1, 2, 4]


async def test_what_bob_read_long_before_is_no_hit(app: Application, alice: Browser, bob: Browser) -> None:
    db: Database = app.extensions["db"]
    await suggested(alice)
    long_ago = clock.now().replace(year=2012)
    await brought(db, await an_actor(db, "bob"), [1], state="read", state_at=long_ago, quarters=20, rated_at=long_ago)
    assert [(line["state"], line["stars"]) for line in await sent(alice)] == [("sent", None)]


async def test_a_thousand_readers_cost_as_many_statements_as_two(
    app: Application, alice: Browser, bob: Browser
) -> None:
    db: Database = app.extensions["db"]
    await suggested(alice)
    him, now = await an_actor(db, "bob"), clock.now()
    others = [(await a_person(db, f"reader{number}")).id or 0 for number in range(12)]
    async with db.writing() as session:
        told = {"book_id": 1, "state": "read", "seen_by": 1, "is_owned": False, "added_at": now, "state_at": now}
        people = [him.id or 0, *others]
        await session.execute(insert(Entry), [told | {"account_id": one, "version": 1} for one in people])
        assert await session.scalar(select(func.count()).select_from(Entry)) == 13
    few = await statements(db, {others[0], others[1]}, {1})
    assert await statements(db, set(others), {1}) == few <= 2
    assert [line["state"] for line in await sent(alice)] == ["sent"]  # none of them was told to read it
    async with db.writing() as session:
        await follow(session, set(people), {1})
    assert [line["state"] for line in await sent(alice)] == ["finished"]
