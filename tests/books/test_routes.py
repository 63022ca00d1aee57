"""The addresses of books and authors: each in its three forms, the old ones too."""

import asyncio
import csv
import io
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest

from bookapp.core.db import Database
from bookapp.core.paging import write_cursor
from tests.clients import Answer, Browser
from tests.factories import a_book, a_picture, a_sent_book

ISBN = "9780141439587"
BOOK_FIELDS = {
    "id",
    "title",
    "author",
    "authors",
    "year",
    "language",
    "pages",
    "isbn",
    "subjects",
    "series",
    "rating",
    "cover_url",
    "url",
    "version",
}


class Marks(HTMLParser):
    """The elements of some HTML with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def named(self, name: str) -> dict[str, str | None]:
        return next(attrs for tag, attrs in self.elements if attrs.get("name") == name and tag in ("input", "textarea"))


def is_page(answer: Answer) -> bool:
    return answer.text.lstrip().lower().startswith("<!doctype html>")


def is_fragment(answer: Answer) -> bool:
    return "<html" not in answer.text and "<body" not in answer.text and answer.text.strip() != ""


READS = [
    ("/", None),
    ("/books", "results"),
    ("/books?q=emma", "results"),
    ("/books/new", "form"),
    ("/books/1", "book"),
    ("/books/1/similar", "similar"),
    ("/books/1/row", "book-1"),
    ("/books/1/edit", "book-1"),
    ("/books/1/details", "details"),
    ("/authors", "authors"),
    ("/authors?q=aus&sort=books", "authors"),
    ("/authors/1", "author"),
    ("/authors/1/edit", "editing"),
    ("/get-edit-form/1", "book-1"),
    ("/get-book-row/1", "book-1"),
]


@pytest.mark.parametrize(("path", "id_"), READS)
async def test_every_address_answers_in_three_forms(sqlite_client: Browser, path: str, id_: str | None) -> None:
    await a_sent_book(sqlite_client)
    page = await sqlite_client.get(path, "page")
    fragment = await sqlite_client.get(path, "fragment")
    json = await sqlite_client.get(path, "json")
    assert [a.status for a in (page, fragment, json)] == [200, 200, 200]
    assert is_page(page)
    assert is_fragment(fragment)
    assert id_ is None or f'id="{id_}"' in fragment.text
    assert json.headers["Content-Type"] == "application/json"
    assert isinstance(json.json, dict | None)
    for answer in (page, fragment, json):
        assert {"HX-Request", "Accept"} <= set(re.split(r",\s*", answer.headers["Vary"]))
        assert answer.headers["ETag"].startswith('"')


@pytest.mark.parametrize(("path", "_id"), READS)
async def test_every_address_has_a_door_for_programs(sqlite_client: Browser, path: str, _id: str | None) -> None:
    await a_sent_book(sqlite_client)
    through = await sqlite_client.get("/api/v1" + path, "page")
    assert through.headers["Content-Type"] == "application/json"
    assert through.json == (await sqlite_client.get(path)).json


@pytest.mark.parametrize(
    "headers", [{"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}, {"HX-Request-Type": "full"}], ids=str
)
async def test_a_boosted_or_restored_page_is_whole(sqlite_client: Browser, headers: dict[str, str]) -> None:
    assert is_page(await sqlite_client.get("/books", "fragment", headers=headers))


@pytest.mark.parametrize("path", ["/books/", "/books/1/", "/authors/"])
async def test_a_trailing_slash_makes_no_difference(sqlite_client: Browser, path: str) -> None:
    await a_sent_book(sqlite_client)
    assert (await sqlite_client.get(path)).json == (await sqlite_client.get(path.rstrip("/"))).json


@pytest.mark.parametrize(
    "path",
    [
        "/books/2",
        "/books/2/similar",
        "/books/2/row",
        "/books/2/edit",
        "/books/2/details",
        "/books/2/cover",
        "/authors/2",
        "/authors/2/edit",
        "/books/0",
        "/books/99999999999999999999",
        "/books/-1",
        "/books/emma",
        "/get-edit-form/2",
        "/get-book-row/2",
    ],
)
@pytest.mark.parametrize("form", ["page", "fragment", "json"])
async def test_what_is_not_there_is_not_found(sqlite_client: Browser, path: str, form: str) -> None:
    await a_sent_book(sqlite_client)
    answer = await sqlite_client.get(path, form)
    assert answer.status == 404
    kind = "application/problem+json" if form == "json" else "text/html; charset=utf-8"
    assert answer.headers["Content-Type"] == kind
    assert is_page(answer) == (form == "page")


# ---- Adding ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/books", "/submit"])
async def test_a_book_is_added_in_three_forms(client: Browser, path: str) -> None:
    typed = {"title": "Emma", "author": "Jane Austen"}
    page = await client.post(path, "page", data=typed)
    assert (page.status, page.headers["Location"]) == (303, "/books/1")
    assert "Added Emma" in (await client.get("/books/1", "page")).text
    fragment = await client.post(path, "fragment", data=typed)
    assert (fragment.status, fragment.headers["Location"]) == (201, "/books/2")
    assert fragment.text.lstrip().startswith('<tr class="row" id="book-2">')
    assert '"toast"' in fragment.headers["HX-Trigger"]
    json = await client.post(path, "json", json=typed)
    assert (json.status, json.headers["Location"], json.json["id"]) == (201, "/books/3", 3)
    assert (await client.get("/authors")).json["authors"][0]["book_count"] == 3


async def test_a_book_in_json_has_the_shape_of_the_contract(sqlite_client: Browser) -> None:
    sent = {
        "title": "A Wizard of Earthsea",
        "author": "Ursula K. Le Guin",
        "isbn": "978-0-14-143958-7",
        "year": 1968,
        "pages": 183,
        "language": "English",
        "subjects": ["fantasy", "magic"],
        "series": "Earthsea",
        "series_position": "1",
        "description": "A boy learns.",
    }
    book = await a_sent_book(sqlite_client, **sent)
    assert set(book) >= BOOK_FIELDS
    author = {"id": 1, "name": "Ursula K. Le Guin"}
    told = {name: book[name] for name in BOOK_FIELDS}
    assert told == {
        "id": 1,
        "title": "A Wizard of Earthsea",
        "author": author,
        "authors": [author],
        "year": 1968,
        "language": "en",
        "pages": 183,
        "isbn": ISBN,
        "subjects": ["fantasy", "magic"],
        "series": {"id": 1, "name": "Earthsea", "position": "1"},
        "rating": {"average": None, "count": 0},
        "cover_url": "/books/1/cover",
        "url": "/books/1",
        "version": 1,
    }
    shown = (await sqlite_client.get("/books/1")).json
    assert {name: shown[name] for name in book} == book
    assert shown["description"] == "A boy learns."
    line = (await sqlite_client.get("/books")).json["books"][0]
    assert {name: line[name] for name in BOOK_FIELDS} == told


async def test_a_form_and_json_mean_the_same(sqlite_client: Browser) -> None:
    form = {
        "title": "Emma",
        "author": "Jane Austen",
        "year": " 1815 ",
        "pages": "474",
        "subjects": "love, class,, love",
        "isbn": "",
    }
    await sqlite_client.post("/books", "page", data=form)
    book = (await sqlite_client.get("/books/1")).json
    assert (book["year"], book["pages"], book["subjects"], book["isbn"]) == (1815, 474, ["class", "love"], None)


WRONG: list[tuple[dict[str, str], set[str]]] = [
    ({"title": "", "author": ""}, {"title", "author"}),
    ({"title": "   ", "author": "A"}, {"title"}),
    ({"author": "A"}, {"title"}),
    ({"title": "T" * 501, "author": "A" * 201}, {"title", "author"}),
    ({"title": "T", "author": "A", "isbn": "123"}, {"isbn"}),
    ({"title": "T", "author": "A", "isbn": "9780141439588"}, {"isbn"}),
    ({"title": "T", "author": "A", "year": "soon"}, {"year"}),
    ({"title": "T", "author": "A", "year": "10000"}, {"year"}),
    ({"title": "T", "author": "A", "language": "klingon"}, {"language"}),
    ({"title": "T", "author": "A", "pages": "0"}, {"pages"}),
    ({"title": "T", "author": "A", "pages": "1.5"}, {"pages"}),
    ({"title": "T", "author": "A", "series_position": "x" * 21}, {"series_position"}),
    ({"title": "T", "author": "A", "subjects": ",".join(map(str, range(21)))}, {"subjects"}),
    ({"title": "T", "author": "A", "subjects": "x" * 61}, {"subjects"}),
    ({"title": "T", "author": "A", "description": "x" * 20_001}, {"description"}),
    ({"title": "a\x00b", "author": "A"}, {"title"}),
]


@pytest.mark.parametrize(("typed", "wrong"), WRONG, ids=lambda value: ",".join(sorted(value))[:50])
async def test_a_wrong_form_comes_back_as_it_was_typed(
    sqlite_client: Browser, typed: dict[str, str], wrong: set[str]
) -> None:
    json = await sqlite_client.post("/books", "json", data=typed)
    assert json.status == 422
    assert json.headers["Content-Type"] == "application/problem+json"
    assert set(json.json["errors"]) == wrong
    for form in ("page", "fragment"):
        answer = await sqlite_client.post("/books", form, data=typed)
        assert answer.status == 422
        assert is_page(answer) == (form == "page")
        marks = Marks(answer.text)
        ids = {attrs["id"] for _, attrs in marks.elements if attrs.get("id")}
        for name in wrong:
            field = marks.named(name)
            assert field["aria-invalid"] == "true"
            told = [id_ for id_ in (field["aria-describedby"] or "").split() if id_.endswith("-error")]
            assert told
            assert set(told) <= ids
        for name, value in typed.items():
            if name not in ("description",) and value.isprintable():
                assert (marks.named(name).get("value") or "").strip() == value.strip()
    assert (await sqlite_client.get("/books")).json["total"] == 0


async def test_a_field_that_is_not_ours_is_refused(sqlite_client: Browser) -> None:
    for extra in ("id", "version", "created_by", "deleted_at", "rating_average", "score", "is_admin"):
        answer = await sqlite_client.post("/books", json={"title": "T", "author": "A", extra: 1})
        assert (answer.status, set(answer.json["errors"])) == (422, {extra})


@pytest.mark.parametrize(
    "body",
    [
        {"title": 7, "author": "A"},
        {"title": "T", "author": ["A"]},
        {"title": "T", "author": None},
        {"title": "T", "author": "A", "year": True},
        {"title": "T", "author": "A", "pages": 1.5},
        {"title": "T", "author": "A", "subjects": [1]},
        {"title": "T", "author": "A", "subjects": {}},
        {"title": "\ud800", "author": "A"},
    ],
    ids=str,
)
async def test_json_of_the_wrong_types_is_refused(client: Browser, body: dict[str, Any]) -> None:
    assert (await client.post("/books", json=body)).status == 422


# ---- Changing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/books/1"),
        ("PATCH", "/books/1"),
        ("PUT", "/update/1"),
        ("POST", "/books/1/edit"),
        ("POST", "/books/1/details"),
    ],
)
async def test_a_book_is_changed_in_three_forms(sqlite_client: Browser, method: str, path: str) -> None:
    await a_sent_book(sqlite_client, year=1815)
    page = await sqlite_client.ask(method, path, "page", data={"title": "One", "version": "1"})
    assert (page.status, page.headers["Location"]) == (303, "/books/1")
    fragment = await sqlite_client.ask(method, path, "fragment", data={"title": "Two", "version": "2"})
    assert fragment.status == 200
    assert is_fragment(fragment)
    assert "Two" in fragment.text
    assert "Saved Two" in fragment.headers["HX-Trigger"]
    json = await sqlite_client.ask(method, path, json={"title": "Three", "version": 3})
    assert json.status == 200
    assert (json.json["title"], json.json["version"], json.json["year"]) == ("Three", 4, 1815)


async def test_the_plain_edit_says_on_the_next_page_that_it_is_saved(sqlite_client: Browser) -> None:
    await a_sent_book(sqlite_client)
    answer = await sqlite_client.post(
        "/books/1/edit", "page", data={"title": "Emma!", "author": "Jane Austen", "version": "1"}
    )
    assert answer.status == 303
    assert "Saved Emma!" in (await sqlite_client.get(answer.headers["Location"], "page")).text
    assert "Saved Emma!" not in (await sqlite_client.get(answer.headers["Location"], "page")).text


async def test_a_program_says_which_version_it_changes(sqlite_client: Browser) -> None:
    book = await a_sent_book(sqlite_client)
    etag = (await sqlite_client.get("/books/1")).headers["ETag"]
    assert (await sqlite_client.put("/books/1", json={"title": "x"})).status == 428
    assert (await sqlite_client.put("/books/1", json={"title": "x"}, headers={"If-Match": etag})).status == 200
    stale = await sqlite_client.put("/books/1", json={"title": "y"}, headers={"If-Match": etag})
    assert stale.status == 412
    assert stale.json["newer"]["title"] == "x"
    conflict = await sqlite_client.put("/books/1", json={"title": "y", "version": book["version"]})
    assert conflict.status == 409
    assert conflict.json["newer"]["version"] == 2
    assert (await sqlite_client.delete("/books/1", headers={"If-Match": etag})).status == 412
    assert (await sqlite_client.get("/books/1")).json["title"] == "x"


@pytest.mark.parametrize("form", ["page", "fragment"])
async def test_a_clash_shows_both_versions(sqlite_client: Browser, form: str) -> None:
    await a_sent_book(sqlite_client)
    await sqlite_client.put("/books/1", json={"title": "Theirs", "version": 1})
    typed = {"title": "Mine", "author": "Jane Austen", "version": "1"}
    answer = await sqlite_client.put("/books/1", form, data=typed)
    assert answer.status == 409
    assert is_page(answer) == (form == "page")
    assert 'id="conflict"' in answer.text
    assert "Theirs" in answer.text
    assert "Mine" in answer.text
    assert (await sqlite_client.get("/books/1")).json["title"] == "Theirs"


@pytest.mark.parametrize("path", ["/books/1/edit", "/books/1/details"])
@pytest.mark.parametrize("form", ["page", "fragment"])
async def test_a_wrong_edit_comes_back_as_it_was_typed(sqlite_client: Browser, path: str, form: str) -> None:
    await a_sent_book(sqlite_client)
    answer = await sqlite_client.post(path, form, data={"title": " ", "author": "Somebody Else", "version": "1"})
    assert answer.status == 422
    marks = Marks(answer.text)
    assert marks.named("title")["aria-invalid"] == "true"
    assert marks.named("author")["value"] == "Somebody Else"
    assert marks.named("version")["value"] == "1"


async def test_a_taken_isbn_is_told_beside_its_field(sqlite_client: Browser) -> None:
    await a_sent_book(sqlite_client, isbn=ISBN)
    await a_sent_book(sqlite_client, title="Other")
    for method, path in (("POST", "/books"), ("POST", "/books/2/details")):
        typed = {"title": "New", "author": "A", "isbn": ISBN}
        assert (await sqlite_client.ask(method, path, data=typed)).json["errors"].keys() == {"isbn"}
        for form in ("page", "fragment"):
            answer = await sqlite_client.ask(method, path, form, data=typed)
            assert answer.status == 422
            field = Marks(answer.text).named("isbn")
            assert (field["value"], field["aria-invalid"]) == (ISBN, "true")


# ---- Deleting --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/books/1", "/delete/1"])
async def test_a_book_is_deleted_in_three_forms(client: Browser, path: str) -> None:
    await a_sent_book(client)
    page = await client.delete(path, "page")
    assert (page.status, page.headers["Location"]) == (303, "/books")
    assert (await client.post("/books/1/restoration")).status == 200
    fragment = await client.delete(path, "fragment")
    assert (fragment.status, fragment.body) == (200, b"")
    assert '"undo": "/books/1/restoration"' in fragment.headers["HX-Trigger"]
    assert "books-changed" in fragment.headers["HX-Trigger"]
    assert (await client.post("/books/1/restoration")).json["title"] == "Emma"
    json = await client.delete(path)
    assert (json.status, json.body) == (204, b"")
    assert (await client.delete(path)).status == 404


async def test_the_plain_delete_offers_undo_on_the_next_page(sqlite_client: Browser) -> None:
    await a_sent_book(sqlite_client)
    gone = await sqlite_client.post("/books/1/delete", "page")
    assert gone.status == 303
    page = await sqlite_client.get(gone.headers["Location"], "page")
    assert "Deleted Emma" in page.text
    assert re.search(r'<form method="post" action="/books/1/restoration"', page.text)
    back = await sqlite_client.post("/books/1/restoration", "page")
    assert (back.status, back.headers["Location"]) == (303, "/books/1")
    assert "Emma is back" in (await sqlite_client.get("/books/1", "page")).text


async def test_a_restored_row_comes_back_as_a_fragment(sqlite_client: Browser) -> None:
    await a_sent_book(sqlite_client)
    await sqlite_client.delete("/books/1")
    answer = await sqlite_client.post("/books/1/restoration", "fragment")
    assert answer.text.lstrip().startswith('<tr class="row" id="book-1">')


# ---- Lists -----------------------------------------------------------------------------------


async def test_a_list_says_where_it_goes_on(client: Browser, db: Database) -> None:
    for n in range(5):
        await a_book(db, title=f"Book {n}", author=f"Author {n}")
    for path, key in (
        ("/books?limit=2&sort=title", "books"),
        ("/authors?limit=2", "authors"),
        ("/books?limit=2&q=book", "books"),
    ):
        seen, address = [], path
        while address:
            answer = await client.get(address)
            page = answer.json
            assert page["total"] == 5
            seen += [item["id"] for item in page[key]]
            address = page["next"]
            link = answer.headers.get("Link")
            assert link == (f'<{address}>; rel="next"' if address else None)
        assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "sort=colour",
        "year=soon",
        "decade=1e3",
        "cursor=%%%",
        "cursor=W10",
        "q=" + "x" * 1001,
        "language=" + "x" * 36,
    ],
)
@pytest.mark.parametrize("form", ["page", "fragment", "json"])
async def test_a_question_that_makes_no_sense_is_refused(sqlite_client: Browser, query: str, form: str) -> None:
    answer = await sqlite_client.get(f"/books?{query}", form)
    assert answer.status == 422
    if form == "json":
        assert list(answer.json["errors"]) == [query.partition("=")[0]]


async def test_marks_of_others_in_an_address_are_left_alone(sqlite_client: Browser) -> None:
    assert (await sqlite_client.get("/books?utm_source=x&fbclid=y")).status == 200


@pytest.mark.parametrize(
    "q", ['"', "*", "a AND", "NEAR(", "%", "'; DROP TABLE book; --", "\x01", "😀", "{{7919*7907}}", "<script>"]
)
async def test_any_search_is_answered_in_every_form(client: Browser, q: str) -> None:
    await a_sent_book(client)
    for form in ("page", "fragment", "json"):
        answer = await client.get(f"/books?q={quote(q)}", form)
        assert answer.status == 200
        assert "62615533" not in answer.text or q != "{{7919*7907}}"
        assert form == "json" or "<script>" not in answer.text


async def test_a_random_book_is_shown_at_its_own_address(sqlite_client: Browser) -> None:
    assert (await sqlite_client.get("/books/random")).status == 404
    await a_sent_book(sqlite_client)
    page = await sqlite_client.get("/books/random", "page")
    assert (page.status, page.headers["Location"]) == (303, "/books/1")
    assert (await sqlite_client.get("/books/random")).json["id"] == 1
    assert 'id="book"' in (await sqlite_client.get("/books/random", "fragment")).text
    assert (await sqlite_client.get("/books/random?language=de")).status == 404


async def test_the_catalogue_comes_as_a_table(client: Browser, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from bookapp.books import export

    monkeypatch.setattr(export, "STEP", 2)
    for n, title in enumerate(("Emma", "=1+1", "+1", "-1", "@SUM(A1)", "Tab\tx", 'She said "a, b"', "Ünïcode")):
        await a_book(
            db,
            title=title,
            author="=cmd|' /C calc'!A0",
            year=1815,
            language="en" if n else "de",
            subjects=["-x", "y"],
            series="@s",
        )
    answer = await client.get("/books.csv", "page")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="books.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["title"] for row in rows] == [
        "Emma",
        "'=1+1",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "Tab\tx",
        'She said "a, b"',
        "Ünïcode",
    ]
    assert {row["authors"] for row in rows} == {"'=cmd|' /C calc'!A0"}
    assert {(row["subjects"], row["series"], row["year"]) for row in rows} == {("'-x; y", "'@s", "1815")}
    narrowed = list(csv.DictReader(io.StringIO((await client.get("/books.csv?language=de")).text)))
    assert [row["title"] for row in narrowed] == ["Emma"]


# ---- Authors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/authors/1"), ("PATCH", "/authors/1"), ("POST", "/authors/1/edit")]
)
async def test_an_author_is_renamed_in_three_forms(sqlite_client: Browser, method: str, path: str) -> None:
    await a_sent_book(sqlite_client)
    page = await sqlite_client.ask(method, path, "page", data={"name": "One", "version": "1"})
    assert (page.status, page.headers["Location"]) == (303, "/authors/1")
    fragment = await sqlite_client.ask(method, path, "fragment", data={"name": "Two", "version": "2"})
    assert fragment.status == 200
    assert 'id="author"' in fragment.text
    json = await sqlite_client.ask(method, path, json={"name": "Three", "version": 3})
    assert (json.status, json.json["name"], json.json["version"]) == (200, "Three", 4)
    assert (await sqlite_client.get("/books/1")).json["author"]["name"] == "Three"
    assert (await sqlite_client.ask(method, path, json={"name": "x", "version": 3})).status == 409
    assert (
        'id="conflict"' in (await sqlite_client.ask(method, path, "fragment", data={"name": "x", "version": "3"})).text
    )


async def test_a_name_that_is_taken_is_told_beside_its_field(sqlite_client: Browser) -> None:
    await a_sent_book(sqlite_client)
    await a_sent_book(sqlite_client, author="Charlotte Brontë")
    typed = {"name": "charlotte  brontë", "version": "1"}
    assert (await sqlite_client.put("/authors/1", data=typed)).json["errors"].keys() == {"name"}
    for form in ("page", "fragment"):
        answer = await sqlite_client.post("/authors/1/edit", form, data=typed)
        assert answer.status == 422
        field = Marks(answer.text).named("name")
        assert (field["value"], field["aria-invalid"]) == (typed["name"], "true")


async def test_an_author_shows_their_books(sqlite_client: Browser) -> None:
    await a_sent_book(sqlite_client)
    await a_sent_book(sqlite_client, title="Persuasion")
    author = (await sqlite_client.get("/authors/1")).json
    assert (author["name"], author["book_count"], author["url"]) == ("Jane Austen", 2, "/authors/1")
    assert {book["title"] for book in author["books"]} == {"Emma", "Persuasion"}


# ---- Rights and caches -----------------------------------------------------------------------

WRITES = [
    ("POST", "/books"),
    ("POST", "/submit"),
    ("PUT", "/books/1"),
    ("PATCH", "/books/1"),
    ("PUT", "/update/1"),
    ("DELETE", "/books/1"),
    ("DELETE", "/delete/1"),
    ("POST", "/books/1/edit"),
    ("POST", "/books/1/details"),
    ("POST", "/books/1/delete"),
    ("POST", "/books/1/restoration"),
    ("PUT", "/books/1/cover"),
    ("POST", "/books/1/cover"),
    ("POST", "/books/1/cover/removal"),
    ("DELETE", "/books/1/cover"),
    ("PUT", "/authors/1"),
    ("PATCH", "/authors/1"),
    ("POST", "/authors/1/edit"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_who_may_not_edit_changes_nothing(sqlite_client: Browser, method: str, path: str) -> None:
    await a_sent_book(sqlite_client)
    sqlite_client.app.extensions["doorkeeper"].guest_edits = "never"
    answer = await sqlite_client.ask(method, path, data={"title": "x", "author": "y"})
    assert answer.status == 401
    book = (await sqlite_client.get("/books/1")).json
    assert (book["title"], book["version"]) == ("Emma", 1)
    page = (await sqlite_client.get("/books/1", "page")).text
    assert "/delete" not in page
    assert "/books/1/details" not in page


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_another_site_changes_nothing(sqlite_client: Browser, method: str, path: str) -> None:
    await a_sent_book(sqlite_client)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await sqlite_client.ask(method, path, "page", data={"title": "x", "author": "y"}, headers=headers)
        assert answer.status == 403
    assert (await sqlite_client.get("/books")).json["total"] == 1


async def test_a_known_answer_is_not_sent_again_until_something_changes(client: Browser) -> None:
    await a_sent_book(client)
    for form in ("page", "fragment", "json"):
        first = await client.get("/books/1", form)
        again = await client.get("/books/1", form, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")
    etag = (await client.get("/books")).headers["ETag"]
    await a_sent_book(client, title="Persuasion")
    fresh = await client.get("/books", headers={"If-None-Match": etag})
    assert (fresh.status, fresh.json["total"]) == (200, 2)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/books"),
        ("PUT", "/books"),
        ("POST", "/books/1"),
        ("DELETE", "/authors/1"),
        ("POST", "/authors"),
        ("POST", "/books.csv"),
    ],
)
async def test_a_method_that_is_not_used_says_which_are(sqlite_client: Browser, method: str, path: str) -> None:
    answer = await sqlite_client.ask(method, path, data={})
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


async def test_the_csv_file_holds_what_was_searched(client: Browser, db: Database) -> None:
    for title in ("Emma", "Emmeline", "Ulysses"):
        await a_book(db, title=title, author="Somebody")
    lines = (await client.get("/books.csv?q=emm")).text.splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["Emma", "Emmeline"]
    assert len((await client.get("/books.csv?q=zzz")).text.splitlines()) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/books/1/cover"), ("DELETE", "/books/1/cover"), ("DELETE", "/books/1"), ("POST", "/books/2/restoration")],
)
async def test_if_match_guards_every_change_of_a_book(sqlite_client: Browser, method: str, path: str) -> None:
    await a_sent_book(sqlite_client)
    await a_sent_book(sqlite_client)
    await sqlite_client.delete("/books/2")
    picture = {"data": a_picture(), "headers": {"If-Match": '"99-x"', "Content-Type": "image/png"}}
    headers = {"headers": {"If-Match": '"99-x"'}}
    answer = await sqlite_client.ask(method, path, **(picture if method == "PUT" else headers))
    assert answer.status == 412
    assert (await sqlite_client.get("/books/1")).json["version"] == 1
    assert (await sqlite_client.get("/books/2")).status == 404


async def test_a_blank_limit_is_none(sqlite_client: Browser) -> None:
    assert (await sqlite_client.get("/books?limit=&author=&sort=")).status == 200
    assert (await sqlite_client.get("/authors?limit=")).status == 200


async def test_an_author_is_found_by_first_and_by_last_name(client: Browser, db: Database) -> None:
    await a_book(db, author="Frank Herbert")
    await a_book(db, author="Ursula Frank")
    for q, names in {"Frank H": 1, "frank": 2, "herbert f": 1, "ursula": 1, "rank": 0}.items():
        assert len((await client.get(f"/authors?q={q.replace(' ', '+')}")).json["authors"]) == names, q


async def test_a_book_leads_to_its_subjects_and_its_series(sqlite_client: Browser) -> None:
    book = await a_sent_book(sqlite_client, subjects=["R&B, soul"], series="Emma & friends")
    page = Marks((await sqlite_client.get(book["url"], "page")).text)
    links = [attrs.get("href") or "" for tag, attrs in page.elements if tag == "a"]
    for start in ("/books?subject=", "/books?series="):
        (link,) = [link for link in links if link.startswith(start)]
        assert [found["id"] for found in (await sqlite_client.get(link)).json["books"]] == [book["id"]]


async def test_the_page_of_a_deleted_book_offers_to_bring_it_back(client: Browser, db: Database) -> None:
    await a_book(db)
    await client.delete("/books/1")
    assert (await client.get("/books/1")).json["undo_url"] == "/books/1/restoration"
    page = await client.get("/books/1", "page")
    assert page.status == 404
    assert 'action="/books/1/restoration"' in page.text
    assert "undo_url" not in (await client.get("/books/2")).json


@pytest.mark.parametrize("typed", ["978-0-306-40615-7", "9780306406157", "0-306-40615-2", "0306406152"])
async def test_an_isbn_is_found_however_it_is_written(client: Browser, db: Database, typed: str) -> None:
    await a_book(db, isbn="9780306406157")
    await a_book(db, title="Another")
    assert len((await client.get(f"/books?q={typed}")).json["books"]) == 1


BEYOND = [("popular", [2**31, 1]), ("year", [40_000, 1]), ("rating", [1.5, 2**63])]


@pytest.mark.parametrize(("sort", "values"), BEYOND)
async def test_a_cursor_beyond_its_column_is_refused(client: Browser, sort: str, values: list[float]) -> None:
    assert (await client.get(f"/books?sort={sort}&cursor={write_cursor(values)}")).status == 422
    assert (await client.get(f"/authors?sort=books&cursor={write_cursor([2**31, 1])}")).status == 422
    assert (await client.get(f"/books?q=the&cursor={write_cursor([0, 1.5, 2**40, 1])}")).status == 422


async def test_fifteen_restorations_at_once_all_succeed(client: Browser, db: Database) -> None:
    await a_book(db)
    await client.delete("/books/1")
    answers = await asyncio.gather(*(client.post("/books/1/restoration") for _ in range(15)))
    assert {answer.status for answer in answers} == {200}


NO_JSON = [b'{"\\ud800": 1, "title": "x", "author": "y"}', b'{"title": "x", "author": "y", "series_position": 1e999}']


@pytest.mark.parametrize("body", NO_JSON)
async def test_names_and_numbers_that_json_cannot_mean_are_refused(sqlite_client: Browser, body: bytes) -> None:
    answer = await sqlite_client.post("/books", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400


async def test_a_long_title_does_not_make_a_header_too_long_for_a_proxy(sqlite_client: Browser) -> None:
    answer = await sqlite_client.post("/books", "fragment", data={"title": "\U0001f4da" * 500, "author": "x"})
    assert len(answer.headers["HX-Trigger"]) < 2000
