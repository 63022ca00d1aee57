"""What somebody put aside or muted stays so when books or authors become one, and is as it was when that is undone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from bookapp.admin.actions import merge_authors, merge_books, undo_merge
from bookapp.books.models import Author
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.recommender import actions, page_queries, queries, rules
from bookapp.recommender.commands import DismissBook, MuteThing
from bookapp.recommender.models import Dismissal, Mute
from tests.factories import a_book
from tests.people import a_person

AUSTEN, AUSTIN = "Jane Austen", "Jane Austin"


@pytest.fixture
async def people(db: Database) -> dict[str, Actor]:
    return {name: await a_person(db, name) for name in ("alice", "bob", "charlie", "dora")}


async def dismissed(db: Database, actor: Actor, *books: int) -> None:
    async with db.writing() as session:
        for book in books:
            await actions.dismiss(session, actor, DismissBook(book_id=book))


async def muted(db: Database, actor: Actor, *names: str) -> None:
    async with db.writing() as session:
        for name in names:
            await actions.mute(session, actor, MuteThing(kind="author", name=name))


async def not_now(db: Database) -> set[tuple[Any, ...]]:
    async with db.reading() as session:
        rows = await session.execute(select(Dismissal.account_id, Dismissal.book_id, Dismissal.at, Dismissal.until))
        return {tuple(row) for row in rows}


async def muted_by(db: Database, actor: Actor) -> list[str]:
    async with db.reading() as session:
        return [one.name for one in await page_queries.list_muted(session, actor)]


async def merged(db: Database, dora: Actor, work: Any, first: int, second: int) -> int:
    async with db.writing() as session:
        merge_id: int = await work(session, dora, first, second, address="local")
        return merge_id


async def undone(db: Database, dora: Actor, merge_id: int) -> None:
    async with db.writing() as session:
        await undo_merge(session, dora, merge_id, address="local")


async def popular(db: Database, actor: Actor) -> list[int]:
    async with db.reading() as session:
        return [one.book_id for one in await queries.list_popular(session, actor.id or 0)]


async def test_a_book_that_alice_put_aside_stays_so_under_the_other_ones_number(
    db: Database, people: dict[str, Actor]
) -> None:
    alice, bob, dora = people["alice"], people["bob"], people["dora"]
    first, second = await a_book(db), await a_book(db, title="Emma again")
    await dismissed(db, alice, first)
    await dismissed(db, bob, second)
    before = await not_now(db)
    merge = await merged(db, dora, merge_books, first, second)
    assert [await popular(db, one) for one in (alice, bob)] == [[], []]
    assert await popular(db, people["charlie"]) == [second]
    await undone(db, dora, merge)
    assert await not_now(db) == before
    assert await popular(db, alice) == [second]


async def test_of_two_not_now_the_longer_one_holds(db: Database, people: dict[str, Actor]) -> None:
    alice, bob, charlie, dora = people.values()
    first, second = await a_book(db), await a_book(db, title="Emma again")
    for person in (alice, bob, charlie):
        await dismissed(db, person, first)
    long_ago = clock.now() - 2 * rules.NOT_NOW
    async with db.writing() as session:
        told = {"book_id": second, "at": long_ago, "until": long_ago + rules.NOT_NOW}
        await session.execute(insert(Dismissal), [told | {"account_id": one.id} for one in (alice, charlie)])
        later = {"at": clock.now(), "until": clock.now() + rules.NOT_NOW + timedelta(days=1)}
        await session.execute(insert(Dismissal).values(account_id=bob.id, book_id=second, **later))
    before = await not_now(db)
    merge = await merged(db, dora, merge_books, first, second)
    assert [await popular(db, one) for one in (alice, bob)] == [[], []]
    assert len(await not_now(db)) == len(before)
    async with db.writing() as session:
        await actions.take_back(session, charlie, second)
    await undone(db, dora, merge)
    assert await not_now(db) == {row for row in before if row[:2] != (charlie.id, second)}


async def test_an_author_whom_alice_muted_stays_so_under_the_other_name(db: Database, people: dict[str, Actor]) -> None:
    alice, bob, charlie, dora = people.values()
    emma = await a_book(db, author=AUSTIN)
    await a_book(db, title="Persuasion", author=AUSTEN)
    for person, names in ((alice, [AUSTIN]), (bob, [AUSTIN, AUSTEN]), (charlie, [AUSTIN])):
        await muted(db, person, *names)
    async with db.reading() as session:
        ids = dict((await session.execute(select(Author.name, Author.id))).all())
    merge = await merged(db, dora, merge_authors, ids[AUSTIN], ids[AUSTEN])
    assert [await muted_by(db, one) for one in (alice, bob, charlie)] == [[AUSTEN]] * 3
    assert await popular(db, alice) == []
    async with db.writing() as session:
        assert set(await session.scalars(select(Mute.key))) == {ids[AUSTEN]}  # the other number may be given again
        await session.execute(delete(Mute).where(Mute.account_id == charlie.id))
    await undone(db, dora, merge)
    assert [await muted_by(db, one) for one in (alice, bob, charlie)] == [[AUSTIN], [AUSTEN, AUSTIN], []]
    assert emma not in await popular(db, alice)


async def test_nobody_put_anything_aside(db: Database, people: dict[str, Actor]) -> None:
    first, second = await a_book(db), await a_book(db, title="Emma again")
    merge = await merged(db, people["dora"], merge_books, first, second)
    await undone(db, people["dora"], merge)
    assert await not_now(db) == set()
