"""Every route answers in its three forms, and a fragment is a slice of its page."""

from typing import Any

import pytest
from sqlalchemy import event

from bookapp.core.db import Database
from bookapp.web.application import Application
from bookapp.web.headers import SECURITY, WITH_CAMERA
from tests.clients import FORMS, Answer, Browser
from tests.house.plan import PAGES, READS, ROUTES, WRITES, Route, fill
from tests.house.stage import FOR_GUESTS, asked, body_of, hang_on_books, set_the_stage

ON_EMPTY = [route for route in PAGES if not route.has_id and route.rule != "/books/random"]
KINDS = {"page": "text/html; charset=utf-8", "fragment": "text/html; charset=utf-8", "json": "application/json"}
OPERATOR = {"Authorization": "Bearer token"}


@pytest.fixture
async def alice(app: Application) -> Browser:
    """Signed in, in an instance where every address has something to answer."""
    return await set_the_stage(app)


def _who(route: Route, alice: Browser) -> Browser:
    """Who asks: alice, or somebody new where only guests have anything to do."""
    return Browser(alice.app) if route.endpoint in FOR_GUESTS else alice


async def _ask(client: Browser, route: Route, form: str, **more: Any) -> Answer:
    """Ask a route for one of its three answers; a page that stands elsewhere is followed."""
    client = _who(route, client)
    more.setdefault("query_string", asked(client.app, route))
    answer = await client.ask(route.method, more.pop("path", route.path()), form, **more)
    if form == "page" and answer.status == 303:
        return await client.get(answer.headers["Location"], "page")
    return answer


@pytest.mark.parametrize("kind", ["with books in it", "empty"])
async def test_every_fragment_is_a_slice_of_its_page(app: Application, kind: str) -> None:
    client = await set_the_stage(app, books=0 if kind == "empty" else 5)
    for route in PAGES if kind != "empty" else ON_EMPTY:
        if route.rule == "/books/random":
            continue
        page, fragment = await _ask(client, route, "page"), await _ask(client, route, "fragment")
        assert (page.status, fragment.status) == (200, 200), route.name
        assert fragment.body in page.body, route.name
        assert fragment.body.strip(), route.name
        assert b"<html" not in fragment.body, route.name


async def test_a_random_fragment_is_a_slice_of_the_page_it_stands_on(sqlite_client: Browser) -> None:
    await fill(sqlite_client.app.extensions["db"], 5)
    fragment = await sqlite_client.get("/books/random", "fragment")
    page = await sqlite_client.get(fragment.headers["Content-Location"], "page")
    assert fragment.body in page.body


async def test_every_read_answers_in_three_forms(alice: Browser) -> None:
    client = alice
    for route in READS:
        for form in FORMS:
            answer = await _ask(client, route, form)
            assert answer.status == 200, (route.name, form)
            told = answer.headers["Content-Type"]
            if hasattr(route.handler, "gives"):
                assert told == KINDS[form], (route.name, form)
                assert answer.headers["Vary"].startswith("HX-Request"), route.name
                _ = answer.json if form == "json" else answer.text
            else:
                assert told.split(";")[0] in route.handler.streams, (route.name, form)


async def test_every_address_with_an_id_says_not_found_in_three_forms(alice: Browser) -> None:
    client = alice
    for route in ROUTES:
        if not route.has_id:
            continue
        for form in FORMS:
            answer = await client.ask(route.method, route.path(987654321), form, **_body(route))
            assert answer.status == 404, (route.name, form, answer.text)
            assert answer.headers["Content-Type"] == (
                "application/problem+json" if form == "json" else "text/html; charset=utf-8"
            )


def _png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 60), "teal").save(out, "PNG")
    return out.getvalue()


def _body(route: Route) -> dict[str, Any]:
    return body_of(route, _png())


STATUS = {"page": {303}, "fragment": {200, 201, 202}, "json": {200, 201, 202, 204}}


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.name)
@pytest.mark.parametrize("form", list(FORMS))
async def test_every_write_answers_in_three_forms(alice_on_sqlite: Browser, route: Route, form: str) -> None:
    client = _who(route, alice_on_sqlite)
    answer = await client.ask(route.method, route.path(), form, **_body(route))
    shown_once = hasattr(route.handler, "secret") and answer.status == 201
    assert shown_once or answer.status in STATUS[form], answer.text
    if form == "page" and not shown_once:
        assert answer.headers["Location"].startswith("/")
    if form == "fragment":
        assert b"<html" not in answer.body
    if form == "json" and answer.status != 204:
        assert answer.headers["Content-Type"] == "application/json"
        assert isinstance(answer.json, dict)
    if answer.status == 201 and not shown_once:
        places = ("/books/", "/suggestions/", "/asks/", "/reviews/", "/accounts/", "/admin/")
        assert answer.headers["Location"].startswith(places)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("form", list(FORMS))
