"""Shelves through HTTP: as a page, as a fragment, as JSON; with plain forms; for strangers and guests."""

import re

import pytest

from bookapp.web.application import Application
from tests.clients import FORMS, Browser
from tests.factories import a_sent_book
from tests.people import as_person

SHELVES = "/accounts/alice/shelves"


@pytest.fixture
async def alice(app: Application) -> Browser:
    return await as_person(app, "alice", zone="Europe/Berlin")


@pytest.fixture
async def bob(app: Application) -> Browser:
    return await as_person(app, "bob")


async def test_a_book_goes_through_its_life_by_json(alice: Browser) -> None:
    book = await a_sent_book(alice)
    nothing = (await alice.get(f"{book['url']}/mine")).json
    assert (nothing["state"], nothing["stars"], nothing["version"]) == (None, None, 0)
    put = await alice.put("/books/1/shelf", json={"shelf": "reading", "visibility": "everyone"})
    assert (put.status, put.json["state"], put.json["seen_by"]) == (200, "reading", "everyone")
    assert len(put.json["readings"]) == 1
    assert (await alice.put("/books/1/shelf", json={"state": "read", "visibility": None})).json["seen_by"] == "members"
    assert (await alice.put("/books/1/rating", json={"stars": 3.25})).json["stars_words"] == "3¼ of 5 stars"
    told = await alice.put(
        "/books/1/entry", json={"note": "Lent", "tags": ["sea"], "is_owned": True, "visibility": "me"}
    )
    assert [told.json[name] for name in ("note", "tags", "is_owned", "visibility", "seen_by")] == [
        "Lent", ["sea"], True, "me", "me",
    ]  # fmt: skip
    assert (await alice.delete("/books/1/rating")).json["stars"] is None
    assert (await alice.delete("/books/1/shelf")).json["state"] is None
    assert (await alice.get("/books/1/mine")).headers["ETag"].startswith('"6-')


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("shelf", {"state": "lost"}, "state"),
        ("shelf", {}, "state"),
        ("shelf", {"state": "read", "visibility": "friends"}, "visibility"),
        ("rating", {"stars": 5.5}, "stars"),
        ("rating", {"stars": 3.1}, "stars"),
        ("rating", {"stars": "3"}, "stars"),
        ("rating", {}, "stars"),
        ("entry", {"tags": "sea"}, "tags"),
        ("entry", {"tags": ["a,b"]}, "tags"),
        ("entry", {"seen_by": "everyone"}, "seen_by"),
    ],
)
async def test_what_is_wrong_is_named(alice: Browser, path: str, sent: dict[str, object], field: str) -> None:
    await a_sent_book(alice)
    answer = await alice.put(f"/books/1/{path}", json=sent)
    assert (answer.status, list(answer.json["errors"])) == (422, [field])
    assert (await alice.get("/books/1/mine")).json["version"] == 0


async def test_without_scripts_plain_forms_do_everything(alice: Browser) -> None:
    await a_sent_book(alice)

    async def sent(path: str, **form: str) -> dict[str, object]:
        answer = await alice.post(path, "page", data=form)
        assert (answer.status, answer.headers["Location"]) == (303, "/books/1")
        told: dict[str, object] = (await alice.get("/books/1/mine")).json
        return told

    assert (await sent("/books/1/shelf", state="want"))["state"] == "want"
    assert (await sent("/books/1/rating", stars="4.5"))["stars"] == 4.5
    assert (await sent("/books/1/entry", tags="sea, whales"))["tags"] == ["sea", "whales"]
    assert (await sent("/books/1/entry", tags=""))["tags"] == []
    assert (await sent("/books/1/entry", note="Lent"))["note"] == "Lent"
    assert (await sent("/books/1/entry", is_owned="true"))["is_owned"] is True
    assert (await sent("/books/1/entry", visibility="me"))["seen_by"] == "me"
    assert (await sent("/books/1/entry", visibility=""))["visibility"] is None
    assert (await sent("/books/1/rating/delete"))["stars"] is None
    assert (await sent("/books/1/shelf/delete"))["state"] is None
    made = await alice.post(SHELVES, "page", data={"name": "For the holidays", "visibility": ""})
    assert (made.status, made.headers["Location"]) == (303, f"{SHELVES}/for-the-holidays")
    on = await sent(f"{SHELVES}/for-the-holidays/books/1")
    assert [shelf["chosen"] for shelf in on["shelves"]] == [True]  # type: ignore[attr-defined]
    await sent(f"{SHELVES}/for-the-holidays/books/1/delete")
    renamed = await alice.post(f"{SHELVES}/for-the-holidays/edit", "page", data={"name": "Любимые", "version": "1"})
    assert renamed.headers["Location"] == f"{SHELVES}/%D0%BB%D1%8E%D0%B1%D0%B8%D0%BC%D1%8B%D0%B5"
    assert "Любимые" in (await alice.get(renamed.headers["Location"], "page")).text
    gone = await alice.post(f"{renamed.headers['Location']}/delete", "page")
    assert gone.headers["Location"] == SHELVES
    settings = await alice.post(
        "/accounts/alice/reading-settings", "page",
        data={"visibility": "everyone", "want": "me", "reading": "", "read": "", "stopped": "", "is_counted": "false"},
    )  # fmt: skip
    assert settings.status == 303
    told = (await alice.get("/accounts/alice/reading-settings")).json
    assert (told["visibility"], told["want"], told["read"], told["is_counted"]) == ("everyone", "me", None, False)


