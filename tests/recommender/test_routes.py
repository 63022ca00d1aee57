"""The page of recommendations, and what a person says about it."""

import pytest
from sqlalchemy import insert, update

from bookapp.circles.models import Tie
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.paging import write_cursor
from bookapp.recommender.models import Dismissal
from bookapp.web.application import Application
from tests.clients import Answer, Browser
from tests.factories import a_book, a_rating
from tests.people import a_person, as_person, sign_in
from tests.recommender.taste import a_club, books, fit, rated

HERE = "/recommendations"


@pytest.fixture
def people_db(app: Application) -> Database:
    database: Database = app.extensions["db"]
    return database


@pytest.fixture
async def alice(people_db: Database) -> Actor:
    return await a_person(people_db)


@pytest.fixture
async def browser(app: Application, alice: Actor) -> Browser:
    return await sign_in(Browser(app))


def _titles(answer: Answer) -> list[str]:
    return [book["title"] for book in answer.json["items"]]


async def _trusts(db: Database, alice: Actor, other: Actor, kind: str = "trust") -> None:
    async with db.writing() as session:
        await session.execute(insert(Tie).values(account_id=alice.id, other_id=other.id, kind=kind, at=clock.now()))


async def test_somebody_new_is_told_what_to_do_and_sees_what_many_like(browser: Browser, people_db: Database) -> None:
    page = await browser.get(HERE, "page")
    assert "Rate a book, and this page is yours" in page.text
    emma = await a_book(people_db)
    await a_rating(people_db, emma, 4.5, 1200)
    page = await browser.get(HERE, "page")
    assert "What stands here is what many like" in page.text
    shown = await browser.get(HERE)
    assert shown.json["rated"] == 0
    assert [book["because"] for book in shown.json["items"]] == [["many have rated it"]]


async def test_each_book_says_truly_why_it_is_there(browser: Browser, people_db: Database, alice: Actor) -> None:
    emma, persuasion = await books(people_db, 2)
    await a_club(people_db, [emma, persuasion])
    await a_book(people_db, title="Sanditon", author="Author 0")
    await rated(people_db, alice, emma)
    await fit(people_db)
    shown = await browser.get(HERE)
    assert _titles(shown) == ["Book 1", "Sanditon"]
    assert shown.json["items"][0]["because"] == ["because you liked Book 0"]
    assert shown.json["items"][1]["because"] == ["by the author of Book 0, which you liked"]
    (reason,) = shown.json["items"][0]["reasons"]
    assert (reason["book_id"], reason["title"], reason["tie"]) == (emma, "Book 0", "readers")
    page = await browser.get(HERE, "page")
    assert "Because you liked Book 0" in page.text
    assert f'action="/books/{persuasion}/shelf"' in page.text


async def test_a_book_that_is_put_away_is_gone_until_it_is_taken_back(
    browser: Browser, people_db: Database, alice: Actor
) -> None:
    emma, persuasion = await books(people_db, 2)
    await a_club(people_db, [emma, persuasion])
    await rated(people_db, alice, emma)
    await fit(people_db)
    answer = await browser.post(f"{HERE}/dismissals", "fragment", data={"book_id": str(persuasion)})
    assert answer.status == 200
    assert "is not recommended to you until" in answer.text
    assert _titles(await browser.get(HERE)) == []
    assert "Nothing is left to recommend" in (await browser.get(HERE, "page")).text
    assert (await browser.delete(f"{HERE}/dismissals/{persuasion}")).status == 204
    assert _titles(await browser.get(HERE)) == ["Book 1"]


async def test_without_scripts_it_is_put_away_and_taken_back_by_forms(
    browser: Browser, people_db: Database, alice: Actor
) -> None:
    _emma, persuasion = await books(people_db, 2)
    answer = await browser.post(f"{HERE}/dismissals", "page", data={"book_id": str(persuasion)})
    assert (answer.status, answer.headers["location"]) == (303, HERE)
    assert "Put away: Book 1." in (await browser.get(HERE, "page")).text
    await browser.post(f"{HERE}/dismissals/{persuasion}/delete", "page")
    assert sorted(_titles(await browser.get(HERE))) == ["Book 0", "Book 1"]
    assert (await browser.post(f"{HERE}/dismissals", json={"book_id": 999})).status == 422
    assert (await browser.delete(f"{HERE}/dismissals/999")).status == 404


