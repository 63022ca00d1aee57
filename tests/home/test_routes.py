"""The start page: what is good here, what is new, and for programs the list of addresses."""

from bookapp.core.db import Database
from bookapp.home.pages import BEST, NEWEST
from tests.clients import Browser
from tests.factories import a_book, a_rating


async def test_an_empty_instance_says_what_to_do_next(client: Browser) -> None:
    answer = await client.get("/", "page")
    assert answer.status == 200
    assert "bookapp demo" in answer.text


async def test_the_start_page_shows_what_was_added(client: Browser, db: Database) -> None:
    await a_book(db, title="Persuasion")
    page = (await client.get("/", "page")).text
    assert "Persuasion" in page
    assert "bookapp demo" not in page


async def test_the_add_form_is_the_one_of_the_first_edition(sqlite_client: Browser) -> None:
    page = (await sqlite_client.get("/", "page")).text
    for mark in ('hx-post="/submit"', 'name="title"', 'name="author"', '<tbody id="new-book">'):
        assert mark in page


async def test_a_reader_who_may_not_edit_sees_no_form(sqlite_client: Browser) -> None:
    sqlite_client.app.extensions["doorkeeper"].guest_edits = "never"
    assert 'hx-post="/submit"' not in (await sqlite_client.get("/", "page")).text


async def test_a_program_gets_the_list_of_routes(client: Browser) -> None:
    routes = {line["path"]: line["methods"] for line in (await client.get("/")).json["routes"]}
    assert routes["/books"] == ["GET", "POST"]
    assert "/books/<book_id>" in routes


async def test_every_listed_route_says_what_it_is_for(sqlite_client: Browser) -> None:
    for line in (await sqlite_client.get("/")).json["routes"]:
        assert line["summary"], line["path"]
        assert line["methods"], line["path"]


async def test_the_best_and_the_newest_are_shown_in_order(client: Browser, db: Database) -> None:
    made = [await a_book(db, title=f"Book {n}") for n in range(BEST + NEWEST)]
    await a_rating(db, made[3], 5.0, 1)
    await a_rating(db, made[4], 4.8, 1000)
    home = (await client.get("/")).json
    assert home["total"] == len(made)
    assert [book["id"] for book in home["best"]][:2] == [made[4], made[3]]
    assert [book["id"] for book in home["newest"]] == sorted(made, reverse=True)[:NEWEST]
    assert len(home["best"]) <= BEST


async def test_a_deleted_book_leaves_the_start_page(client: Browser, db: Database) -> None:
    book_id = await a_book(db, title="Gone soon")
    assert "Gone soon" in (await client.get("/", "page")).text
    await client.delete(f"/books/{book_id}")
    assert "Gone soon" not in (await client.get("/", "page")).text
    assert (await client.get("/")).json["total"] == 0


async def test_the_start_page_answers_in_three_forms(sqlite_client: Browser) -> None:
    page, fragment = await sqlite_client.get("/", "page"), await sqlite_client.get("/", "fragment")
    assert page.text.startswith("<!doctype html>")
    assert "<html" not in fragment.text
    assert 'id="newest"' in fragment.text
    assert fragment.text.strip() in page.text
