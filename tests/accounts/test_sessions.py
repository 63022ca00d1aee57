"""Browsers that are signed in: the cookie, where one is signed in, and every way in which that ends."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bookapp.accounts import rules
from bookapp.accounts.models import AccountSession
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.web.application import Application
from tests.accounts.doors import SECURE_SESSION, SESSION, cookie, login, put, who, with_cookie
from tests.clients import Browser
from tests.people import PASSWORD, a_person

NEW = "four words that nobody said"
AGENT = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture
async def alice(app: Application, db: Database) -> Browser:
    """Alice in her browser; the first who registered was somebody else."""
    await a_person(db, "dora")
    await a_person(db, "alice")
    return (await login(app))[0]


def later(monkeypatch: pytest.MonkeyPatch, **by: float) -> datetime:
    """Let time pass for the application."""
    now = clock.now() + timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


async def test_the_cookie_is_for_the_browser_alone(app: Application, alice: Browser) -> None:
    answer = await Browser(app).post("/login", "page", data={"username": "alice", "password": PASSWORD})
    given = cookie(answer)
    assert given["httponly"] is True
    assert (given["samesite"], given["path"], given["domain"]) == ("Lax", "/", "")
    assert (given["max-age"], given["expires"]) == ("", ""), "it ends with the browser"
    assert len(given.value) >= 43


async def test_over_https_the_cookie_is_bound_to_this_host(app: Application, alice: Browser) -> None:
    form = {"username": "alice", "password": PASSWORD}
    answer = await Browser(app).post("/login", "page", data=form, scheme="https")
    given = cookie(answer, SECURE_SESSION)
    assert given["secure"] is True
    assert (given["samesite"], given["path"], given["domain"]) == ("Lax", "/", "")
    assert await who(app, scheme="https", **with_cookie(given.value, SECURE_SESSION))
    assert not await who(app, scheme="https", **with_cookie(given.value, SESSION)), "http could have planted that one"


async def test_whoever_wants_to_stay_stays_for_a_month(app: Application, alice: Browser) -> None:
    form = {"username": "alice", "password": PASSWORD, "remember": "on"}
    answer = await Browser(app).post("/login", "page", data=form)
    assert cookie(answer)["max-age"] == str(30 * 86_400)


async def test_a_planted_session_is_never_taken_over(app: Application, alice: Browser) -> None:
    planted = "a-session-that-somebody-else-chose-for-alice"
    form = {"username": "alice", "password": PASSWORD}
    answer = await Browser(app).post("/login", "page", data=form, **with_cookie(planted))
    assert cookie(answer).value != planted
    assert not await who(app, **with_cookie(planted))


async def test_signing_in_again_makes_a_new_session_and_ends_the_old_one(app: Application, alice: Browser) -> None:
    browser, old = await login(app)
    answer = await browser.post("/login", "page", data={"username": "alice", "password": PASSWORD})
    new = cookie(answer).value
    assert new != old
    assert await who(app, **with_cookie(new))
    assert not await who(app, **with_cookie(old))


async def test_what_is_stored_opens_nothing(app: Application, alice: Browser, db: Database) -> None:
    _, value = await login(app)
    async with db.reading() as session:
        kept = (await session.scalars(select(AccountSession.token_hash))).all()
    assert value not in kept
    assert rules.digest(value) in kept
    for one in kept:
        assert not await who(app, **with_cookie(one))


async def test_after_logging_out_the_cookie_opens_nothing(app: Application, alice: Browser) -> None:
    browser, value = await login(app)
    assert await who(app, **with_cookie(value))
    answer = await browser.post("/logout", "page")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert (cookie(answer).value, cookie(answer)["max-age"]) == ("", "0")
    assert not await who(app, **with_cookie(value))


async def test_a_link_alone_signs_nobody_out(app: Application, alice: Browser) -> None:
    browser, value = await login(app)
    for address in ("/logout", "/accounts/logout"):
        assert "Log out?" in (await browser.get(address, "page")).text
    assert await who(app, **with_cookie(value))


async def test_clicking_twice_is_logging_out_once(app: Application, alice: Browser) -> None:
    _, value = await login(app)
    both = await asyncio.gather(*(Browser(app).post("/logout", "page", **with_cookie(value)) for _ in range(4)))
    assert [answer.status for answer in both] == [303] * 4


async def test_another_password_signs_every_other_browser_out(app: Application, alice: Browser) -> None:
    _, other = await login(app)
    form = {"password": PASSWORD, "new_password": NEW}
    answer = await alice.post("/accounts/alice/password", "page", data=form)
    assert (answer.status, answer.headers["Location"]) == (303, "/accounts/alice")
    assert not await who(app, **with_cookie(other))
    assert (await alice.get("/accounts/alice/sessions")).json["total"] == 1
    await login(app, password=NEW)


async def test_leaving_signs_every_browser_out(app: Application, alice: Browser) -> None:
    _, other = await login(app)
    answer = await alice.post("/accounts/alice/deletion", "page", data={"password": PASSWORD})
    assert answer.status == 303
    assert cookie(answer).value == ""
    assert not await who(app, **with_cookie(other))
    assert (await alice.get("/accounts/alice/sessions")).status == 401


async def test_somebody_who_is_shut_out_is_out_at_once(app: Application, alice: Browser, db: Database) -> None:
    _, value = await login(app)
    await put(db, "alice", disabled_at=clock.now())
    answer = await Browser(app).get("/accounts/alice/sessions", **with_cookie(value))
    assert answer.status == 401
    assert cookie(answer).value == "", "the browser forgets it"


async def test_a_session_that_nobody_uses_ends(
    app: Application, alice: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, short = await login(app)
    _, long = await login(app, remember="on")
    later(monkeypatch, hours=23)
    assert await who(app, **with_cookie(short))
    assert await who(app, **with_cookie(long))
    later(monkeypatch, hours=2)
    assert not await who(app, **with_cookie(short)), "a day without the box"
    later(monkeypatch, days=13)
    assert await who(app, **with_cookie(long))
    later(monkeypatch, days=13)
    assert await who(app, **with_cookie(long)), "it was used, so it lives on"
    later(monkeypatch, days=13)
    assert not await who(app, **with_cookie(long)), "but not for more than a month"


async def test_two_weeks_without_a_visit_end_it(
    app: Application, alice: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, value = await login(app, remember="on")
    later(monkeypatch, days=14, minutes=1)
    assert not await who(app, **with_cookie(value))


async def test_one_sees_where_one_is_signed_in(app: Application, alice: Browser) -> None:
    form = {"username": "alice", "password": PASSWORD}
    await Browser(app).post("/login", "page", data=form, headers=AGENT)
    answer = await alice.get("/accounts/alice/sessions")
    lines = answer.json["items"]
    assert [line["is_this"] for line in lines].count(True) == 1
    assert "Firefox on Linux" in [line["device"] for line in lines]
    page = await alice.get("/accounts/alice/sessions", "page")
    assert "Firefox on Linux" in page.text
    assert page.text.count("this one") == 1
    assert "token_hash" not in answer.text


async def test_a_strange_browser_name_is_text(app: Application, alice: Browser) -> None:
    form = {"username": "alice", "password": PASSWORD}
    await Browser(app).post("/login", "page", data=form, headers={"User-Agent": "<script>alert(1)</script>" * 30})
    page = await alice.get("/accounts/alice/sessions", "page")
    assert "<script>alert" not in page.text


async def test_one_ends_one_session_from_another(app: Application, alice: Browser) -> None:
    _, other = await login(app)
    lines = (await alice.get("/accounts/alice/sessions")).json["items"]
    there = next(line["id"] for line in lines if not line["is_this"])
    assert (await alice.delete(f"/accounts/alice/sessions/{there}")).status == 204
    assert not await who(app, **with_cookie(other))
    assert (await alice.get("/accounts/alice/sessions")).json["total"] == 1
    assert (await alice.delete(f"/accounts/alice/sessions/{there}")).status == 404


@pytest.mark.parametrize(("method", "more"), [("DELETE", ""), ("POST", "/delete")])
async def test_one_signs_out_everywhere(app: Application, alice: Browser, method: str, more: str) -> None:
    _, other = await login(app)
    answer = await alice.ask(method, f"/accounts/alice/sessions{more}", "page")
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert cookie(answer).value == ""
    assert not await who(app, **with_cookie(other))
    assert "Signed out everywhere." in (await alice.get("/login", "page")).text


async def test_nobody_ends_the_session_of_somebody_else(app: Application, alice: Browser, db: Database) -> None:
    await a_person(db, "bob")
    bob, _ = await login(app, "bob")
    _, value = await login(app)
    theirs = (await alice.get("/accounts/alice/sessions")).json["items"][0]["id"]
    tries = [("alice", theirs), ("alice", 10**9), ("bob", theirs), ("bob", 10**9), ("nobody-here", theirs)]
    bodies = set()
    for name, number in tries:
        answer = await bob.delete(f"/accounts/{name}/sessions/{number}")
        assert answer.status == 404
        bodies.add(str({**answer.json, "request_id": ""}))
    assert len(bodies) == 1, "what is not there and what is not yours look the same"
    assert (await bob.delete("/accounts/alice/sessions")).status == 404
    assert await who(app, **with_cookie(value))


async def test_so_many_browsers_and_no_more(app: Application, alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookapp.accounts.actions.MOST_SESSIONS", 3)
    values = [(await login(app))[1] for _ in range(4)]
    assert [await who(app, **with_cookie(value)) for value in values] == [False, True, True, True]


@pytest.mark.parametrize("value", ["", "x", "a" * 5000, "%00", "é", "' OR 1=1 --"])
async def test_a_cookie_that_is_none_is_a_guest(app: Application, alice: Browser, value: str) -> None:
    answer = await Browser(app).get("/accounts/alice", **with_cookie(value))
    assert (answer.status, answer.json["email"]) == (200, None)
