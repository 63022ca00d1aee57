"""Looking an ISBN up, and scanning many: as a page, as a fragment, as JSON."""

from typing import Any

import pytest

from tests.clients import Browser
from tests.factories import a_sent_book
from tests.house.test_answers import Counter
from tests.people import as_person

EMMA, EMMA_10, PERSUASION, ABSENT = "9780141439587", "0-14-143958-0", "9780141439686", "9780306406157"


async def _two_books(client: Browser) -> None:
    await a_sent_book(client, isbn=EMMA)
    await a_sent_book(client, title="Persuasion", isbn=PERSUASION)


async def _mine(client: Browser, book_id: int = 1) -> Any:
    return (await client.get(f"/books/{book_id}/mine")).json


async def test_an_isbn_in_any_spelling_leads_to_its_book(alice: Browser) -> None:
    await _two_books(alice)
    for spelling in (EMMA, EMMA_10, "978-0-14-143958-7", "978%200%2014%20143958%207"):
        page = await alice.get(f"/isbn/{spelling}", "page")
        assert (page.status, page.headers["Location"]) == (303, "/books/1"), spelling
        told = (await alice.get(f"/isbn/{spelling}")).json
        assert (told["isbn"], told["book"]["title"], told["source"]) == (EMMA, "Emma", "catalogue")
    assert "Emma" in (await alice.get(f"/isbn/{EMMA}", "fragment")).text


async def test_an_isbn_that_is_not_here_offers_the_form_with_it_filled_in(alone: Browser) -> None:
    told = await alone.get(f"/isbn/{ABSENT}")
    assert (told.status, told.json["book"], told.json["source"]) == (200, None, None)
    page = (await alone.get("/isbn/0-306-40615-2", "page")).text
    assert f'value="{ABSENT}"' in page
    guest = (await Browser(alone.app).get(f"/isbn/{ABSENT}", "page")).text
    assert "not in the catalogue yet" in guest
    assert '<form id="form"' not in guest


@pytest.mark.parametrize("wrong", ["9780141439588", "014143958X", "97801414395", "Emma", "%00", "4006381333931"])
async def test_a_wrong_number_is_refused_with_words(alone: Browser, wrong: str) -> None:
    for form in ("page", "json"):
        answer = await alone.get(f"/isbn/{wrong}", form)
        assert answer.status == 422, (wrong, answer.text)
        assert "ISBN" in answer.text
        assert "Isbn" not in answer.text


async def test_a_scan_puts_books_on_a_shelf_and_says_what_came_of_each(alice: Browser) -> None:
    await _two_books(alice)
    sent = {"isbns": [EMMA, PERSUASION, EMMA_10, ABSENT, "9780141439588"], "shelf": "read", "is_owned": True}
    answer = await alice.post("/scan", json=sent)
    assert answer.status == 200, answer.text
    items = answer.json["items"]
    assert [item["state"] for item in items] == ["added", "added", "duplicate", "unknown", "wrong"]
    assert items[0]["says"] == "Emma is on Read now, and marked as yours."
    assert (items[0]["book"]["title"], items[0]["isbn"], items[0]["shelf"]) == ("Emma", EMMA, "read")
    assert "last digit" in items[4]["says"]
    mine = await _mine(alice)
    assert (mine["state"], mine["is_owned"]) == ("read", True)
    again = (await alice.post("/scan", json=sent)).json["items"]
    assert [item["state"] for item in again] == ["known", "known", "duplicate", "unknown", "wrong"]
    assert (await _mine(alice))["version"] == mine["version"]


async def test_what_is_read_begins_today_when_it_is_put_on_reading(alice: Browser) -> None:
    await _two_books(alice)
    await alice.post("/scan", json={"isbns": EMMA, "shelf": "reading"})
    mine = await _mine(alice)
    assert (mine["state"], len(mine["readings"]), mine["readings"][0]["outcome"]) == ("reading", 1, "reading")


async def test_a_scan_without_a_shelf_only_looks_up(alice: Browser) -> None:
    await _two_books(alice)
    await alice.put("/books/2/shelf", json={"state": "want"})
    items = (await alice.post("/scan", json={"isbns": f"{EMMA}\n{PERSUASION}"})).json["items"]
    assert [item["state"] for item in items] == ["found", "known"]
    assert items[1]["says"] == "Persuasion is on your shelf Want to read already."
    assert (await _mine(alice))["version"] == 0


async def test_books_come_onto_a_shelf_of_ones_own(alice: Browser) -> None:
    await _two_books(alice)
    await alice.post("/accounts/alice/shelves", json={"name": "In the attic"})
    await alice.put("/books/1/shelf", json={"state": "read"})
    items = (await alice.post("/scan", json={"isbns": EMMA, "shelf": "in-the-attic"})).json["items"]
    assert items[0]["says"] == "Emma is on In the attic now."
    mine = await _mine(alice)
    assert (mine["state"], [shelf["chosen"] for shelf in mine["shelves"]]) == ("read", [True])
    wrong = await alice.post("/scan", json={"isbns": EMMA, "shelf": "nobodys"})
    assert (wrong.status, wrong.json["errors"]) == (422, {"shelf": ["You have no such shelf"]})


