"""The description of the routes says what the routes do."""

import json
import re
import shlex
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate
from PIL import Image
from pydantic import TypeAdapter
from sqlalchemy import delete, insert, update

import bookapp
from bookapp.accounts.actions import start_session
from bookapp.accounts.models import Account, ApiToken
from bookapp.accounts.rules import digest
from bookapp.app import create_app
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.system.docs import show_docs
from bookapp.system.openapi import WORDS_OF_ROOMS, describe
from bookapp.system.openapi_examples import EXAMPLES
from bookapp.web.application import Application
from bookapp.web.models import LimitBucket
from tests.clients import FORMS, Answer, Browser
from tests.factories import a_book
from tests.people import _HASH

HOUSES = [
    import_module(found.name)
    for found in walk_packages(bookapp.__path__, "bookapp.")
    if found.name.endswith(("commands", "results", "openapi_schemas"))
]
OLD = {"/submit", "/get-edit-form/{book_id}", "/get-book-row/{book_id}", "/update/{book_id}", "/delete/{book_id}"}


@pytest.fixture(scope="module")
def app_in_memory(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """An application that is never started: enough to look at its routes."""
    place = tmp_path_factory.mktemp("openapi")
    return create_app(Settings(data_dir=place, secret_key="k" * 32))


@pytest.fixture(scope="module")
def document(app_in_memory: Application) -> dict[str, Any]:
    return describe(app_in_memory, "1.2.3")


@pytest.fixture
def alice(alice_on_sqlite: Browser) -> Browser:
    """alice administers an instance in which each thing has the number 1."""
    return alice_on_sqlite


async def _as_before(alice: Browser) -> None:
    """Sign alice in again, whatever she did to her account; nothing was tried too often."""
    db: Database = alice.app.extensions["db"]
    async with db.writing() as session:
        fresh = {"password_hash": _HASH, "delete_at": None, "disabled_at": None, "role": "admin"}
        await session.execute(update(Account).where(Account.id == 1).values(**fresh))
        await session.execute(delete(Account).where(Account.username == "charlie"))
        await session.execute(delete(LimitBucket))
        cookie, _ = await start_session(session, 1, remember=False, agent="", address="")
    alice._client.set_cookie("localhost", "bookapp_session", cookie)


@pytest.fixture
async def one_book(sqlite_app: Application) -> Browser:
    """A client of an instance with a book and an author, both with the number 1."""
    db: Database = sqlite_app.extensions["db"]
    assert await a_book(db, title="Emma", author="Jane Austen") == 1
    return Browser(sqlite_app)


def _operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(m.upper(), p): told for p, methods in document["paths"].items() for m, told in methods.items()}


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_it_has_every_route_and_nothing_else(app_in_memory: Application, document: dict[str, Any]) -> None:
    routes = {
        (method, re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule))
        for rule in app_in_memory.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    assert set(_operations(document)) == routes


def test_what_was_made_can_be_asked_for(document: dict[str, Any]) -> None:
    def link(path: str, name: str) -> dict[str, str]:
        told: dict[str, str] = document["paths"][path]["post"]["responses"]["201"]["links"][name]["parameters"]
        return told

    assert link("/books", "book_pages.show") == {"book_id": "$response.body#/id"}
    assert link("/accounts", "person_pages.show") == {"username": "$response.body#/username"}
    task = {"username": "$request.path.username", "task_id": "$response.body#/id"}
    assert link("/accounts/{username}/tasks", "lists.show") == task
    assert "lists.show" not in document["paths"]["/accounts"]["post"]["responses"]["201"]["links"]


def test_every_group_of_addresses_has_a_sentence(app_in_memory: Application) -> None:
    assert set(WORDS_OF_ROOMS) == set(app_in_memory.blueprints)


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    ids = [told["operationId"] for told in _operations(document).values()]
    assert len(set(ids)) == len(ids)
    assert {"books.index", "books.update", "books.update.patch", "authors.show", "system.openapi"} <= set(ids)


def test_the_old_addresses_are_marked(document: dict[str, Any]) -> None:
    assert {path for (_, path), told in _operations(document).items() if told.get("deprecated")} == OLD


