"""Making one of what is there twice, through the doors of administrators."""

from typing import Any

from tests.clients import Browser
from tests.people import sign_in


async def a_book(browser: Browser, title: str, author: str, **more: Any) -> int:
    answer = await browser.post("/books", json={"title": title, "author": author, **more})
    assert answer.status == 201, answer.text
    return int(answer.json["id"])


async def author_of(browser: Browser, book_id: int) -> int:
    return int((await browser.get(f"/books/{book_id}")).json["author"]["id"])


async def test_authors_that_look_alike_are_found_and_merged(dora: Browser) -> None:
    first = await a_book(dora, "Emma", "Jane Austen")
    second = await a_book(dora, "Persuasion", "J. Austen")
    third = await a_book(dora, "Lady Susan", "Austen, Jane")
    await a_book(dora, "Cassandra's letters", "Cassandra Austen")
    found = (await dora.get("/admin/authors")).json
    assert [(pair["one"]["name"], pair["older"]["name"]) for pair in found["items"]] == [
        ("Austen, Jane", "Jane Austen"),
        ("J. Austen", "Jane Austen"),
    ]
    assert (found["looked_at"], found["next"]) == (4, None)
    stays, goes = await author_of(dora, first), await author_of(dora, second)
    choice = (await dora.get(f"/admin/authors/{goes}/merge")).json
    assert [other["name"] for other in choice["others"]] == ["Jane Austen"]
    assert (await dora.get("/admin")).json["author_doubles"] == 2

    answer = await dora.post(f"/admin/authors/{goes}/merge", json={"into": stays})
    assert (answer.status, answer.headers["Location"]) == (201, "/admin/merges/1")
    assert await author_of(dora, second) == stays
    assert (await dora.get(f"/authors/{goes}")).status == 404
    assert (await dora.get("/admin/audit")).json["items"][0]["what"] == "authors merged"

    undone = await dora.post(answer.json["undo_url"])
    assert (undone.status, undone.json["undo_url"], undone.json["undone_by"]) == (200, None, "dora")
    assert await author_of(dora, second) == goes
    assert (await dora.post(answer.json["undo_url"])).status == 409
    assert (await dora.get("/admin/audit")).json["items"][0]["what"] == "merge undone"
    assert await author_of(dora, third) not in (stays, goes)


async def test_books_that_look_alike_are_found_and_merged(dora: Browser) -> None:
    first = await a_book(dora, "Emma", "Jane Austen", year=1815)
    second = await a_book(dora, "Emma: A Novel", "J. Austen", pages=474)
    await a_book(dora, "Emma", "Somebody Else")
    found = (await dora.get("/admin/books")).json
    assert [(pair["one"]["id"], pair["older"]["id"]) for pair in found["items"]] == [(second, first)]
    assert found["items"][0]["older"]["about"] == "Jane Austen, 1815"
    bob = await sign_in(Browser(dora.app), "bob")
    task = (await bob.post("/accounts/bob/tasks", json={"name": "Read it", "book_id": second})).json["url"]

    page = await dora.post(f"/admin/books/{second}/merge", "page", data={"into": str(first)})
    assert (page.status, page.headers["Location"]) == (303, "/admin/merges/1")
    assert (await dora.get(f"/books/{first}")).json["pages"] == 474
    assert (await dora.get(f"/books/{second}")).status == 404
    assert (await bob.get(task)).json["book"]["id"] == first
    shown = await dora.get("/admin/merges/1", "page")
    assert 'action="/admin/merges/1/separation" data-undo' in shown.text

    row = await dora.post("/admin/merges/1/separation", "fragment")
    assert row.text.lstrip().startswith('<tr class="merge" id="merge-1">')
    assert (await bob.get(task)).json["book"]["id"] == second
    assert (await dora.get(f"/books/{first}")).json["pages"] is None


