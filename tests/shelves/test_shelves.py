"""People's shelves: what stands on them, and what others see of that, on both databases."""

import asyncio
from typing import get_args

import pytest

from bookapp.books.actions import delete_book
from bookapp.core.actor import GUEST
from bookapp.core.db import Database
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.core.paging import write_cursor
from bookapp.shelves import rules, shelf_actions
from bookapp.shelves.commands import AddShelf, EditShelf
from bookapp.shelves.keeping_queries import list_own_entries, list_own_shelves
from bookapp.shelves.results import Sort
from tests.factories import a_book
from tests.people import a_person
from tests.shelves.shelved import (
    a_shelf,
    edited,
    entries,
    mine,
    put,
    rated,
    settled,
    shelf,
    shelves,
    tied,
    titles,
)  # fmt: skip

NO_SHELF = "There is no such shelf"


async def test_alice_makes_shelves_and_a_book_stands_on_several(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    first = await a_shelf(db, alice, "For the holidays", book)
    await a_shelf(db, alice, "Blue covers", book)
    told = await mine(db, alice, book)
    assert [(one.name, one.slug, one.chosen) for one in told.shelves] == [
        ("Blue covers", "blue-covers", True), ("For the holidays", first, True),
    ]  # fmt: skip
    assert told.state is None
    assert await titles(db, alice, first) == ["Emma"]
    async with db.writing() as session:
        await shelf_actions.take_off_own(session, alice, first, book)
    assert await entries(db, alice) == 1
    async with db.writing() as session:
        assert await shelf_actions.delete_shelf(session, alice, "blue-covers", None) == "Blue covers"
    assert await entries(db, alice) == 0


async def test_taking_a_shelf_down_lets_the_books_stay_elsewhere(db: Database) -> None:
    alice = await a_person(db)
    books = [await a_book(db, title=f"Book {n}") for n in range(3)]
    await put(db, alice, books[0], "read")
    await edited(db, alice, books[1], note="Mine")
    slug = await a_shelf(db, alice, "All three", *books)
    async with db.writing() as session:
        await shelf_actions.delete_shelf(session, alice, slug, None)
    assert await entries(db, alice) == 2


async def test_a_shelf_is_renamed_and_never_called_like_another(db: Database) -> None:
    alice = await a_person(db)
    slug = await a_shelf(db, alice, "Holidays")
    for name in ("holidays", "Want to read", "READ"):
        with pytest.raises(Invalid, match="already"):
            await a_shelf(db, alice, name)
    async with db.writing() as session:
        new = await shelf_actions.edit_shelf(session, alice, slug, EditShelf(name="Journeys", visibility="me"), 1)
    assert new == "journeys"
    with pytest.raises(Conflict):
        async with db.writing() as session:
            await shelf_actions.edit_shelf(session, alice, new, EditShelf(name="Late"), 1)
    with pytest.raises(NotFound, match=NO_SHELF):
        await shelf(db, alice, slug)


async def test_there_is_room_for_so_many_shelves(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_SHELVES", 3)
    alice = await a_person(db)

    async def make(name: str) -> bool:
        try:
            async with db.writing() as session:
                await shelf_actions.add_shelf(session, alice, AddShelf(name=name))
        except Invalid:
            return False
        return True

    done = await asyncio.gather(*(make(f"Shelf {n}") for n in range(6)), make("Shelf 1"))
    assert sum(done) == 3


async def test_bob_changes_nothing_of_alices_shelves(db: Database) -> None:
    alice, bob, book = await a_person(db), await a_person(db, "bob"), await a_book(db)
    slug = await a_shelf(db, alice, "Classics", visibility="everyone")
    async with db.writing() as session:
        for act in (
            shelf_actions.edit_shelf(session, bob, slug, EditShelf(name="Mine"), None),
            shelf_actions.delete_shelf(session, bob, slug, None),
            shelf_actions.put_on_own(session, bob, slug, book),
            shelf_actions.take_off_own(session, bob, slug, book),
        ):
            with pytest.raises(NotFound, match=NO_SHELF):
                await act
    assert (await shelves(db, alice)).own[0].name == "Classics"


async def test_everybody_sees_of_her_shelves_what_they_may(db: Database) -> None:
    alice, bob, charlie = [await a_person(db, name) for name in ("alice", "bob", "charlie")]
    books = [await a_book(db, title=f"Book {n}") for n in range(4)]
    await put(db, alice, books[0], "read", "everyone")
    await put(db, alice, books[1], "read")
    await put(db, alice, books[2], "want", "me")
    await edited(db, alice, books[3], note="A secret", tags=["hidden"])
    await edited(db, alice, books[1], tags=["sea"])
    await a_shelf(db, alice, "Open", *books, visibility="everyone")
    await a_shelf(db, alice, "Closed", books[0], visibility="me")
    await tied(db, alice, charlie, "block")

    async def seen(who: object) -> tuple[dict[str, int], dict[str, int], int, tuple[str, ...]]:
        told = await shelves(db, who)  # type: ignore[arg-type]
        counts = [{one.slug: one.count for one in some} for some in (told.shelves, told.own)]
        return counts[0], counts[1], told.total, told.tags

    assert await seen(alice) == (
        {"want": 1, "reading": 0, "read": 2, "stopped": 0}, {"closed": 1, "open": 4}, 4, ("hidden", "sea"),
    )  # fmt: skip
    assert await seen(bob) == (
        {"want": 0, "reading": 0, "read": 2, "stopped": 0}, {"open": 3}, 3, ("hidden", "sea"),
    )  # fmt: skip
    assert await seen(charlie) == ({"read": 1}, {"open": 1}, 1, ())
    assert await seen(GUEST) == ({"read": 1}, {"open": 1}, 1, ())
    for who, slug, there in (
        (alice, "closed", ["Book 0"]), (bob, "open", ["Book 0", "Book 1", "Book 3"]), (charlie, "open", ["Book 0"]),
        (GUEST, "read", ["Book 0"]), (bob, "all", ["Book 0", "Book 1", "Book 3"]), (GUEST, "all", ["Book 0"]),
        (bob, "want", []),
    ):  # fmt: skip
        assert sorted(await titles(db, who, slug)) == there, (who, slug)
    for who, slug in ((bob, "closed"), (GUEST, "want"), (charlie, "want"), (GUEST, "closed"), (bob, "nothing")):
        with pytest.raises(NotFound, match=NO_SHELF):
            await shelf(db, who, slug)
    with pytest.raises(NotFound, match=NO_SHELF):
        await shelf(db, bob, "read", "nobody")


async def test_what_is_hers_alone_is_told_to_her_alone(db: Database) -> None:
    alice, bob, book = await a_person(db), await a_person(db, "bob"), await a_book(db)
    await put(db, alice, book, "read", "everyone")
    (hers,), (his,) = [(await shelf(db, who, "read")).books for who in (alice, bob)]
    assert (hers.visibility, his.visibility) == ("everyone", None)
    assert ((await shelf(db, bob, "read")).visibility, (await shelves(db, bob)).settings_url) == (None, None)
    assert (await mine(db, bob, book)).state is None


async def test_a_closed_default_closes_everything_that_has_no_own_choice(db: Database) -> None:
    alice, bob, book = await a_person(db), await a_person(db, "bob"), await a_book(db)
    await put(db, alice, book, "read")
    await a_shelf(db, alice, "Classics", book)
    await settled(db, alice, visibility="me")
    assert (await shelves(db, bob)).shelves == ()
    for slug in ("read", "all", "classics"):
        with pytest.raises(NotFound):
            await shelf(db, bob, slug)
    await settled(db, alice, read="everyone")
    assert [one.slug for one in (await shelves(db, GUEST)).shelves] == ["read"]
    assert await titles(db, GUEST, "read") == ["Emma"]


@pytest.mark.parametrize("sort", get_args(Sort))
async def test_a_shelf_is_gone_through_page_by_page_in_any_order(db: Database, sort: str) -> None:
    alice = await a_person(db)
    wanted = [("The Sea", "B. Author", 3), ("A Boat", "C. Author", None), ("Whales", "A. Author", 5),
              ("Anchors", "A. Author", 3), ("Zebras", "B. Author", 0.25)]  # fmt: skip
    for title, author, stars in wanted:
        book = await a_book(db, title=title, author=author)
        await put(db, alice, book, "read")
        if stars:
            await rated(db, alice, book, stars)
    whole = await titles(db, alice, "read", sort=sort)
    assert (
        whole
        == {
            "newest": ["Zebras", "Anchors", "Whales", "A Boat", "The Sea"],
            "title": ["Anchors", "A Boat", "The Sea", "Whales", "Zebras"],
            "author": ["Anchors", "Whales", "The Sea", "Zebras", "A Boat"],
            "rating": ["Whales", "Anchors", "The Sea", "Zebras", "A Boat"],
        }[sort]
    )
    found, cursor = [], None
    for _ in range(5):
        page = await shelf(db, alice, "read", sort=sort, limit=2, cursor=cursor)
        assert page.total == 5
        found += [book.title for book in page.books]
        if page.next is None:
            break
        cursor = page.next.partition("cursor=")[2]
    assert found == whole
    with pytest.raises(Invalid):
        await shelf(db, alice, "read", sort=sort, cursor=write_cursor(["x", "y", "z", 1]))
    with pytest.raises(Invalid):
        await shelf(db, alice, "read", sort="newest", cursor=write_cursor([2**63 - 1, 1]))


async def test_what_stands_on_a_private_shelf_alone_is_not_among_all_books(db: Database) -> None:
    alice, bob, book = await a_person(db), await a_person(db, "bob"), await a_book(db)
    await settled(db, alice, visibility="everyone")
    slug = await a_shelf(db, alice, "Presents", book, visibility="me")
    await edited(db, alice, book, tags=["for bob"])
    assert await titles(db, alice, "all") == ["Emma"]
    for who in (bob, GUEST):
        assert await titles(db, who, "all") == []
        theirs = await shelves(db, who)
        assert (theirs.total, theirs.own, theirs.tags) == (0, (), ())
    async with db.writing() as session:
        await shelf_actions.edit_shelf(session, alice, slug, EditShelf(visibility="members"), None)
    assert (await titles(db, bob, "all"), await titles(db, GUEST, "all")) == (["Emma"], [])


async def test_a_shelf_is_searched_and_narrowed(db: Database) -> None:
    alice = await a_person(db)
    emma, boat = await a_book(db), await a_book(db, title="Three Men in a Boat", author="Jérôme K. Jerome")
    for book, tags in ((emma, ["Love", "sea"]), (boat, ["Sea"])):
        await edited(db, alice, book, tags=tags)
        await put(db, alice, book, "want")
    assert await titles(db, alice, "want", q="jane em") == ["Emma"]
    assert await titles(db, alice, "want", q="JEROME boat") == ["Three Men in a Boat"]
    assert await titles(db, alice, "want", q="100%_") == []
    assert await titles(db, alice, "want", tag="love") == ["Emma"]
    assert len(await titles(db, alice, "all", tag="SEA")) == 2
    async with db.writing() as session:
        await delete_book(session, GUEST, emma, None)
    assert await titles(db, alice, "want") == ["Three Men in a Boat"]
    assert (await shelves(db, alice)).total == 1


async def test_the_covers_on_the_board_are_those_that_came_last(db: Database) -> None:
    alice = await a_person(db)
    books = [await a_book(db, title=f"Book {n}") for n in range(8)]
    for book in books:
        await put(db, alice, book, "want")
    await a_shelf(db, alice, "Two", books[0], books[1])
    told = await shelves(db, alice)
    assert [book.title for book in told.shelves[0].covers] == [f"Book {n}" for n in (7, 6, 5, 4, 3, 2)]
    assert sorted(book.title for book in told.own[0].covers) == ["Book 0", "Book 1"]


async def test_she_takes_all_of_it_along(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    books = [await a_book(db, title=f"Book {n}") for n in range(3)]
    await rated(db, alice, books[0], 4.25)
    await edited(db, alice, books[1], note="Lent", tags=["sea"])
    await a_shelf(db, alice, "Classics", books[1], visibility="me")
    await put(db, bob, books[2], "read")
    async with db.reading() as session:
        first, after = await list_own_entries(session, alice, 0, 1)
        rest, end = await list_own_entries(session, alice, after or 0, 2)
        assert [(one.book, one.stars, one.shelf) for one in first] == [("Book 0", 4.25, "read")]
        assert [(one.note, one.tags, one.own_shelves) for one in rest] == [("Lent", ("sea",), ("Classics",))]
        assert end is None
        assert [(one.name, one.visibility) for one in await list_own_shelves(session, alice)] == [("Classics", "me")]
