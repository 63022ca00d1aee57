from bookapp.core.db import Database
from tests.clients import Browser
from tests.factories import a_book


async def test_an_empty_instance_says_what_to_do_next(client: Browser) -> None:
    answer = await client.get("/", "page")
    assert answer.status == 200
    assert "bookapp demo" in answer.text


async def test_the_start_page_shows_what_was_added(client: Browser, db: Database) -> None:
    await a_book(db, title="Persuasion")
    assert "Persuasion" in (await client.get("/", "page")).text


async def test_a_program_gets_the_list_of_routes(client: Browser) -> None:
    routes = {line["path"]: line["methods"] for line in (await client.get("/")).json["routes"]}
    assert routes["/books"] == ["GET", "POST"]
    assert "/books/<book_id>" in routes
