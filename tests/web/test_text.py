"""What people type: refused by a rule, or stored and read back the same on both databases."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookapp.core.db import Database
from tests.clients import Browser
from tests.factories import a_book
from tests.house.plan import ROUTES
from tests.web.asgi import FORM, JSON, ask

FIELDS = ["title", "author", "isbn", "language", "description", "series", "series_position"]
BAD = ["\x00", "a\x00b", "\ud800", "a\udfffb", "\x07", "\x1b[31m", "\x7f", "\x85"]


@pytest.mark.parametrize("text", BAD, ids=ascii)
async def test_what_no_database_can_hold_is_refused_in_every_field(client: Browser, text: str) -> None:
    for field in FIELDS:
        body = json.dumps({"title": "Emma", "author": "J"} | {field: text}).encode()
        answer = await ask(client.app, "POST", "/books", headers=JSON, chunks=[body])
        assert answer.status == 422, (field, answer.body)
        assert list(answer.json["errors"]) == [field]
    body = json.dumps({"title": "Emma", "author": "J", "subjects": ["a", text]}).encode()
    assert (await ask(client.app, "POST", "/books", headers=JSON, chunks=[body])).status == 422
    book = await a_book(client.app.extensions["db"])
    for field in FIELDS:
        body = json.dumps({field: text, "version": 1}).encode()
        assert (await ask(client.app, "PATCH", f"/books/{book}", headers=JSON, chunks=[body])).status == 422
    body = json.dumps({"name": text, "version": 1}).encode()
    assert (await ask(client.app, "PATCH", "/authors/1", headers=JSON, chunks=[body])).status == 422


async def test_a_form_with_them_is_refused_too(client: Browser) -> None:
    for data in (b"title=%00&author=J", b"title=a%1Bb&author=J"):
        for accept in ("application/json", "text/html"):
            answer = await ask(client.app, "POST", "/books", headers=FORM | {"Accept": accept}, chunks=[data])
            assert answer.status == 422, answer.body


@pytest.mark.parametrize(
    "text", [*BAD, "'", '"', "%", "_", "*", "\\", "a:b", "NEAR(", "(((", "-", "😀", "ﬁ", "a" * 1000]
)
async def test_any_question_is_answered(client: Browser, text: str) -> None:
    from urllib.parse import quote

    await a_book(client.app.extensions["db"])
    word = quote(text.encode("utf-8", "surrogatepass")).encode()
    for path, names in (
        ("/books", (b"q", b"author", b"subject", b"language", b"cursor")),
        ("/authors", (b"q", b"cursor")),
    ):
        for name in names:
            answer = await ask(client.app, path=path, query=name + b"=" + word)
            assert answer.status in (200, 422), (path, name, answer.body)
    for path in ("/books/random", "/books.csv"):
        assert (await ask(client.app, path=path, query=b"q=" + word)).status in (200, 404, 422)


@pytest.mark.parametrize(
    "query", [b"%ff", b"q=%ff%fe", b"limit=%D9%A3", b"&&&=", b"a" * 900, b"q=\xff", b"limit=1&limit=2"]
)
async def test_a_broken_query_is_never_a_mistake_of_ours(client: Browser, query: bytes) -> None:
    for path in ("/books", "/authors", "/", "/books.csv"):
        answer = await ask(client.app, path=path, query=query)
        assert answer.status in ((200, 422) if query.isascii() else (400,))


@pytest.mark.parametrize(
    ("field", "most"),
    [("title", 500), ("author", 200), ("series", 200), ("description", 20_000), ("series_position", 20)],
)
async def test_long_text_fits_or_is_refused(client: Browser, field: str, most: int) -> None:
    for letter in ("a", "é", "語", "😀"):
        if most > 10_000 and letter != "a":
            continue  # that many of these are more than a request may bring
        body = {"title": "Emma", "author": "J"}
        answer = await client.post("/books", json=body | {field: letter * most})
        assert answer.status == 201, (field, letter, answer.text)
        assert (await client.post("/books", json=body | {field: letter * (most + 1)})).status == 422


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(min_size=1, max_size=60), author=st.text(min_size=1, max_size=30))
async def test_text_is_refused_or_read_back(client: Browser, title: str, author: str) -> None:
    import unicodedata

    body = json.dumps({"title": title, "author": author}).encode()
    answer = await ask(client.app, "POST", "/books", headers=JSON, chunks=[body])
    assert answer.status in (201, 422), answer.body
    if answer.status == 201:
        stored = (await client.get(answer.headers["location"])).json
        assert stored["title"] == unicodedata.normalize("NFC", title.replace("\r\n", "\n")).strip()
        for form in ("page", "fragment"):
            assert (await client.get(answer.headers["location"], form)).status == 200


TITLES = [
    "Zebra",
    "apple",
    "Éclair",
    "eclair cake",
    "Öl",
    "The Banana",
    "Zoë",
    "zoo",
    "123",
    "!wow",
    "élan",
    "語",
    "İstanbul",
]


async def test_both_databases_sort_alike(client: Browser, db: Database) -> None:
    for title in TITLES:
        await a_book(db, title=title, author=title)
    shown = [book["title"] for book in (await client.get("/books?sort=title")).json["books"]]
    assert shown == [
        "123", "apple", "The Banana", "Éclair", "eclair cake", "élan", "İstanbul", "Öl", "!wow", "Zebra", "Zoë", "zoo",
        "語",
    ]  # fmt: skip
    authors = [author["name"] for author in (await client.get("/authors?sort=name")).json["authors"]]
    assert authors[:2] == ["123", "apple"]
    assert authors[-1] == "語"


async def test_datetimes_are_iso_8601(client: Browser, db: Database) -> None:
    from datetime import datetime

    book = await a_book(db)
    for told in ((await client.get(f"/books/{book}")).json["created_at"],):
        when = datetime.fromisoformat(told)
        assert when.tzinfo is not None
        assert "T" in told


@pytest.mark.parametrize(
    "payload", ["<script>alert(1)</script>", '" hx-get="/x', "' onload='x", "{{7*7}}", "javascript:alert(1)"]
)
async def test_text_stays_text_on_every_page(sqlite_client: Browser, payload: str) -> None:
    body = dict.fromkeys(("title", "author", "description", "series"), payload) | {"subjects": [payload[:60]]}
    assert (await sqlite_client.post("/books", json=body)).status == 201
    for route in ROUTES:
        if route.method != "GET" or not hasattr(route.handler, "gives") or route.rule == "/books/random":
            continue
        for form in ("page", "fragment"):
            text = (await sqlite_client.get(route.path(), form)).text
            assert "<script>alert" not in text, route.name
            assert '" hx-get="/x' not in text, route.name
            assert "' onload='x" not in text, route.name
            assert ">49<" not in text, route.name
            assert 'href="javascript:' not in text, route.name