async def test_both_kinds_of_address_and_the_api_door_answer(alice_on_sqlite: Browser, form: str) -> None:
    for route in READS:
        sqlite_client = _who(route, alice_on_sqlite)
        path, more = route.path(), {"query_string": asked(sqlite_client.app, route)}
        plain = await sqlite_client.get(path, form, **more)
        slash = await sqlite_client.get(path.rstrip("/") + "/", form, **more)
        assert slash.status == plain.status, route.name
        for door in (f"/api/v1{path}", f"/api/v1{path.rstrip('/')}/"):
            answer = await sqlite_client.get(door, form if form == "fragment" else "json", **more)
            assert answer.status == 200, (route.name, door)


@pytest.mark.parametrize(
    ("route", "shape"),
    # Prefix and slash are taken away by the same lines for every route: each comes once with both, a few with one.
    [(route, "/api/v1{}/") for route in WRITES]
    + [(route, shape) for route in WRITES[:6] for shape in ("{}/", "/api/v1{}")],
    ids=lambda what: getattr(what, "name", what),
)
async def test_a_write_loses_no_body_on_the_way(alice_on_sqlite: Browser, route: Route, shape: str) -> None:
    answer = await _who(route, alice_on_sqlite).ask(route.method, shape.format(route.path()), "json", **_body(route))
    assert answer.status in STATUS["json"], answer.text


async def test_every_answer_carries_the_security_headers(alice_on_sqlite: Browser) -> None:
    for route in ROUTES:
        for form in FORMS:
            answer = await _who(route, alice_on_sqlite).ask(route.method, route.path(), form, **_body(route))
            _is_secured(answer, route.name)


def _is_secured(answer: Answer, what: str) -> None:
    for name, value in SECURITY:
        given = answer.headers.getlist(name.decode()) if hasattr(answer.headers, "getlist") else []
        assert len(given) == 1, (what, name)
        if name == b"referrer-policy":
            assert given[0] in (value.decode(), "no-referrer"), what
        elif name == b"permissions-policy":
            assert given[0] in (value.decode(), WITH_CAMERA if "/scan" in what else ""), what
        elif name != b"content-security-policy":
            assert given == [value.decode()], what
        else:
            assert given[0].startswith("default-src 'none'"), what
            assert "unsafe" not in given[0], what
    assert "Server" not in answer.headers
    assert answer.headers["X-Request-Id"]