async def test_a_shelf_of_somebody_else_is_no_shelf(alone: Browser) -> None:
    bob = await as_person(alone.app, "bob")
    await _two_books(bob)
    await bob.post("/accounts/bob/shelves", json={"name": "Secret"})
    for address, sent in (("/scan", {"isbns": EMMA}), ("/scan/undos", {"book_id": 1}), (f"/isbn/{ABSENT}", {})):
        facts = {"title": "New", "author": "Somebody"} if address.startswith("/isbn") else {}
        answer = await alone.post(address, json=sent | facts | {"shelf": "secret"})
        assert (answer.status, answer.json["errors"]) == (422, {"shelf": ["You have no such shelf"]}), address


async def test_a_scan_is_taken_back(alice: Browser) -> None:
    await _two_books(alice)
    await alice.post("/scan", json={"isbns": EMMA, "shelf": "read", "is_owned": True})
    back = await alice.post("/scan/undos", json={"book_id": 1, "shelf": "read", "is_owned": True})
    assert back.json["items"][0]["says"] == "Taken back. Emma is here, and on no shelf of yours."
    assert (await _mine(alice))["version"] == 0
    assert (await alice.post("/scan/undos", json={"book_id": 77, "shelf": "read"})).status == 422


async def test_without_scripts_the_page_shows_what_came_of_it(alone: Browser) -> None:
    await _two_books(alone)
    form = {"isbns": f"{EMMA}\r\n{PERSUASION}\r\n{EMMA_10}\r\n{ABSENT}\r\n<b>x</b>", "shelf": "want", "is_owned": "on"}
    sent = await alone.post("/scan", "page", data=form)
    assert sent.status == 303
    page = await alone.get(sent.headers["Location"], "page")
    assert page.status == 200
    for words in ("Emma is on Want to read now, and marked as yours.", "Emma came twice.", f"{ABSENT} is not in the"):
        assert words in page.text, words
    assert page.text.count('action="/scan/undos"') == 2
    assert '<option value="want" selected>' in page.text
    back = await alone.post("/scan/undos", "page", data={"book_id": "1", "shelf": "want", "is_owned": "on"})
    assert (back.status, back.headers["Location"]) == (303, "/scan")


async def test_a_hundred_at_once_and_no_more(alone: Browser) -> None:
    numbers = [f"97803064{number:05}" for number in range(101)]
    assert (await alone.post("/scan", json={"isbns": numbers[:100]})).status == 200
    sent = await alone.post("/scan", "page", data={"isbns": "\n".join(numbers[:100])})
    assert (await alone.get(sent.headers["Location"], "page")).status == 200
    for form in ("page", "fragment", "json"):
        body = {"json": {"isbns": numbers}} if form == "json" else {"data": {"isbns": "\n".join(numbers)}}
        answer = await alone.post("/scan", form, **body)
        assert answer.status == 422
        assert "at most 100" in answer.text
    assert (await alone.post("/scan", json={"isbns": [1]})).status == 422
    assert (await alone.post("/scan", json={"isbns": "\x00"})).status == 422


async def test_a_hundred_cost_as_many_statements_as_two(alice: Browser) -> None:
    numbers = []
    for number in range(12):
        digits = f"97803064{number:04}"
        check = -sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10
        numbers.append(f"{digits}{check}")
        await a_sent_book(alice, title=f"Tale {number}", isbn=numbers[-1])
    costs = []
    for part in (numbers[:2], numbers[2:]):
        with Counter(alice.app.extensions["db"]) as counter:
            answer = await alice.post("/scan", json={"isbns": part, "shelf": "read", "is_owned": True})
        assert {item["state"] for item in answer.json["items"]} == {"added"}
        costs.append(len(counter.statements))
    assert costs[0] == costs[1]
    assert costs[0] <= 30


async def test_a_book_that_is_not_here_is_added_where_the_others_go(alone: Browser) -> None:
    sent = {"title": "Signals", "author": "A. Mathematician", "year": 1980, "shelf": "reading", "is_owned": True}
    answer = await alone.post("/isbn/0-306-40615-2", json=sent)
    assert (answer.status, answer.headers["Location"]) == (201, "/books/1")
    item = answer.json["items"][0]
    assert (item["state"], item["book"]["isbn"]) == ("added", ABSENT)
    assert item["says"] == "Signals is on Reading now, and marked as yours."
    assert (await _mine(alone))["state"] == "reading"
    twice = await alone.post(f"/isbn/{ABSENT}", json=sent)
    assert (twice.status, "isbn" in twice.json["errors"]) == (422, True)
    fragment = await alone.post(
        f"/isbn/{EMMA}", "fragment", data={"title": "Emma", "author": "Jane Austen", "shelf": ""}
    )
    assert (fragment.status, "Emma is here now." in fragment.text) == (201, True)


async def test_only_the_page_that_scans_may_use_the_camera(alone: Browser) -> None:
    for path in ("/books", "/", f"/isbn/{ABSENT}", "/static/js/scan.js"):
        assert "camera=()" in (await alone.get(path, "page")).headers["Permissions-Policy"], path
    assert "camera=(self)" in (await alone.get("/scan", "page")).headers["Permissions-Policy"]


async def test_guests_are_asked_to_sign_in(alone: Browser) -> None:
    guest = Browser(alone.app)
    assert (await guest.post("/scan", json={"isbns": EMMA})).status == 401
    assert (await guest.post(f"/isbn/{EMMA}", json={"title": "Emma", "author": "X"})).status == 401
    assert (await guest.get("/scan", "page")).headers["Location"].startswith("/login?next=")
