"""What somebody said counts as long as they are here: not while they are shut out or leaving, and again afterwards."""

from typing import Any

import pytest
from sqlalchemy import select, update

from bookapp.accounts import actions as accounts
from bookapp.accounts import operator_actions
from bookapp.accounts.models import Account
from bookapp.admin.actions import edit_account, merge_books, undo_merge
from bookapp.advice import actions as advice
from bookapp.advice import pair_actions, pair_queries, queries
from bookapp.advice.commands import ProposePair, SayPraise
from bookapp.books.models import Book
from bookapp.core import clock, schema
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database
from bookapp.shelves import review_actions
from bookapp.shelves.bulk_actions import Put, put_entries
from bookapp.shelves.review_commands import WriteReview
from bookapp.shelves.told import EntryTold
from bookapp.statistics.place_queries import count_place
from bookapp.system.caretaker import go_round
from bookapp.works import plug_in
from tests.factories import a_book
from tests.people import a_person
from tests.shelves.shelved import here, rated, rating, settled


@pytest.fixture
async def people(db: Database) -> dict[str, Actor]:
    plug_in(db)
    found = {name: await a_person(db, name) for name in ("alice", "bob", "dora")}
    for person in found.values():
        await settled(db, person, visibility="everyone")
    return found


@pytest.fixture
async def emma(db: Database, people: dict[str, Actor]) -> int:
    """A book that alice gave two stars and bob five; each recommends and reviews it, and both say what to try next."""
    book, other = await a_book(db), await a_book(db, title="Persuasion")
    for person, stars in ((people["alice"], 2), (people["bob"], 5)):
        await rated(db, person, book, stars)
        async with db.writing() as session:
            await advice.say_praise(session, person, book, SayPraise(reason="It is kind"))
            await pair_actions.propose_pair(session, person, book, ProposePair(other_id=other))
            await review_actions.write_review(session, person, book, WriteReview(text="Fine"))
    return book


async def disabled(db: Database, dora: Actor, person: Actor, state: str = "disabled") -> None:
    async with db.writing() as session:
        await edit_account(session, dora, person.id or 0, {"state": state}, None, address="local")  # type: ignore[typeddict-item]


async def left(db: Database, person: Actor) -> None:
    async with db.writing() as session:
        await accounts.ask_to_leave(session, person, person.name, address="local")


async def counted(db: Database, book: int) -> dict[str, Any]:
    """What is counted of a book, and of the whole place, for everybody."""
    async with db.reading() as session:
        place = await count_place(session)
        wall = await queries.list_recommended(session, 5)
        pairs = await pair_queries.list_pairs(session, GUEST, book, 5)
    return {
        "average": (await rating(db, book)).average,
        "count": (await rating(db, book)).count,
        "place": (place.ratings, place.reviews),
        "praise": [one.voices for one in wall],
        "pairs": [one.votes for one in pairs],
    }


BOTH = {"average": 3.5, "count": 2, "place": (2, 2), "praise": [2], "pairs": [2]}
ALICE_ALONE = {"average": 2, "count": 1, "place": (1, 1), "praise": [1], "pairs": [1]}
NOBODY = {"average": None, "count": 0, "place": (0, 0), "praise": [], "pairs": []}


async def test_who_is_disabled_counts_no_more_and_again_when_let_in(
    db: Database, people: dict[str, Actor], emma: int
) -> None:
    assert await counted(db, emma) == BOTH
    for person, rest in (("bob", ALICE_ALONE), ("alice", NOBODY)):
        await disabled(db, people["dora"], people[person])
        assert await counted(db, emma) == rest
    for person in ("bob", "alice"):
        await disabled(db, people["dora"], people[person], "active")
    assert await counted(db, emma) == BOTH


async def test_who_leaves_counts_no_more_and_again_when_they_come_back(
    db: Database, people: dict[str, Actor], emma: int
) -> None:
    await left(db, people["bob"])
    assert await counted(db, emma) == ALICE_ALONE
    await disabled(db, people["dora"], people["bob"])  # neither counts twice
    await disabled(db, people["dora"], people["bob"], "active")
    assert await counted(db, emma) == ALICE_ALONE
    for _ in range(2):
        async with db.writing() as session:
            await accounts.stay(session, people["bob"].id or 0)
    assert await counted(db, emma) == BOTH


async def test_who_is_gone_for_good_was_not_counted_any_more(db: Database, people: dict[str, Actor], emma: int) -> None:
    await left(db, people["bob"])
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == "bob").values(delete_at=clock.now()))
    await go_round(db)
    assert await counted(db, emma) == ALICE_ALONE
    async with db.reading() as session:
        assert await session.scalar(select(Account.id).where(Account.username == "bob")) is None


async def test_an_account_that_is_opened_at_the_terminal_counts(
    db: Database, people: dict[str, Actor], emma: int
) -> None:
    await disabled(db, people["dora"], people["bob"])
    async with db.writing() as session:
        await operator_actions.promote(session, "bob")
    assert await counted(db, emma) == BOTH


async def test_a_merge_and_a_file_count_only_who_is_here(db: Database, people: dict[str, Actor], emma: int) -> None:
    twin = await a_book(db, title="Emma again")
    await rated(db, people["bob"], twin, 1)
    await left(db, people["bob"])
    async with db.writing() as session:  # a file that was on its way
        await put_entries(session, people["bob"], [Put(book_id=twin, told=EntryTold(quarters=8), overwrite=True)])
    assert await here(db, twin) == (0, 0)
    async with db.writing() as session:
        merge = await merge_books(session, people["dora"], emma, twin, address="local")
    assert [await here(db, book) for book in (emma, twin)] == [(0, 0), (1, 8)]
    async with db.writing() as session:
        await accounts.stay(session, people["bob"].id or 0)
    assert [await here(db, book) for book in (emma, twin)] == [(1, 20), (2, 16)]
    async with db.writing() as session:
        await undo_merge(session, people["dora"], merge, address="local")
    assert [await here(db, book) for book in (emma, twin)] == [(2, 28), (1, 8)]


async def test_alice_takes_back_a_pair_that_bob_still_says_when_he_returns(
    db: Database, people: dict[str, Actor], emma: int
) -> None:
    await left(db, people["bob"])
    async with db.reading() as session:
        (pair,) = await pair_queries.list_pairs(session, GUEST, emma, 5)
    async with db.writing() as session:
        await pair_actions.take_vote_back(session, people["alice"], pair.id)
    assert (await counted(db, emma))["pairs"] == []
    async with db.writing() as session:
        await accounts.stay(session, people["bob"].id or 0)
    assert (await counted(db, emma))["pairs"] == [1]


async def test_a_database_of_before_is_brought_up_to_date(
    db: Database, url: str, people: dict[str, Actor], emma: int
) -> None:
    import asyncio

    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == "bob").values(disabled_at=clock.now()))
        before = (await session.execute(select(Book.score).where(Book.id == emma))).scalar_one()
    await db.close()
    await asyncio.to_thread(schema.migrate, url, "0004")
    await asyncio.to_thread(schema.migrate, url)
    assert await counted(db, emma) == ALICE_ALONE
    async with db.reading() as session:
        assert await session.scalar(select(Book.score).where(Book.id == emma)) < before