async def test_an_author_and_a_subject_can_be_muted_and_heard_again(browser: Browser, people_db: Database) -> None:
    emma = await a_book(people_db, subjects=["sea"])
    await a_book(people_db, title="Moby-Dick", author="Herman Melville", subjects=["sea", "whales"])
    muted = await browser.post(f"{HERE}/mutes", json={"kind": "author", "name": "jane austen"})
    assert (muted.status, muted.json["name"]) == (200, "Jane Austen")
    assert _titles(await browser.get(HERE)) == ["Moby-Dick"]
    again = await browser.post(f"{HERE}/mutes", json={"kind": "subject", "name": "Sea"})
    shown = await browser.get(HERE)
    assert _titles(shown) == []
    assert [(thing["kind"], thing["name"]) for thing in shown.json["muted"]] == [
        ("author", "Jane Austen"),
        ("subject", again.json["name"]),
    ]
    assert (await browser.delete(again.json["url"])).status == 204
    assert (await browser.post(f"{muted.json['url']}/delete", "page")).status == 303
    assert sorted(_titles(await browser.get(HERE))) == ["Emma", "Moby-Dick"]
    assert (await browser.delete(muted.json["url"])).status == 404
    assert (await browser.post(f"{HERE}/mutes", json={"kind": "author", "name": "Nobody"})).status == 422
    assert emma


async def test_bob_cannot_take_back_what_alice_muted_or_put_away(
    app: Application, browser: Browser, people_db: Database
) -> None:
    emma = await a_book(people_db)
    muted = await browser.post(f"{HERE}/mutes", json={"kind": "author", "name": "Jane Austen"})
    await browser.post(f"{HERE}/dismissals", json={"book_id": emma})
    bob = await as_person(app, "bob")
    assert (await bob.delete(muted.json["url"])).status == 404
    assert (await bob.delete(f"{HERE}/dismissals/{emma}")).status == 204
    assert _titles(await browser.get(HERE)) == []
    assert _titles(await bob.get(HERE)) == ["Emma"]


async def test_one_can_be_led_further_out(browser: Browser, people_db: Database, alice: Actor) -> None:
    emma = await a_book(people_db)
    sanditon = await a_book(people_db, title="Sanditon")
    await a_rating(people_db, sanditon, 4.0, 10)
    await rated(people_db, alice, emma)
    await fit(people_db)
    assert (await browser.get(HERE)).json["adventure"] == 0
    changed = await browser.put(f"{HERE}/taste", json={"adventure": 1})
    assert (changed.status, changed.json) == (200, {"adventure": 1})
    shown = await browser.get(HERE)
    assert (shown.json["adventure"], _titles(shown)) == (1, ["Sanditon"])
    assert (await browser.post(f"{HERE}/taste", "page", data={"adventure": "-1"})).status == 303
    assert (await browser.put(f"{HERE}/taste", json={"adventure": 2})).status == 422


async def test_books_that_trusted_people_liked_have_a_shelf(
    app: Application, browser: Browser, people_db: Database, alice: Actor
) -> None:
    many = await books(people_db, 30)
    for book in many[:25]:
        await a_rating(people_db, book, 4.0, 100)
    bob, charlie = await a_person(people_db, "bob"), await a_person(people_db, "charlie")
    secret, open_, unseen, dull = many[26:]
    await rated(people_db, bob, open_, 4.5, seen_by=1)
    await rated(people_db, bob, secret, 5, seen_by=0)
    await rated(people_db, bob, dull, 3)
    await rated(people_db, charlie, unseen, 5)
    await _trusts(people_db, alice, bob)
    shelves = {shelf["name"]: shelf for shelf in (await browser.get(HERE)).json["shelves"]}
    (book,) = shelves["trusted"]["books"]
    assert (book["id"], book["because"]) == (open_, ["bob gave it 4.5 stars"])
    await _trusts(people_db, bob, alice, "block")
    assert (await browser.get(HERE)).json["shelves"] == []