async def test_every_form_on_the_page_leads_somewhere(alice: Browser) -> None:
    await a_sent_book(alice)
    await alice.post(SHELVES, json={"name": "Classics"})
    await alice.put("/books/1/rating", json={"stars": 3})
    page = (await alice.get("/books/1/mine", "page")).text
    block = page[page.index('<section id="mine"') : page.index('id="own_review"')]
    assert 'aria-pressed="true"' in block
    assert re.search(r'value="3" checked', block)
    for action in re.findall(r'<form[^>]* action="([^"]+)"', block):
        answer = await alice.post(action, "page", data={"stars": "2"} if action.endswith("rating") else {})
        assert answer.status in (303, 422), action


async def test_one_click_answers_with_the_region_alone(alice: Browser) -> None:
    await a_sent_book(alice)
    answer = await alice.post("/books/1/rating", "fragment", data={"stars": "3.5"})
    assert (answer.status, answer.text.strip()[:20]) == (200, '<section id="mine" c')
    assert "3½ of 5 stars" in answer.text
    assert "rating-changed" in answer.headers["HX-Trigger"]
    wrong = await alice.post("/books/1/entry", "fragment", data={"tags": "x" * 50})
    assert (wrong.status, "At most 40 characters" in wrong.text) == (422, True)
    assert wrong.text.count("x" * 50) == 1


async def test_what_guests_see_is_made_anew_when_it_changes(alice: Browser, app: Application) -> None:
    await a_sent_book(alice)
    guest = Browser(app)
    before = (await guest.get("/books")).json["books"][0]["rating"]
    await alice.put("/books/1/rating", json={"stars": 4})
    assert (await guest.get("/books")).json["books"][0]["rating"] == before == {"average": None, "count": 0}
    await alice.put("/books/1/entry", json={"visibility": "everyone"})
    assert (await guest.get("/books")).json["books"][0]["rating"] == {"average": 4.0, "count": 1}
    await alice.delete("/books/1/rating")
    assert (await guest.get("/books")).json["books"][0]["rating"] == before


@pytest.mark.parametrize("form", list(FORMS))
async def test_a_closed_shelf_looks_like_one_that_is_not_there(alice: Browser, bob: Browser, form: str) -> None:
    await a_sent_book(alice)
    await alice.post(SHELVES, json={"name": "Secret", "visibility": "me"})
    await alice.put("/books/1/shelf", json={"state": "want"})
    await alice.put("/accounts/alice/reading-settings", json={"want": "me"})

    def plain(text: str) -> str:
        text = text.partition("<main")[2].partition("</main>")[0] or text  # around it stand messages
        return re.sub(r"[0-9a-f]{16}|/accounts/\S*|secret|absent|want", "", text, flags=re.IGNORECASE)

    absent = await bob.get(f"{SHELVES}/absent", form)
    for slug in ("secret", "want"):
        closed = await bob.get(f"{SHELVES}/{slug}", form)
        assert (closed.status, plain(closed.text)) == (404, plain(absent.text))
    assert (await bob.get("/accounts/nobody-here/shelves/read", form)).status == 404
    assert (await alice.get(f"{SHELVES}/want", form)).status == 200


async def test_guests_see_public_shelves_and_change_none(alice: Browser, app: Application) -> None:
    await a_sent_book(alice)
    guest = Browser(app)
    assert (await guest.get(SHELVES)).json["shelves"] == []
    await alice.put("/books/1/shelf", json={"state": "read", "visibility": "everyone"})
    (shelf,) = (await guest.get(SHELVES)).json["shelves"]
    assert (shelf["slug"], shelf["count"], shelf["visibility"]) == ("read", 1, None)
    assert "Emma" in (await guest.get(f"{SHELVES}/read", "page")).text
    assert (await guest.get("/accounts/nobody-here/shelves")).status == 404
    for method, path in (
        ("PUT", "/books/1/shelf"), ("GET", "/books/1/mine"), ("POST", SHELVES), ("DELETE", f"{SHELVES}/read"),
    ):  # fmt: skip
        assert (await guest.ask(method, path, json={"state": "want"})).status == 401


async def test_the_books_of_a_shelf_come_as_a_wall_and_as_a_table(alice: Browser) -> None:
    for number in range(3):
        book = await a_sent_book(alice, title=f"Book {number}")
        await alice.put(f"/books/{book['id']}/rating", json={"stars": 4})
        await alice.put(f"/books/{book['id']}/entry", json={"tags": ["sea", "a&b"]})
    wall = (await alice.get(f"{SHELVES}/read?limit=2", "page")).text
    assert wall.count('class="card"') == 2
    assert "Show 2 more books" in wall
    await alice.post("/preferences", "page", data={"view": "table"})
    table = (await alice.get(f"{SHELVES}/read?tag=a%26b", "page")).text
    assert table.count('class="row"') == 3
    assert "?tag=a%26b" in table
    assert "4 of 5 stars" in table


async def test_an_edit_of_an_old_shelf_shows_both(alice: Browser) -> None:
    await alice.post(SHELVES, json={"name": "Classics"})
    assert (await alice.ask("PATCH", f"{SHELVES}/classics", json={"about": "x"})).status == 428
    assert (await alice.ask("PATCH", f"{SHELVES}/classics", json={"about": "x", "version": 1})).json["version"] == 2
    late = await alice.post(f"{SHELVES}/classics/edit", "page", data={"about": "Mine", "version": "1"})
    assert late.status == 409
    assert "Mine" in late.text
    assert "Save mine over it" in late.text
    assert (await alice.delete(f"{SHELVES}/classics", headers={"If-Match": '"1-x"'})).status == 412
    assert (await alice.delete(f"{SHELVES}/classics")).status == 204
