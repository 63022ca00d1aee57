"""Coming in and going out, and a person's own pages, as a page, as a fragment and as JSON."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest

from bookapp.accounts import rules
from bookapp.core.db import Database
from bookapp.web.application import Application
from tests.accounts.doors import ALICE, ELSEWHERE, cookie, login, put, stored
from tests.books.test_routes import Marks
from tests.clients import FORMS, Answer, Browser
from tests.people import PASSWORD, a_person

NEW = "four words that nobody said"
SECRET = "sëcret-Passw0rd-typed-here"
FLASHED = "Registration successful! Please log in.", "Logged in successfully!", "Invalid username or password"


@pytest.fixture
async def dora(db: Database) -> None:
    """Somebody who was here first."""
    await a_person(db, "dora")


@pytest.fixture
async def alice(app: Application, db: Database, dora: None) -> Browser:
    await a_person(db, "alice")
    return (await login(app))[0]


@pytest.fixture
async def sqlite_alice(sqlite_app: Application) -> None:
    await a_person(sqlite_app.extensions["db"], "alice")


async def wrong(client: Browser, path: str, fields: dict[str, Any], field: str, words: str) -> None:
    """Assert that a form comes back with `words` beside `field`, what was typed in it, and no password."""
    for form in FORMS:
        numbers = {name: int(value) for name, value in fields.items() if name == "version"}
        sent = {"json": fields | numbers} if form == "json" else {"data": fields}
        answer = await client.post(path, form, **sent)
        assert answer.status == 422, (form, answer.text)
        assert SECRET not in answer.text
        if form == "json":
            assert words in answer.json["errors"][field][0]
            continue
        marks = Marks(answer.text)
        if field:
            shown = marks.named(field)
            assert shown["aria-invalid"] == "true", form
            assert f"{shown['id']}-error" in str(shown["aria-describedby"])
            said = answer.text.partition(f'id="{shown["id"]}-error"')[2].partition("</small>")[0]
            assert words.rstrip(".") in said
        else:
            assert words in answer.text
        for name, value in fields.items():
            if name not in ("password", "new_password"):
                assert marks.named(name)["value"] == str(value), (form, name)
        assert ("<html" in answer.text) == (form == "page")


FIELDS = [
    ("username", "", "Please fill this in"),
    ("username", "ab", "Between 3 and 20 characters"),
    ("username", "x" * 21, "At most 20 characters fit here"),
    ("username", "two words", "Letters, digits, dots"),
    ("username", "<b>bold</b>", "Letters, digits, dots"),
    ("username", "admin", "taken by bookapp itself"),
    ("email", "", "Please fill this in"),
    ("email", "nowhere", "Must look like anna@example.org"),
    ("email", "a" * 110 + "@example.org", "At most 120 characters fit here"),
    ("password", "", "Please fill this in"),
    ("password", "x" * 1025, "At most 1024 characters fit here"),
]


@pytest.mark.parametrize(("field", "value", "words"), FIELDS)
async def test_a_field_of_registering_says_what_is_wrong(
    sqlite_client: Browser, field: str, value: str, words: str
) -> None:
    fields = {"username": "alice", "email": "alice@example.org", "password": SECRET} | {field: value}
    await wrong(sqlite_client, "/register", fields, field, words)


@pytest.mark.parametrize("password", ["fourteen signs", "passwordpassword", "alicealicealice", "123456789012345678"])
async def test_a_password_that_is_easy_to_guess_is_refused(sqlite_client: Browser, password: str) -> None:
    answer = await sqlite_client.post("/register", "page", data=ALICE | {"password": password})
    assert answer.status == 422
    assert Marks(answer.text).named("password")["aria-invalid"] == "true"
    assert Marks(answer.text).named("password")["value"] == ""
    assert password not in answer.text


async def test_a_name_is_taken_in_every_spelling(client: Browser, alice: Browser) -> None:
    fields = {"username": "ALICE", "email": "other@example.org", "password": SECRET}
    await wrong(client, "/register", fields, "username", "Somebody here has this name already")


async def test_an_address_is_taken_in_every_spelling(client: Browser, alice: Browser) -> None:
    fields = {"username": "alice2", "email": "Alice@Example.ORG", "password": SECRET}
    await wrong(client, "/register", fields, "email", "Somebody here has this address already")


@pytest.mark.parametrize("name", ["emailer", "email_key", "my.email"])
async def test_a_taken_name_is_not_taken_for_a_taken_address(client: Browser, dora: None, name: str) -> None:
    for address, status in (("one@example.org", 201), ("two@example.org", 422)):
        answer = await client.post("/register", json=ALICE | {"username": name, "email": address})
        assert answer.status == status
    assert list(answer.json["errors"]) == ["username"]


async def test_somebody_registers_as_a_page(client: Browser, dora: None) -> None:
    answer = await client.post("/register", "page", data=ALICE)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert FLASHED[0] in (await client.get("/login", "page")).text
    assert FLASHED[0] not in (await client.get("/login", "page")).text, "it is said once"


async def test_somebody_registers_by_htmx(client: Browser, dora: None) -> None:
    answer = await client.post("/register", "fragment", data=ALICE)
    assert (answer.status, answer.headers["HX-Redirect"]) == (200, "/login")
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == FLASHED[0]
    assert FLASHED[0] in (await client.get("/login", "page")).text


@pytest.mark.parametrize("path", ["/register", "/accounts"])
async def test_somebody_registers_by_json(client: Browser, dora: None, path: str) -> None:
    answer = await client.post(path, json=ALICE | {"time_zone": "Europe/Berlin"})
    assert (answer.status, answer.headers["Location"]) == (201, "/accounts/alice")
    told = {name: answer.json[name] for name in ("username", "email", "time_zone", "role", "url")}
    assert told == {
        "username": "alice",
        "email": "alice@example.org",
        "time_zone": "Europe/Berlin",
        "role": "member",
        "url": "/accounts/alice",
    }
    assert not [name for name in answer.json if "password" in name or "hash" in name]


@pytest.mark.parametrize("path", ["/register", "/login", "/accounts/alice/edit", "/accounts/alice/password"])
async def test_an_idempotency_key_does_not_stand_in_the_way(alice: Browser, path: str) -> None:
    body = {
        "/register": ALICE | {"username": "newcomer", "email": "new@example.org"},
        "/login": {"username": "alice", "password": PASSWORD},
        "/accounts/alice/edit": {"email": "new@example.org", "password": PASSWORD, "version": 1},
        "/accounts/alice/password": {"password": PASSWORD, "new_password": NEW},
    }[path]
    answer = await alice.post(path, json=body, headers={"Idempotency-Key": "one"})
    assert answer.status in (200, 201), answer.text


@pytest.mark.parametrize("extra", ["role", "id", "password_hash", "is_admin", "disabled_at", "totp_secret", "version"])
async def test_nobody_registers_as_more_than_they_are(sqlite_client: Browser, extra: str) -> None:
    answer = await sqlite_client.post("/register", json=ALICE | {extra: "admin"})
    assert (answer.status, list(answer.json["errors"])) == (422, [extra])


async def test_the_first_account_administers(client: Browser) -> None:
    assert "The first account" in (await client.get("/register", "page")).text
    assert (await client.post("/register", json=ALICE)).json["role"] == "admin"
    second = await client.post("/register", json=ALICE | {"username": "bob", "email": "bob@example.org"})
    assert second.json["role"] == "member"


async def test_only_one_of_two_at_once_is_the_first(app: Application) -> None:
    names = [f"person{n}" for n in range(4)]
    came = await asyncio.gather(
        *(
            Browser(app).post("/register", json=ALICE | {"username": name, "email": f"{name}@example.org"})
            for name in names
        )
    )
    assert sorted(answer.json["role"] for answer in came) == ["admin", "member", "member", "member"]


async def test_from_elsewhere_the_first_account_needs_the_set_up_code(client: Browser) -> None:
    page = await client.get("/register", "page", **ELSEWHERE)
    assert Marks(page.text).named("code")["required"] is None  # an attribute without a value: it is there
    for typed in ({}, {"code": "0000-0000-0000"}):
        answer = await client.post("/register", json=ALICE | typed, **ELSEWHERE)
        assert (answer.status, list(answer.json["errors"])) == (422, ["code"])
    code = rules.setup_code(b"k" * 32)
    answer = await client.post("/register", json=ALICE | {"code": code.lower()}, **ELSEWHERE)
    assert (answer.status, answer.json["role"]) == (201, "admin")
    assert 'name="code"' not in (await client.get("/register", "page", **ELSEWHERE)).text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP"])
async def test_behind_a_proxy_on_the_machine_one_is_still_elsewhere(sqlite_client: Browser, header: str) -> None:
    answer = await sqlite_client.post("/register", json=ALICE, headers={header: "127.0.0.1"})
    assert (answer.status, list(answer.json["errors"])) == (422, ["code"])


async def test_the_set_up_code_ends_with_the_first_account(client: Browser, dora: None) -> None:
    body = ALICE | {"code": rules.setup_code(b"k" * 32)}
    assert (await client.post("/register", json=body, **ELSEWHERE)).json["role"] == "member"


async def test_five_accounts_in_half_an_hour_are_enough(client: Browser, dora: None) -> None:
    for number in range(6):
        body = ALICE | {"username": f"person{number}", "email": f"p{number}@example.org"}
        answer = await client.post("/register", json=body)
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert (await client.post("/register", json=ALICE, **ELSEWHERE)).status == 201


async def test_what_was_left_empty_does_not_count_as_a_try(client: Browser, dora: None) -> None:
    for _ in range(8):
        assert (await client.post("/register", json=ALICE | {"email": ""})).status == 422
    assert (await client.post("/register", json=ALICE)).status == 201


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.org", "Alice@Example.org"])
async def test_one_signs_in_by_name_or_address(client: Browser, alice: Browser, name: str) -> None:
    answer = await client.post("/login", "page", data={"username": name, "password": PASSWORD})
    assert (answer.status, answer.headers["Location"]) == (303, "/dashboard")
    page = await client.get("/dashboard", "page")
    assert page.status == 200
    assert FLASHED[1] in page.text


async def test_one_signs_in_by_htmx(client: Browser, alice: Browser) -> None:
    answer = await client.post("/login", "fragment", data={"username": "alice", "password": PASSWORD})
    assert (answer.status, answer.headers["HX-Redirect"]) == (200, "/dashboard")
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == FLASHED[1]
    assert cookie(answer).value


@pytest.mark.parametrize("name", ["alice", "nobody-here", "alice@example.org", "nobody@example.org", "<b>x</b>"])
async def test_a_wrong_password_says_nothing_about_the_name(client: Browser, alice: Browser, name: str) -> None:
    fields = {"username": name, "password": SECRET}
    for form in ("page", "fragment"):
        answer = await client.post("/login", form, data=fields)
        assert answer.status == 422
        assert FLASHED[2] in answer.text
        assert SECRET not in answer.text
        assert Marks(answer.text).named("username")["value"] == name
        assert "Set-Cookie" not in answer.headers
    answer = await client.post("/login", json=fields)
    assert (answer.status, answer.json["detail"]) == (401, FLASHED[2])


async def test_somebody_who_is_shut_out_hears_the_same_words(client: Browser, alice: Browser, db: Database) -> None:
    said = []
    for name in ("alice", "nobody"):
        await put(db, "alice", disabled_at=(await stored(db)).created_at)
        answer = await client.post("/login", "json", json={"username": name, "password": PASSWORD})
        said.append({**answer.json, "request_id": ""})
    assert said[0] == said[1]


@pytest.mark.parametrize("fields", [{"username": "", "password": SECRET}, {"username": "alice", "password": ""}])
async def test_both_fields_of_signing_in_are_needed(sqlite_client: Browser, fields: dict[str, str]) -> None:
    field = next(name for name, value in fields.items() if not value)
    await wrong(sqlite_client, "/login", fields, field, "Please fill this in")


SAFE = ["/books?q=a", "/accounts/alice/tasks", "/books/1%2F2"]
UNSAFE = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "%2f%2fevil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nX: y",
    "/ /evil.example",
    "///evil.example",
    "/login",
    "evil.example",
]


@pytest.mark.parametrize("way", SAFE)
async def test_after_signing_in_one_goes_on(sqlite_client: Browser, sqlite_alice: None, way: str) -> None:
    page = await sqlite_client.get(f"/login?next={quote(way, safe='')}", "page")
    assert Marks(page.text).named("next")["value"] == way
    answer = await sqlite_client.post("/login", "page", data={"username": "alice", "password": PASSWORD, "next": way})
    assert answer.headers["Location"] == way


@pytest.mark.parametrize("way", UNSAFE)
async def test_signing_in_leads_to_no_other_site(sqlite_client: Browser, sqlite_alice: None, way: str) -> None:
    page = await sqlite_client.get(f"/login?next={quote(way, safe='')}", "page")
    assert page.status == 200
    assert Marks(page.text).named("next")["value"] == ""
    for form, header in (("page", "Location"), ("fragment", "HX-Redirect")):
        fields = {"username": "alice", "password": PASSWORD, "next": way}
        answer = await Browser(sqlite_client.app).post("/login", form, data=fields)
        assert answer.headers[header] == "/dashboard"


async def test_whoever_is_in_does_not_stand_at_the_door(alice: Browser) -> None:
    for path in ("/login", "/register", "/login?next=//evil.example"):
        answer = await alice.get(path, "page")
        assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_a_page_for_people_leads_to_the_door_and_back(client: Browser, alice: Browser) -> None:
    answer = await client.get("/accounts/alice/tasks?show=done", "page")
    assert answer.status == 303
    door = answer.headers["Location"]
    assert door == "/login?next=%2Faccounts%2Falice%2Ftasks%3Fshow%3Ddone"
    way = str(Marks((await client.get(door, "page")).text).named("next")["value"])
    answer = await client.post("/login", "page", data={"username": "alice", "password": PASSWORD, "next": way})
    assert answer.headers["Location"] == "/accounts/alice/tasks?show=done"


async def test_the_way_back_survives_registering(client: Browser, alice: Browser) -> None:
    door = (await client.get("/accounts/alice/tasks?show=done", "page")).headers["Location"]
    assert f'href="/register{door.removeprefix("/login").replace("%2F", "/")}"' in (await client.get(door, "page")).text
    page = await client.get(door.replace("/login", "/register"), "page")
    way = str(Marks(page.text).named("next")["value"])
    for next_, leads in ((way, door), ("//evil.example", "/login")):
        name = f"reader{len(next_)}"
        fields = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "next": next_}
        answer = await Browser(client.app).post("/register", "page", data=fields)
        assert (answer.status, answer.headers["Location"]) == (303, leads)


async def test_htmx_and_programs_hear_that_too(client: Browser, alice: Browser) -> None:
    headers = {"HX-Current-URL": "http://localhost/books?q=a"}
    answer = await client.get("/accounts/alice/tasks", "fragment", headers=headers)
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/login?next=%2Fbooks%3Fq%3Da")
    headers = {"HX-Current-URL": "https://evil.example/books"}
    answer = await client.get("/accounts/alice/tasks", "fragment", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login?next=%2F"
    answer = await client.get("/accounts/alice/tasks")
    assert (answer.status, answer.headers["Content-Type"]) == (401, "application/problem+json")


async def test_ten_wrong_passwords_are_enough_for_one_network(client: Browser, alice: Browser, db: Database) -> None:
    await a_person(db, "bob")
    body = {"username": "alice", "password": "wrong"}
    said = [(await client.post("/login", json=body)).status for _ in range(11)]
    assert said == [401] * 10 + [429]
    right = {"username": "alice", "password": PASSWORD}
    answer = await client.post("/login", json=right)
    assert (answer.status, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert (await client.post("/login", json=right, **ELSEWHERE)).status == 200, "alice herself is never locked out"
    assert (await client.post("/login", json=right | {"username": "bob"})).status == 200


async def test_tries_for_nobody_are_counted_alike(client: Browser, alice: Browser) -> None:
    body = {"username": "nobody-here", "password": "wrong"}
    assert [(await client.post("/login", json=body)).status for _ in range(11)] == [401] * 10 + [429]


async def test_signing_in_makes_the_tries_good(client: Browser, alice: Browser) -> None:
    for _ in range(2):
        for _ in range(9):
            assert (await client.post("/login", json={"username": "alice", "password": "wrong"})).status == 401
        assert (await client.post("/login", json={"username": "alice", "password": PASSWORD})).status == 200


async def test_a_household_shares_its_tries(client: Browser, alice: Browser) -> None:
    said = []
    for number in range(11):
        source: dict[str, Any] = {"scope_base": {"client": (f"2001:db8:1:2::{number:x}", 1)}}
        said.append((await client.post("/login", json={"username": "alice", "password": "wrong"}, **source)).status)
    assert said == [401] * 10 + [429]
    source = {"scope_base": {"client": ("2001:db8:1:3::1", 1)}}
    assert (await client.post("/login", json={"username": "alice", "password": "wrong"}, **source)).status == 401


async def test_a_made_up_header_is_no_other_network(client: Browser, alice: Browser) -> None:
    said = []
    for number in range(11):
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        body = {"username": "alice", "password": "wrong"}
        said.append((await client.post("/login", json=body, headers=headers)).status)
    assert said[-1] == 429


PRIVATE = ("email", "time_zone", "has_second_factor", "delete_at")


async def test_what_is_private_only_its_owner_sees(client: Browser, alice: Browser, app: Application) -> None:
    await a_person(app.extensions["db"], "bob")
    bob, _ = await login(app, "bob")
    dora, _ = await login(app, "dora")
    mine = (await alice.get("/accounts/alice")).json
    assert (mine["email"], mine["is_me"]) == ("alice@example.org", True)
    for other in (client, bob, dora):
        seen = await other.get("/accounts/alice")
        assert [seen.json[name] for name in PRIVATE] == [None] * len(PRIVATE)
        for form in FORMS:
            assert "alice@example.org" not in (await other.get("/accounts/alice", form)).text
        assert seen.headers["Cache-Control"].startswith("private")


async def test_a_profile_is_found_in_every_spelling(alice: Browser) -> None:
    assert (await alice.get("/accounts/ALICE")).json["username"] == "alice"
    assert (await alice.get("/accounts/nobody-here")).status == 404


async def test_alice_changes_her_profile(alice: Browser) -> None:
    fields = {"about": "Reads <b>at night</b>", "time_zone": "Europe/Berlin", "username": "alice", "version": "1"}
    answer = await alice.post("/accounts/alice/edit", "page", data=fields | {"email": "alice@example.org"})
    assert (answer.status, answer.headers["Location"]) == (303, "/accounts/alice")
    page = await alice.get("/accounts/alice", "page")
    assert "Reads &lt;b&gt;at night" in page.text
    assert "Saved your profile." in page.text
    assert (await alice.get("/accounts/alice")).json["version"] == 2


async def test_alice_takes_another_name(alice: Browser, db: Database) -> None:
    await a_person(db, "bob")
    answer = await alice.put("/accounts/alice", json={"username": "Alicia", "version": 1})
    assert (answer.status, answer.json["url"]) == (200, "/accounts/Alicia")
    assert (await alice.get("/accounts/alice")).status == 404
    answer = await alice.put("/accounts/Alicia", json={"username": "BOB", "version": 2})
    assert (answer.status, list(answer.json["errors"])) == (422, ["username"])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("time_zone", "Nowhere/Atlantis", "Must be the name of a time zone"),
        ("username", "x", "Between 3 and 20"),
        ("email", "nowhere", "Must look like"),
    ],
)
async def test_a_field_of_the_profile_says_what_is_wrong(alice: Browser, field: str, value: str, words: str) -> None:
    await wrong(alice, "/accounts/alice/edit", {"version": "1", field: value}, field, words)


async def test_another_address_needs_the_password(alice: Browser, db: Database) -> None:
    fields = {"version": "1", "email": "new@example.org"}
    await wrong(alice, "/accounts/alice/edit", fields, "password", "Type your password")
    await wrong(alice, "/accounts/alice/edit", fields | {"password": SECRET}, "password", "That is not your password")
    answer = await alice.post("/accounts/alice/edit", "page", data=fields | {"password": PASSWORD})
    assert answer.status == 303
    assert (await stored(db)).email == "new@example.org"


@pytest.mark.parametrize("extra", ["role", "id", "password_hash", "feed_number", "disabled_at", "created_at"])
async def test_a_profile_has_no_other_fields(alice: Browser, db: Database, extra: str) -> None:
    before = getattr(await stored(db), extra)
    answer = await alice.put("/accounts/alice", json={extra: "admin", "version": 1})
    assert (answer.status, list(answer.json["errors"])) == (422, [extra])
    assert getattr(await stored(db), extra) == before


async def test_an_old_version_overwrites_nothing(alice: Browser) -> None:
    assert (await alice.put("/accounts/alice", json={"about": "First", "version": 1})).status == 200
    late = await alice.put("/accounts/alice", json={"about": "Late", "version": 1})
    assert (late.status, late.json["newer"]["about"]) == (409, "First")
    assert (await alice.put("/accounts/alice", json={"about": "Late"})).status == 428
    stale = await alice.put("/accounts/alice", json={"about": "Late"}, headers={"If-Match": '"1-x"'})
    assert stale.status == 412
    page = await alice.post("/accounts/alice/edit", "page", data={"about": "Late", "version": "1"})
    assert page.status == 409
    assert "First" in page.text
    assert "Late" in page.text
    assert (await alice.get("/accounts/alice")).json["about"] == "First"


async def test_of_many_at_once_one_is_the_first(alice: Browser) -> None:
    tag: dict[str, Any] = {"headers": {"If-Match": '"1-x"'}}
    came = await asyncio.gather(*(alice.put("/accounts/alice", json={"about": f"Number {n}"}, **tag) for n in range(6)))
    assert sorted(answer.status for answer in came) == [200] + [412] * 5


async def test_another_password_needs_the_one_that_is(alice: Browser, app: Application) -> None:
    path = "/accounts/alice/password"
    await wrong(alice, path, {"password": SECRET, "new_password": NEW}, "password", "That is not your password")
    await wrong(alice, path, {"password": PASSWORD, "new_password": "short"}, "new_password", "At least 15 characters")
    answer = await alice.post(path, "page", data={"password": PASSWORD, "new_password": NEW})
    assert (answer.status, answer.headers["Location"]) == (303, "/accounts/alice")
    assert (await Browser(app).post("/login", json={"username": "alice", "password": PASSWORD})).status == 401
    await login(app, password=NEW)


async def test_alice_leaves_and_comes_back(client: Browser, alice: Browser, app: Application) -> None:
    await wrong(alice, "/accounts/alice/deletion", {"password": SECRET}, "password", "That is not your password")
    answer = await alice.post("/accounts/alice/deletion", "page", data={"password": PASSWORD})
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Your account ends on" in (await alice.get("/", "page")).text
    assert (await client.get("/accounts/alice")).status == 404
    back = await client.post("/login", "page", data={"username": "alice", "password": PASSWORD})
    assert back.status == 303
    assert "Welcome back. Your account stays." in (await client.get("/dashboard", "page")).text
    assert (await Browser(app).get("/accounts/alice")).status == 200


async def test_the_last_administrator_stays(app: Application, alice: Browser) -> None:
    dora, _ = await login(app, "dora")
    answer = await dora.delete("/accounts/dora", json={"password": PASSWORD})
    assert (answer.status, "only administrator" in answer.json["detail"]) == (409, True)
    await login(app, "dora")


def _plain(answer: Answer) -> dict[str, Any]:
    return {**answer.json, "request_id": ""}


@pytest.mark.parametrize("page", ["/edit", "/password", "/deletion", "/sessions", "/tokens"])
async def test_the_pages_of_somebody_else_are_not_there(alice: Browser, db: Database, page: str) -> None:
    await a_person(db, "bob")
    there, absent = [await alice.get(f"/accounts/{name}{page}") for name in ("bob", "nobody-here")]
    assert (there.status, absent.status) == (404, 404)
    assert _plain(there) == _plain(absent)


async def test_what_one_person_sees_is_kept_for_nobody_else(client: Browser, alice: Browser) -> None:
    assert "alice" in (await alice.get("/", "page")).text
    assert ">alice<" not in (await client.get("/", "page")).text
    assert "alice@example.org" not in (await client.get("/accounts/alice", "page")).text