async def test_a_shelf_names_the_book_that_brought_it_and_new_authors_have_their_own(
    browser: Browser, people_db: Database, alice: Actor
) -> None:
    liked = await a_book(people_db, title="Emma")
    others = await books(people_db, 28)
    await a_club(people_db, [liked, *others])
    await rated(people_db, alice, liked)
    await fit(people_db)
    shown = await browser.get(HERE)
    assert len(shown.json["items"]) == 20
    (shelf,) = shown.json["shelves"]
    assert shelf["title"] == "Because you liked Emma"
    ids = [book["id"] for book in [*shown.json["items"], *shelf["books"]]]
    assert len(ids) == len(set(ids)) == 28
    assert liked not in ids
    assert len((await browser.get(f"{HERE}?limit=7")).json["items"]) == 7


async def test_guests_are_asked_to_sign_in(client: Browser) -> None:
    assert (await client.get(HERE)).status == 401


async def test_a_dismissal_counts_for_three_months(browser: Browser, people_db: Database) -> None:
    emma = await a_book(people_db)
    await browser.post(f"{HERE}/dismissals", json={"book_id": emma})
    assert _titles(await browser.get(HERE)) == []
    async with people_db.writing() as session:
        await session.execute(update(Dismissal).values(until=clock.now()))
    assert _titles(await browser.get(HERE)) == ["Emma"]


async def test_what_was_put_aside_stands_in_a_list_and_is_taken_back_there(
    app: Application, browser: Browser, people_db: Database
) -> None:
    aside = f"{HERE}/dismissals"
    assert "You put nothing aside" in (await browser.get(aside, "page")).text
    wanted = await books(people_db, 5)
    for book in wanted:
        await browser.post(aside, json={"book_id": book})
    shown = await browser.get(f"{aside}?limit=2")
    assert [(one["book"]["title"], one["url"]) for one in shown.json["items"]] == [
        ("Book 4", f"{aside}/{wanted[4]}"),
        ("Book 3", f"{aside}/{wanted[3]}"),
    ]
    assert shown.json["total"] == 5
    rest = []
    while shown.json["next"]:
        shown = await browser.get(shown.json["next"])
        rest += [one["book"]["title"] for one in shown.json["items"]]
    assert rest == ["Book 2", "Book 1", "Book 0"]
    bob = await as_person(app, "bob")
    assert (await bob.get(aside)).json["items"] == []
    page = await browser.get(aside, "page")
    assert f'action="{aside}/{wanted[0]}/delete"' in page.text
    back = await browser.post(f"{aside}/{wanted[0]}/delete", "page")
    assert (back.status, back.headers["location"]) == (303, aside)
    assert "Book 0 may be recommended again" in (await browser.get(aside, "page")).text
    piece = await browser.get(aside, "fragment")
    assert 'id="dismissals"' in piece.text
    assert "Book 0<" not in piece.text
    assert aside in (await browser.get(HERE, "page")).text
    for cursor in ("nonsense", "W10", write_cursor([2**62, 1])):
        assert (await browser.get(f"{aside}?cursor={cursor}")).status == 422


async def test_a_not_now_that_is_over_is_not_in_the_list(browser: Browser, people_db: Database, alice: Actor) -> None:
    (emma,) = await books(people_db, 1)
    await browser.post(f"{HERE}/dismissals", json={"book_id": emma})
    async with people_db.writing() as session:
        await session.execute(update(Dismissal).values(until=clock.now()))
    assert (await browser.get(f"{HERE}/dismissals")).json == {"items": [], "next": None, "total": 0}