def test_what_is_not_a_field_is_refused_by_the_schema_too(document: dict[str, Any]) -> None:
    for name in ("AddBook", "EditBook", "EditAuthor", "ChooseLook"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "field", "value", "fits"),
    [
        ("EditEntryForm", "tags", "sea, whales", True), ("EditEntryForm", "tags", ["sea"], False),
        ("EditEntryForm", "is_owned", "on", True), ("EditEntryForm", "is_owned", 1, True),
        ("EditEntryForm", "is_owned", "maybe", False), ("EditEntryForm", "note", " ", True),
        ("AddTaskForm", "completed", "", True), ("AddTaskForm", "completed", "off", True),
        ("EditEntry", "tags", "sea, whales", False), ("EditEntry", "is_owned", 1, False),
    ],
)  # fmt: skip
def test_a_form_sends_words_for_lists_and_boxes(
    document: dict[str, Any], name: str, field: str, value: object, fits: bool
) -> None:
    sent = {"name": "Read on", field: value} if name == "AddTaskForm" else {field: value}
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    assert jsonschema.Draft202012Validator(schema).is_valid(sent) is fits


def test_what_adds_or_changes_says_both(document: dict[str, Any]) -> None:
    for method, path in (("PUT", "/books/{book_id}/review"), ("POST", "/books/{book_id}/pairs")):
        told = _operations(document)[method, path]["responses"]
        assert told["200"]["content"] == told["201"]["content"]
    assert "200" not in _operations(document)["POST", "/books/{book_id}/quotes"]["responses"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_what_it_says(name: str, document: dict[str, Any]) -> None:
    kind = next(getattr(house, name) for house in HOUSES if hasattr(house, name))
    TypeAdapter(kind).validate_python(EXAMPLES[name], context={"json": True})
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(EXAMPLES[name])


async def test_a_place_in_a_series_may_be_a_number(one_book: Browser, document: dict[str, Any]) -> None:
    sent = {"title": "Emma", "author": "Jane Austen", "series": "Novels", "series_position": 2.5}
    schema = {"$ref": "#/components/schemas/AddBook", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(sent)
    assert (await one_book.post("/books", json=sent)).json["series"]["position"] == "2.5"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", "1815"), ("year", True), ("year", 1.5), ("year", 10_000), ("pages", 0), ("isbn", "12"),
        ("subjects", "a, b"), ("subjects", ["x"] * 21), ("title", " \n"), ("title", "a\0b"), ("title", "x" * 501),
        ("series_position", "\x01"), ("language", "e"), ("unknown", "x"), ("author", None), ("title", 7),
    ],
)  # fmt: skip
async def test_the_schema_and_the_app_refuse_the_same(
    one_book: Browser, document: dict[str, Any], field: str, value: object
) -> None:
    sent = {"title": "Emma", "author": "Jane Austen", field: value}
    schema = {"$ref": "#/components/schemas/AddBook", "components": document["components"]}
    assert not jsonschema.Draft202012Validator(schema).is_valid(sent)
    assert (await one_book.post("/books", json=sent)).status == 422


def _first_name(path: str) -> str:
    return path.replace("{username}", "alice")


def _first(path: str) -> str:
    """The address with the number 1 in it, and alice's name."""
    return re.sub(r"{\w+}", "1", _first_name(path))


def _probes(method: str) -> list[dict[str, Any]]:
    return [probe for probe in PROBES if method != "GET" or not {"json", "data"} & set(probe)]