async def test_every_refusal_and_file_carries_them_too(sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sqlite_client
    static = client.app.extensions["templates"].env.globals["static"]
    asked: list[tuple[int, str, str, dict[str, Any]]] = [
        (404, "GET", "/nowhere", {}),
        (404, "GET", "/static/nowhere.css", {}),
        (405, "DELETE", "/books", {}),
        (405, "TRACE", "/", {}),
        (413, "POST", "/books", {"data": b"x" * 70_000, "headers": {"Content-Type": "application/json"}}),
        (415, "POST", "/books", {"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}),
        (400, "POST", "/books", {"data": b"{", "headers": {"Content-Type": "application/json"}}),
        (400, "GET", "/", {"headers": {"Host": "evil.example"}}),
        (403, "POST", "/books", {"json": {}, "headers": {"Sec-Fetch-Site": "cross-site"}}),
        (414, "GET", "/" + "a" * 5000, {}),
        (422, "POST", "/books", {"json": {}}),
        (431, "GET", "/", {"headers": {"X-Long": "a" * 20_000}}),
        (200, "GET", static("css/app.css"), {}),
        (200, "GET", "/static/js/app.js", {"headers": {"Accept-Encoding": "gzip"}}),
        (200, "OPTIONS", "/books", {}),
    ]
    for status, method, path, more in asked:
        answer = await client.ask(method, path, "json", **more)
        assert answer.status == status, (path, answer.text)
        _is_secured(answer, f"{status} {path}")
    first = await client.get("/about/keys", "page")
    again = await client.get("/about/keys", "page", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    _is_secured(again, "304")


async def test_an_unexpected_error_carries_them_too(sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args: Any) -> None:
        raise KeyError("secret/path.py")

    monkeypatch.setattr("bookapp.books.queries.list_books", broken)
    for form in FORMS:
        answer = await sqlite_client.get("/books", form)
        assert answer.status == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        _is_secured(answer, form)


# Statements, an upper bound for each read: the beginning of a transaction counts as one on PostgreSQL too.
BOUNDS = {
    "/": 20,
    "/dashboard": 16,
    "/recommendations": 14,
    "/accounts/<name:username>": 12,
    "/books": 10,
    "/books/random": 22,
    "/books.csv": 4,
    "/exports/account.zip": 24,
    "/authors": 4,
    "/about": 5,
    "/readyz": 2,
    "/books/<id:book_id>": 21,
    "/accounts/<name:username>/years/<id:year>": 8,
    "/authors/<id:author_id>": 5,
}
OTHERWISE = 6
SESSION = 2
"""Whose session it is."""
FREE = {"/healthz", "/metrics", "/about/keys", "/books/new"}


class Counter:
    """Counts the statements that reach the database."""

    def __init__(self, db: Database) -> None:
        self.statements: list[str] = []
        self._engines = {engine.sync_engine for engine in (db._writer, db._reader)}

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)

    def __enter__(self) -> "Counter":
        for engine in self._engines:
            event.listen(engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_exc: object) -> None:
        for engine in self._engines:
            event.remove(engine, "before_cursor_execute", self._note)


@pytest.fixture
async def counted(app: Application) -> Any:
    client, db = await set_the_stage(app, books=0), app.extensions["db"]

    async def count(route: Route, path: str, form: str = "fragment") -> list[str]:
        person = _who(route, client)
        with Counter(db) as counter:
            more = {} if "?" in path else {"query_string": asked(app, route)}
            answer = await person.get(path, form, **more)  # a session of one's own: no answer that was made before
        assert answer.status == 200, (route.name, answer.text)
        return counter.statements

    return count


def _lists(route: Route) -> list[str]:
    paths = [route.path()]
    if route.rule == "/books":
        paths += ["/books?q=tale", "/books?subject=1&sort=title", "/books?author=1", "/books?sort=year&limit=100"]
    if route.rule == "/authors":
        paths += ["/authors?q=author", "/authors?sort=books"]
    return paths


async def test_twenty_rows_cost_as_many_statements_as_ten(app: Application, counted: Any) -> None:
    db = app.extensions["db"]
    found: dict[str, list[int]] = {}
    told: dict[str, list[str]] = {}
    for _ in range(2):
        await (_ten(db) if not found else _ten_more(db))
        for route in READS:
            for path in _lists(route):
                statements = await counted(route, path)
                found.setdefault(path, []).append(len(statements))
                told[path] = statements
    for path, (ten, twenty) in found.items():
        if path == "/books/random":
            continue  # beyond the last key it looks once more from the first
        assert ten == twenty, (path, told[path])
    for route in READS:
        most = SESSION + (0 if route.rule in FREE else BOUNDS.get(route.rule, OTHERWISE))
        for path in _lists(route):
            assert found[path][0] <= most, (path, told[path])


async def _ten(db: Database) -> None:
    await fill(db, 10)
    async with db.writing() as session:
        await hang_on_books(session, 1, 2)


async def _ten_more(db: Database) -> None:
    from bookapp.books import actions
    from bookapp.books.commands import AddBook
    from bookapp.core.actor import GUEST

    async with db.writing() as session:
        for number in range(10, 20):
            await actions.add_book(
                session,
                GUEST,
                AddBook(
                    title=f"A tale number {number}",
                    author="Élodie O'Neil" if number % 2 == 0 else f"Author {number}",
                    subjects=["Fantasy", f"Subject {number % 5}"],
                    series="The tales",
                    language="en",
                    year=1900 + number,
                ),
            )


async def test_changing_a_book_costs_the_same_among_many(app: Application) -> None:
    client, db = Browser(app), app.extensions["db"]
    found = []
    for _ in range(2):
        await fill(db, 10) if not found else await _ten_more(db)
        with Counter(db) as counter:
            answer = await client.ask("PATCH", "/books/1", json={"pages": 300 + len(found), "version": len(found) + 1})
        assert answer.status == 200, answer.text
        found.append(len(counter.statements))
    assert found[0] == found[1]
    assert found[0] <= 40