async def test_a_task_that_went_elsewhere_since_stays_there(dora: Browser) -> None:
    first, second, third = [await a_book(dora, f"Tale {n}", "Anna") for n in range(3)]
    bob = await sign_in(Browser(dora.app), "bob")
    task = (await bob.post("/accounts/bob/tasks", json={"name": "Read it", "book_id": second})).json["url"]
    await dora.post(f"/admin/books/{second}/merge", json={"into": first})
    await bob.ask("PATCH", task, json={"book_id": third}, headers={"If-Match": "*"})
    await dora.post("/admin/merges/1/separation")
    assert (await bob.get(task)).json["book"]["id"] == third


async def test_the_other_one_can_be_searched_for(dora: Browser) -> None:
    emma = await a_book(dora, "Emma", "Jane Austen")
    other = await a_book(dora, "Emma, eine Erzählung", "Jane Austin")
    for path, found in (
        (f"/admin/books/{emma}/merge?q=erzahlung", [other]),
        (f"/admin/books/{emma}/merge?q=emma", [other]),
        (f"/admin/books/{emma}/merge?q=nothing", []),
        (f"/admin/authors/{await author_of(dora, emma)}/merge?q=aust", [await author_of(dora, other)]),
    ):
        assert [one["id"] for one in (await dora.get(path)).json["others"]] == found, path
    assert [p["one"]["id"] for p in (await dora.get("/admin/books?q=erzahlung")).json["items"]] == [other]
    assert [p["one"]["name"] for p in (await dora.get("/admin/authors?q=austi")).json["items"]] == ["Jane Austin"]


async def test_doubles_are_looked_for_window_by_window(dora: Browser, monkeypatch: Any) -> None:
    monkeypatch.setattr("bookapp.admin.double_queries.WINDOW", 2)
    for name in ("Jane Austen", "J. Austen", "Emily Brontë", "E. Brontë", "Plato"):
        await a_book(dora, f"By {name}", name)
    seen, path = [], "/admin/authors"
    while path:
        answer = (await dora.get(path)).json
        seen += [pair["one"]["name"] for pair in answer["items"]]
        path = answer["next"]
    assert seen == ["E. Brontë", "J. Austen"]
    assert "Look among older ones" in (await dora.get("/admin/authors", "page")).text


async def test_what_cannot_be_merged_is_said(dora: Browser) -> None:
    emma = await a_book(dora, "Emma", "Jane Austen")
    author = await author_of(dora, emma)
    for kind, number in (("books", emma), ("authors", author)):
        path = f"/admin/{kind}/{number}/merge"
        same = await dora.post(path, json={"into": number})
        assert (same.status, list(same.json["errors"])) == (422, ["into"])
        page = await dora.post(path, "page", data={"into": str(number)})
        assert (page.status, "Choose another one" in page.text) == (422, True)
        assert (await dora.post(path, json={"into": 999})).status == 404
        assert (await dora.post(f"/admin/{kind}/999/merge", json={"into": number})).status == 404
        assert (await dora.get(f"/admin/{kind}/999/merge")).status == 404
        assert (await dora.post(path, json={})).status == 422
    assert (await dora.get("/admin/merges")).json == {"items": [], "next": None}


async def test_merges_in_a_row_are_listed_and_undone_from_the_last(dora: Browser) -> None:
    one, two, three = [await a_book(dora, f"Tale {n}", "Anna") for n in range(3)]
    await dora.post(f"/admin/books/{one}/merge", json={"into": two})
    await dora.post(f"/admin/books/{two}/merge", json={"into": three})
    page = (await dora.get("/admin/merges?limit=1")).json
    assert [line["id"] for line in page["items"]] == [2]
    assert [line["id"] for line in (await dora.get(page["next"])).json["items"]] == [1]
    refused = await dora.post("/admin/merges/1/separation")
    assert (refused.status, "Undo that first" in refused.json["detail"]) == (409, True)
    assert [(await dora.post(f"/admin/merges/{n}/separation")).status for n in (2, 1)] == [200, 200]
