"""ETags: what was read need not come again, and what was changed meanwhile is not overwritten."""

from typing import Any

import pytest

from bookapp.core.db import Database
from tests.clients import FORMS, Browser
from tests.factories import a_book


@pytest.fixture
async def book(db: Database) -> int:
    return await a_book(db, title="Emma", author="Jane Austen", year=1815)


@pytest.mark.parametrize("form", list(FORMS))
async def test_what_is_known_does_not_come_again(client: Browser, book: int, form: str) -> None:
    first = await client.get(f"/books/{book}", form)
    tag = first.headers["ETag"]
    assert tag.startswith('"1-')
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.get(f"/books/{book}", form, headers={"If-None-Match": known})
        assert again.status == 304, known
        assert again.body == b""
        assert again.headers["ETag"] == tag
        assert again.headers["Vary"] == first.headers["Vary"]
    for unknown in ('"1-other"', "", tag.strip('"')):
        assert (await client.get(f"/books/{book}", form, headers={"If-None-Match": unknown})).status == 200


async def test_the_three_answers_have_tags_of_their_own(client: Browser, book: int) -> None:
    tags = {(await client.get(f"/books/{book}", form)).headers["ETag"] for form in FORMS}
    assert len(tags) == 3


@pytest.mark.parametrize("form", list(FORMS))
async def test_any_of_the_three_tags_guards_a_write(client: Browser, book: int, form: str) -> None:
    tag = (await client.get(f"/books/{book}", form)).headers["ETag"]
    answer = await client.ask("PATCH", f"/books/{book}", json={"title": "New"}, headers={"If-Match": tag})
    assert answer.status == 200
    late = await client.ask("PATCH", f"/books/{book}", json={"title": "Late"}, headers={"If-Match": tag})
    assert late.status == 412
    assert late.json["newer"]["title"] == "New"
    assert late.json["newer"]["version"] == 2
    assert (await client.get(f"/books/{book}")).json["title"] == "New"


async def test_an_api_client_says_which_version_it_changes(client: Browser, book: int) -> None:
    assert (await client.ask("PATCH", f"/books/{book}", json={"title": "New"})).status == 428
    for method in ("PUT", "PATCH"):
        answer = await client.ask(method, f"/books/{book}", json={"pages": 3}, headers={"If-Match": "*"})
        assert answer.status == 200
    late = await client.ask("PATCH", f"/books/{book}", json={"title": "New", "version": 1})
    assert late.status == 409
    assert late.json["newer"]["pages"] == 3


@pytest.mark.parametrize("bad", ['"x"', "x", '""', "W/", '"99999999999-x"', '"-1"', '"٣"'])
async def test_a_tag_that_is_not_ours_never_matches(client: Browser, book: int, bad: str) -> None:
    headers = {"If-Match": bad.encode().decode("latin-1")}
    answer = await client.ask("PATCH", f"/books/{book}", json={"title": "New"}, headers=headers)
    assert answer.status == 412
    assert (await client.get(f"/books/{book}")).json["title"] == "Emma"


@pytest.mark.parametrize("form", ["page", "fragment"])
@pytest.mark.parametrize("where", ["edit", "details"])
async def test_a_form_that_is_late_gets_both_versions(client: Browser, book: int, form: str, where: str) -> None:
    data = {"title": "First", "author": "Jane Austen", "version": "1"}
    assert (await client.post(f"/books/{book}/{where}", form, data=data)).status in (200, 303)
    late = await client.post(f"/books/{book}/{where}", form, data=data | {"title": "Second <b>"})
    assert late.status == 409
    assert 'id="conflict"' in late.text
    assert "First" in late.text
    assert "Second &lt;b&gt;" in late.text
    assert ("<html" in late.text) == (form == "page")
    assert (await client.get(f"/books/{book}")).json["title"] == "First"


async def test_an_author_is_guarded_the_same_way(client: Browser, book: int) -> None:
    author = (await client.get(f"/books/{book}")).json["author"]["id"]
    tag = (await client.get(f"/authors/{author}")).headers["ETag"]
    path = f"/authors/{author}"
    assert (await client.put(path, json={"name": "J. Austen"})).status == 428
    assert (await client.put(path, json={"name": "J. Austen"}, headers={"If-Match": tag})).status == 200
    late = await client.put(path, json={"name": "Austen"}, headers={"If-Match": tag})
    assert late.status == 412
    assert late.json["newer"]["name"] == "J. Austen"
    page = await client.post(f"{path}/edit", "page", data={"name": "Austen", "version": "1"})
    assert page.status == 409
    assert "J. Austen" in page.text


async def test_a_delete_may_be_guarded(client: Browser, book: int) -> None:
    assert (await client.delete(f"/books/{book}", headers={"If-Match": '"9-x"'})).status == 412
    assert (await client.delete(f"/books/{book}", headers={"If-Match": '"1-x"'})).status == 204
    assert (await client.get(f"/books/{book}")).status == 404


async def test_two_who_add_to_the_same_page_both_count(client: Browser, book: int) -> None:
    """A read-modify-write with If-Match loses nothing: who is late reads again."""
    import asyncio

    path = f"/books/{book}"

    async def one_more(times: int) -> None:
        for _ in range(times):
            while True:
                seen = await client.get(path)
                body: dict[str, Any] = {"pages": (seen.json["pages"] or 0) + 1}
                answer = await client.ask("PATCH", path, json=body, headers={"If-Match": seen.headers["ETag"]})
                assert answer.status in (200, 412)
                if answer.status == 200:
                    break

    await asyncio.gather(one_more(8), one_more(8), one_more(8))
    assert (await client.get(path)).json["pages"] == 24