def _declared(document: dict[str, Any], method: str, path: str, status: int) -> dict[str, Any]:
    answers = _operations(document)[method, path]["responses"]
    assert str(status) in answers, f"{method} {path} answered {status}"
    answer: dict[str, Any] = answers[str(status)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer


def _validator(document: dict[str, Any], schema: str) -> jsonschema.Draft202012Validator:
    """One for each schema: making it takes longer than using it."""
    found: jsonschema.Draft202012Validator | None = _validators.get(schema)
    if found is None:
        whole = {**json.loads(schema), "components": document["components"]}
        found = _validators[schema] = jsonschema.Draft202012Validator(whole)
    return found


_validators: dict[str, jsonschema.Draft202012Validator] = {}


def _check(document: dict[str, Any], method: str, path: str, answer: Answer) -> None:
    """The status, the content type, the headers and a JSON body are those of the document."""
    told = _declared(document, method, path, answer.status)
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if answer.status not in (204, 304):
        assert kind in told["content"], f"{method} {path} answered {kind}"
        schema = told["content"][kind].get("schema")
        if schema and kind.endswith("json"):
            _validator(document, json.dumps(schema)).validate(answer.json)
    for name in {"ETag", "Location", "Content-Location", "Vary"} & set(answer.headers.keys()):
        assert name in told["headers"], f"{method} {path} {answer.status}: {name}"


PROBES: list[dict[str, Any]] = [
    {},
    {"json": {"title": ""}},
    {"json": {"title": "Emma", "author": "A", "name": "N", "theme": "dark"}},
    {"data": {"title": "Persuasion", "author": "Jane Austen"}},
    {"data": {"title": "Persuasion", "version": "9"}},
    {"data": {"name": "J. Austen"}},
    {"data": {"theme": "dark"}},
    {"data": "{", "headers": {"Content-Type": "application/json"}},
    {"data": "x", "headers": {"Content-Type": "text/plain"}},
    {"headers": {"If-Match": '"77-x"'}},
    {"headers": {"If-Match": '"77-x"'}, "json": {"title": "Emma", "name": "J"}},
    {"headers": {"If-None-Match": "*"}},
    {"headers": {"Sec-Fetch-Site": "cross-site"}},
    {"headers": {"Idempotency-Key": "x" * 256}},
    {"headers": {"Host": "elsewhere.example.org"}},
    {"headers": {"X-Long": "x" * 20_000}},
    {"data": "", "headers": {"Content-Length": "9000000"}},
    {"query_string": {"limit": "0", "sort": "up", "size": "huge"}},
    {"query_string": {"q": "x" * 5000}},
]


@pytest.mark.parametrize("form", FORMS)
async def test_whatever_is_answered_is_declared(alice: Browser, document: dict[str, Any], form: str) -> None:
    seen = set()
    operations = sorted(_operations(document))
    # JSON is asked of every address; pages and fragments, whose bodies have no schema, of every second one each.
    for method, path in {"json": operations, "page": operations[::2], "fragment": operations[1::2]}[form]:
        await _as_before(alice)
        for probe in _probes(method):
            answer = await alice.ask(method, _first(path), form, **probe)
            _check(document, method, path, answer)
            seen.add(answer.status)
            if answer.status < 400 and (method == "DELETE" or path.endswith("/delete")):
                await _as_before(alice)
                await alice.post("/books/1/restoration")
                await alice.post("/accounts/alice/tasks/1/restoration")
        answer = await alice.ask(method, _first(path).replace("1", "99"), form)
        _check(document, method, path, answer)
        seen.add(answer.status)
    expected = {200, 304, 400, 403, 404, 409, 412, 413, 414, 415, 422, 431}
    assert expected | {303 if form == "page" else 201} <= seen
    assert 500 not in seen


async def test_questions_are_described_as_they_are_asked(alice: Browser, document: dict[str, Any]) -> None:
    values = ["", "0", "1", "100", "101", "x", "title", "name", "large", "-9999", "10000", "é" * 61]
    for (method, path), told in _operations(document).items():
        if (method, path) == ("POST", "/imports"):
            continue  # what stands beside a file is looked at after the file
        for field in (one for one in told["parameters"] if one.get("in") == "query"):
            for value in values if field["name"] != "cursor" else ():
                answer = await alice.ask(method, _first(path), query_string={field["name"]: value})
                number = int(value) if value.lstrip("-").isdigit() else value
                check = jsonschema.Draft202012Validator(field["schema"])
                fits = check.is_valid(value) or check.is_valid(number)
                assert fits == (answer.status != 422), (path, field["name"], value, answer.status)


async def test_a_number_beyond_all_numbers_is_nowhere(alice: Browser, document: dict[str, Any]) -> None:
    largest = 2**63 - 1
    for method, path in _operations(document):
        for number in (largest, largest + 1, 10**19) if "_id}" in path else ():
            answer = await alice.ask(method, re.sub(r"{\w+_id}", str(number), _first_name(path)))
            assert answer.status == 404 or (number == largest and answer.status < 500), (method, path, number)


async def test_guests_are_refused_as_declared(sqlite_client: Browser, document: dict[str, Any]) -> None:
    sqlite_client.app.extensions["doorkeeper"].guest_edits = "never"
    for (method, path), told in _operations(document).items():
        answer = await sqlite_client.ask(method, _first(path))
        _check(document, method, path, answer)
        assert (answer.status == 401) == (told["x-who"] in ("editors", "signed in", "admins")), path


def _curls(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.id, one.curl) for room in show_docs(document, "http://localhost").rooms for one in room.operations]


