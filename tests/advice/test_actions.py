"""Praising books and naming what to read next, on both databases."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bookapp.accounts.housekeeping import delete_accounts
from bookapp.accounts.models import Account
from bookapp.admin.actions import FOLLOWERS
from bookapp.advice import actions, pair_actions, pair_queries, queries
from bookapp.advice.commands import FindPraise, FindRecommended, ProposePair, SayPraise, VoteForPair
from bookapp.advice.housekeeping import forget_voices
from bookapp.advice.models import Pair, PairVoice, Praise, Praised
from bookapp.advice.results import PairShown, Recommended
from bookapp.books import merging
from bookapp.books.actions import delete_book, restore_book
from bookapp.core import clock
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database
from bookapp.core.errors import Invalid, NotFound
from tests.factories import a_book
from tests.people import a_person


async def praised(db: Database, actor: Actor, book_id: int, reason: str = "It is good") -> None:
    async with db.writing() as session:
        await actions.say_praise(session, actor, book_id, SayPraise(reason=reason))


async def wall(db: Database, limit: int = 20) -> tuple[Recommended, ...]:
    async with db.reading() as session:
        return await queries.list_recommended(session, limit)


async def paired(db: Database, actor: Actor, book_id: int, other: int | str, reason: str | None = None) -> int:
    said: dict[str, Any] = {"other_id": other} if isinstance(other, int) else {"other": other}
    async with db.writing() as session:
        return (await pair_actions.propose_pair(session, actor, book_id, ProposePair(**said, reason=reason)))[0]


async def listed(db: Database, book_id: int, actor: Actor = GUEST) -> tuple[PairShown, ...]:
    async with db.reading() as session:
        return await pair_queries.list_pairs(session, actor, book_id, 20)


async def votes(db: Database, book_id: int) -> dict[str, int]:
    return {pair.book.title: pair.votes for pair in await listed(db, book_id)}


async def is_counted(db: Database) -> None:
    """What is counted must be what is there."""
    async with db.reading() as session:
        voices = select(func.count()).where(PairVoice.pair_id == Pair.id).scalar_subquery()
        assert not (await session.execute(select(Pair.id).where(Pair.vote_count != voices))).all()
        counted = {row.book_id: row.voices for row in await session.execute(select(Praised.book_id, Praised.voices))}
        grouped = select(Praise.book_id, func.count().label("n")).group_by(Praise.book_id)
        assert counted == {row.book_id: row.n for row in await session.execute(grouped)}


async def test_alice_praises_a_book_and_everybody_hears_why(db: Database) -> None:
    alice, emma = await a_person(db), await a_book(db)
    await praised(db, alice, emma, "Because of Miss Bates")
    (book,) = await wall(db)
    assert (book.title, book.voices) == ("Emma", 1)
    assert [(voice.who.name, voice.who.url, voice.reason) for voice in book.praise] == [
        ("alice", "/accounts/alice", "Because of Miss Bates")
    ]


async def test_praising_twice_mends_the_words_and_counts_once(db: Database) -> None:
    alice, emma = await a_person(db), await a_book(db)
    await praised(db, alice, emma, "Becuase")
    async with db.reading() as session:
        before = await queries.find_own_praise(session, alice, emma)
    await praised(db, alice, emma, "Because")
    async with db.reading() as session:
        (shown,) = await queries.list_praise(session, emma, 10)
    assert before is not None
    assert (shown.reason, shown.version, shown.at) == ("Because", 2, before.at)
    assert [book.voices for book in await wall(db)] == [1]


async def test_nobody_praises_a_deleted_book_and_it_leaves_the_wall(db: Database) -> None:
    alice, emma = await a_person(db), await a_book(db)
    await praised(db, alice, emma)
    async with db.writing() as session:
        await delete_book(session, alice, emma, None)
    assert await wall(db) == ()
    with pytest.raises(NotFound):
        await praised(db, alice, emma)
    async with db.writing() as session:
        await restore_book(session, alice, emma, None)
    assert len(await wall(db)) == 1


async def test_several_voices_come_before_one_newer_one(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    emma, dune, ulysses = [await a_book(db, title=title) for title in ("Emma", "Dune", "Ulysses")]
    await praised(db, alice, emma)
    await praised(db, bob, emma)
    await praised(db, alice, dune)
    await praised(db, bob, ulysses)
    assert [book.title for book in await wall(db)] == ["Emma", "Ulysses", "Dune"]
    async with db.reading() as session:
        first = await queries.show_recommended(session, FindRecommended(limit=2))
        assert first.next is not None
        cursor = first.next.partition("cursor=")[2].partition("&")[0]
        rest = await queries.show_recommended(session, FindRecommended(limit=2, cursor=cursor))
        assert [book.title for book in await queries.list_most_praised(session, 1)] == ["Emma"]
        assert (first.total, rest.total) == (3, 3)
    assert [book.title for book in (*first.books, *rest.books)] == ["Emma", "Ulysses", "Dune"]
    assert rest.next is None


async def test_at_most_three_of_many_voices_are_named(db: Database) -> None:
    emma = await a_book(db)
    for name in ("ann", "ben", "cleo", "dan"):
        await praised(db, await a_person(db, name), emma, f"says {name}")
    (book,) = await wall(db)
    assert (book.voices, [voice.who.name for voice in book.praise]) == (4, ["dan", "cleo", "ben"])


async def test_who_left_or_is_disabled_is_not_heard(db: Database) -> None:
    alice, bob, emma = await a_person(db), await a_person(db, "bob"), await a_book(db)
    await praised(db, alice, emma)
    await praised(db, bob, emma)
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.id == bob.id).values(delete_at=clock.now()))
    async with db.reading() as session:
        shown = await queries.show_praise(session, GUEST, emma, FindPraise())
        (most,) = await queries.list_most_praised(session, 5)
    assert ([one.who.name for one in shown.praise], shown.total) == (["alice"], 1)
    assert (most.title, most.voices) == ("Emma", 1)


@pytest.mark.parametrize("typed", ["Persuasion", "persuasión", "The Persuasion"])
async def test_a_title_is_enough(db: Database, typed: str) -> None:
    alice, emma = await a_person(db), await a_book(db)
    other = await a_book(db, title="Persuasion")
    await a_book(db, title="Persuasion and Other Stories")
    await paired(db, alice, emma, typed, "The same wit")
    (pair,) = await listed(db, emma, alice)
    assert (pair.book.id, pair.votes, pair.i_voted) == (other, 1, True)
    assert [(voice.who.name, voice.reason) for voice in pair.voices] == [("alice", "The same wit")]
    assert not (await listed(db, emma))[0].i_voted


async def test_a_title_that_is_a_number_is_a_title_first(db: Database) -> None:
    alice, emma = await a_person(db), await a_book(db)
    orwell = await a_book(db, title="1984", author="George Orwell")
    await paired(db, alice, emma, "1984")
    await paired(db, alice, orwell, str(emma))
    assert list(await votes(db, emma)) == ["1984"]
    assert list(await votes(db, orwell)) == ["Emma"]


async def test_a_title_of_several_books_names_them_all(db: Database) -> None:
    alice, emma = await a_person(db), await a_book(db)
    ids = [await a_book(db, title="Selected Poems", author=name) for name in ("Ann", "Ben")]
    with pytest.raises(Invalid) as caught:
        await paired(db, alice, emma, "selected poems")
    words = caught.value.errors["other"][0]
    assert all(
        f"Selected Poems by {name} is number {key}" in words for name, key in zip(("Ann", "Ben"), ids, strict=True)
    )


@pytest.mark.parametrize("other", ["Emma", 1, 999, "999", "No such title at all"])
async def test_a_book_and_itself_or_nothing_are_no_pair(db: Database, other: int | str) -> None:
    alice, emma = await a_person(db), await a_book(db)
    assert emma == 1
    with pytest.raises(Invalid):
        await paired(db, alice, emma, other)


async def test_a_deleted_book_is_nothing_to_try(db: Database) -> None:
    alice, emma, other = await a_person(db), await a_book(db), await a_book(db, title="Persuasion")
    await paired(db, alice, emma, other)
    async with db.writing() as session:
        await delete_book(session, alice, other, None)
    assert await listed(db, emma) == ()
    with pytest.raises(Invalid):
        await paired(db, alice, emma, other)


async def test_a_pair_lives_as_long_as_somebody_says_so(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    emma, other = await a_book(db), await a_book(db, title="Persuasion")
    pair_id = await paired(db, alice, emma, other)
    assert await paired(db, bob, emma, other, "Quite") == pair_id
    assert await votes(db, emma) == {"Persuasion": 2}
    for person in (alice, alice, bob):
        async with db.writing() as session:
            await pair_actions.take_vote_back(session, person, pair_id)
        await is_counted(db)
        if person == bob:
            break
        assert await votes(db, emma) == {"Persuasion": 1}
    assert await votes(db, emma) == {}
    with pytest.raises(NotFound):
        async with db.writing() as session:
            await pair_actions.vote_for_pair(session, bob, pair_id, VoteForPair())


async def test_ten_people_vote_at_once_and_each_counts(db: Database) -> None:
    emma, other = await a_book(db), await a_book(db, title="Persuasion")
    people = [await a_person(db, f"reader{number}") for number in range(10)]
    await asyncio.gather(*(paired(db, person, emma, other) for person in people))
    await asyncio.gather(*(paired(db, person, emma, other) for person in people))
    assert await votes(db, emma) == {"Persuasion": 10}
    await is_counted(db)


async def test_what_most_say_comes_first_and_reasons_before_silence(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    emma, dune, other = [await a_book(db, title=title) for title in ("Emma", "Dune", "Persuasion")]
    await paired(db, alice, emma, dune)
    await paired(db, alice, emma, other)
    await paired(db, bob, emma, other, "The same wit")
    pairs = await listed(db, emma)
    assert [pair.book.title for pair in pairs] == ["Persuasion", "Dune"]
    assert [voice.who.name for voice in pairs[0].voices] == ["bob", "alice"]
    assert await listed(db, dune) == ()


async def test_when_bob_leaves_his_voices_leave_the_counts(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    emma, dune, other = [await a_book(db, title=title) for title in ("Emma", "Dune", "Persuasion")]
    for person in (alice, bob):
        await praised(db, person, emma)
        await paired(db, person, emma, other)
    await praised(db, bob, dune)
    await paired(db, bob, emma, dune)
    async with db.writing() as session:
        await forget_voices(session, [bob.id or 0])
        await delete_accounts(session, {bob.id or 0: "bob"})
    assert await votes(db, emma) == {"Persuasion": 1}
    assert [(book.title, book.voices) for book in await wall(db)] == [("Emma", 1)]
    await is_counted(db)


async def test_a_merge_takes_advice_along_and_brings_it_back(db: Database) -> None:
    alice, bob, dora = [await a_person(db, name) for name in ("alice", "bob", "dora")]
    twin, emma, dune, other = [await a_book(db, title=t) for t in ("Emma!", "Emma", "Dune", "Persuasion")]
    await praised(db, alice, twin, "of the twin")
    await praised(db, bob, twin, "of the twin")
    await praised(db, bob, emma, "of the book")
    await paired(db, alice, twin, dune)  # moves
    await paired(db, alice, twin, other)  # is there already: her voice moves
    await paired(db, bob, twin, other)  # and so is his, so it stays behind
    await paired(db, bob, emma, other)
    await paired(db, bob, other, twin)
    await paired(db, alice, twin, emma)  # would be a book and itself
    before = {book: await votes(db, book) for book in (twin, emma, other)}
    async with db.writing() as session:
        merge_id = await merging.merge_books(session, dora, twin, emma, FOLLOWERS)
    await is_counted(db)
    assert await votes(db, emma) == {"Dune": 1, "Persuasion": 2}
    assert await votes(db, other) == {"Emma": 1}
    assert [(book.id, book.voices) for book in await wall(db)] == [(emma, 2)]
    async with db.writing() as session:
        await merging.undo_merge(session, dora, merge_id, FOLLOWERS)
    await is_counted(db)
    assert {book: await votes(db, book) for book in (twin, emma, other)} == before
    assert {book.id: book.voices for book in await wall(db)} == {twin: 2, emma: 1}


async def test_a_persons_own_file_has_all_they_said(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    emma, other = await a_book(db), await a_book(db, title="Persuasion")
    await praised(db, alice, emma, "Mine")
    await praised(db, bob, emma, "Not mine")
    await paired(db, alice, emma, other, "Alike")
    async with db.reading() as session:
        said = await queries.list_own_praise(session, alice, 0, 10)
        voices = await pair_queries.list_own_voices(session, alice, 0, 10)
    assert [(one.title, one.reason, one.other_title) for one in (*said, *voices)] == [
        ("Emma", "Mine", None),
        ("Emma", "Alike", "Persuasion"),
    ]