TOKEN = "bookapp_" + "t" * 43
NEEDS_A_SECRET = {"links.accept", "factors.enter_code", "factors.create", "resets.update", "lists.calendar"}
"""Their examples name what only somebody's telephone or mail knows."""
OF_READERS = {"own_shelves", "pairs", "advice", "recommendations", "readings", "quotes", "reviews", "shelves"} | {
    "imports", "matches"
}  # fmt: skip
OFTEN_DONE = {
    "asks.close", "asks.remove.post", "suggestions.restore", "advice.remove_praise", "advice.remove_praise.post",
    "pairs.remove", "pairs.remove.post", "pairs.take_back", "pairs.take_back.post",
    "factors.create_codes", "factors.remove", "factors.remove.post",
    "admin.remove_invite.post", "admin_accounts.remove_factor", "admin_accounts.remove_factor.post",
}  # fmt: skip
"""They need what an example before them cannot have done."""


async def _give_token(alice: Browser) -> None:
    db: Database = alice.app.extensions["db"]
    async with db.writing() as session:
        await session.execute(delete(ApiToken).where(ApiToken.token_hash == digest(TOKEN)))
        about = {"name": "Examples", "prefix": TOKEN[:14], "can_write": True, "created_at": clock.now()}
        if await session.get(ApiToken, 1) is None:  # whoever leaves takes their tokens along
            await session.execute(insert(ApiToken).values(id=1, account_id=1, token_hash="0" * 64, **about))
        await session.execute(insert(ApiToken).values(account_id=1, token_hash=digest(TOKEN), **about))


async def test_every_example_for_curl_works(alice: Browser, document: dict[str, Any], tmp_path: Path) -> None:
    picture = tmp_path / "cover.jpg"
    Image.new("RGB", (40, 60), "teal").save(picture)
    (tmp_path / "books.csv").write_text("ISBN\n9780306406157\n")
    await alice.put("/authors/1", json={"name": "Jane Austen"}, headers={"If-Match": "*"})
    for name, command in _curls(document):
        await _as_before(alice)
        await _give_token(alice)
        words = shlex.split(command.replace("YOUR-TOKEN", TOKEN).replace("/admin/accounts/1", "/admin/accounts/2"))
        words[-1] = re.sub(r"/accounts/alice/(trust|block)", r"/accounts/bob/\1", words[-1])
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
        more: dict[str, Any] = {"data": words[words.index("-d") + 1]} if "-d" in words else {}
        if "--data-binary" in words:
            more = {"data": (tmp_path / words[words.index("--data-binary") + 1][1:]).read_bytes()}
        for thing in ("/books/1", "/suggestions/1", "/accounts/alice/tasks/1"):
            await (alice.delete(thing) if name.endswith(".restore") else alice.post(f"{thing}/restoration"))
        client = Browser(alice.app) if "Authorization" in headers or "accounts" in name else alice
        answer = await client.ask(method, words[-1].removeprefix("http://localhost"), headers=headers, **more)
        # What a reader deleted is gone for good: the examples after it find nothing.
        is_again = words[-1].endswith("/delete") or name.split(".")[0] in OF_READERS
        if name in NEEDS_A_SECRET | OFTEN_DONE or is_again:
            assert answer.status < 300 or answer.status in (401, 404, 409, 422), (command, answer.text)
        else:
            assert answer.status < 400, (command, answer.text)
        if answer.status == 201 and "undo_url" in answer.json:
            await alice.post(answer.json["undo_url"])  # what became another one is here again
        if answer.status == 201 and answer.json.get("url", "").startswith("/books"):
            await alice.delete(answer.json["url"])  # for the old address adds the same book


async def test_the_document_is_the_same_for_everybody(sqlite_client: Browser, document: dict[str, Any]) -> None:
    answers = [await sqlite_client.get("/openapi.json", form) for form in FORMS]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/json"}
    assert len({answer.body for answer in answers}) == 1
    assert answers[0].json["paths"] == document["paths"]
    known = await sqlite_client.get("/openapi.json", headers={"If-None-Match": answers[0].headers["ETag"]})
    assert (known.status, known.body) == (304, b"")


async def test_the_page_has_every_operation(sqlite_client: Browser, document: dict[str, Any]) -> None:
    page = (await sqlite_client.get("/docs", "page")).text
    for told in _operations(document).values():
        assert f'<h3 id="{told["operationId"]}">' in page
    assert "curl -X PUT -H &#39;If-Match: *&#39;" in page
    rooms = (await sqlite_client.get("/docs")).json["rooms"]
    assert sum(len(room["operations"]) for room in rooms) == len(_operations(document))
