"""The second factor: setting it up, coming in with it, recovery codes, switching it off."""

import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pyotp
import pytest
from sqlalchemy import select

from bookapp.accounts import factor_actions
from bookapp.accounts.models import Account, AuditEntry, RecoveryCode
from bookapp.accounts.passwords import _hasher
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Conflict, NotFound
from bookapp.web.application import Application
from tests.accounts.doors import ELSEWHERE, a_token, login, put, stored, who, with_cookie, with_token
from tests.clients import FORMS, Answer, Browser
from tests.people import PASSWORD, a_person, as_person, with_factor

FACTOR, CODE = "/accounts/alice/second-factor", "/login/code"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands at the beginning of a time step."""
    moment = datetime.fromtimestamp(1_800_000_000, clock.now().tzinfo)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def shown_at(moment: datetime, secret: str = SECRET) -> str:
    """What the app shows at that moment."""
    return pyotp.TOTP(secret).at(moment)


@pytest.fixture
async def alice(app: Application, now: datetime) -> Browser:
    """Signed in, without a second factor."""
    return await as_person(app)


@pytest.fixture
async def app_with_factor(app: Application, now: datetime) -> Application:
    """Alice has a second factor, and is not signed in."""
    await a_person(app.extensions["db"])
    await with_factor(app.extensions["db"], "alice", SECRET)
    return app


async def set_up(alice: Browser, now: datetime, form: str = "json") -> Answer:
    secret = (await alice.get(FACTOR)).json["secret"]
    return await alice.post(FACTOR, form, data={"code": shown_at(now, secret), "password": PASSWORD})


async def type_password(app: Application, password: str = PASSWORD, **more: Any) -> Browser:
    """A new browser, halfway in."""
    browser = Browser(app)
    answer = await browser.post("/login", "page", data={"username": "alice", "password": password, **more})
    assert (answer.status, answer.headers["Location"]) == (303, CODE), answer.text
    return browser


async def enter(browser: Browser, code: str, form: str = "page") -> Answer:
    return await browser.post(CODE, form, data={"code": code})


async def by_token(app: Application, code: str | None, **more: Any) -> Answer:
    body = {"username": "alice", "password": PASSWORD} | ({} if code is None else {"code": code}) | more
    return await Browser(app).post("/login", json=body)


# Setting it up


async def test_the_profile_leads_to_the_second_factor(alice: Browser) -> None:
    profile = (await alice.get("/accounts/alice", "page")).text
    assert f'href="{FACTOR}"' in profile
    page = (await alice.get(FACTOR, "page")).text
    secret = (await alice.get(FACTOR)).json["secret"]
    assert f'<code class="secret">{secret}</code>' in page


async def test_the_picture_is_drawn_in_the_page_without_styles(alice: Browser) -> None:
    page = (await alice.get(FACTOR, "page")).text
    (drawn,) = re.findall(r'<svg[^>]*class="qr".*?</svg>', page, re.DOTALL)
    picture = ElementTree.fromstring(
        drawn.replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1) if "xmlns" not in drawn else drawn
    )
    assert picture.find(f"{SVG}title") is not None
    assert "style" not in drawn
    assert "script" not in drawn
    assert "otpauth" not in drawn


async def test_alice_switches_it_on_and_sees_ten_codes_once(alice: Browser, now: datetime) -> None:
    made = await set_up(alice, now, "page")
    assert made.status == 201
    codes = re.findall(r"<li><code>([0-9a-z-]+)</code></li>", made.text)
    assert len(set(codes)) == 10
    assert made.headers["Cache-Control"] == "no-store"
    shown = await alice.get(FACTOR)
    assert shown.json | {"since": None} == {
        "username": "alice", "is_on": True, "since": None, "codes_left": 10, "secret": None, "link": None,
    }  # fmt: skip
    page = (await alice.get(FACTOR, "page")).text
    assert "10 recovery codes are left" in page
    assert not any(code in page for code in codes)
    assert (await alice.get("/accounts/alice")).json["has_second_factor"] is True


async def test_what_the_page_offers_is_kept_by_nobody(alice: Browser) -> None:
    for form in FORMS:
        assert (await alice.get(FACTOR, form)).headers["Cache-Control"] == "no-store"


async def test_the_link_names_the_place_and_the_person(alice: Browser) -> None:
    parsed = pyotp.parse_uri((await alice.get(FACTOR)).json["link"])
    assert (parsed.name, parsed.issuer) == ("alice", "bookapp")
    assert parsed.secret == (await alice.get(FACTOR)).json["secret"]


@pytest.mark.parametrize(
    ("code", "password", "field", "words"),
    [
        ("000000", PASSWORD, "code", "check that the clock of your phone is right"),
        ("ABCD", PASSWORD, "code", "check that the clock of your phone is right"),
        ("", PASSWORD, "code", "Please fill this in"),
        (None, "not the password", "password", "That is not your password"),
    ],
)
async def test_a_wrong_code_or_password_switches_nothing_on(
    alice: Browser, now: datetime, code: str | None, password: str, field: str, words: str
) -> None:
    secret = (await alice.get(FACTOR)).json["secret"]
    typed = {"code": shown_at(now, secret) if code is None else code, "password": password}
    answer = await alice.post(FACTOR, "page", data=typed)
    assert answer.status == 422
    assert words in answer.text
    assert secret in answer.text
    assert field in (await alice.post(FACTOR, data=typed)).json["errors"]
    assert (await alice.get(FACTOR)).json["is_on"] is False


async def test_what_one_browser_saw_another_cannot_confirm(app: Application, alice: Browser, now: datetime) -> None:
    other, _ = await login(app)
    seen = (await alice.get(FACTOR)).json["secret"]
    assert (await other.get(FACTOR)).json["secret"] != seen
    typed = {"code": shown_at(now, seen), "password": PASSWORD}
    assert (await other.post(FACTOR, data=typed)).status == 422
    assert (await alice.post(FACTOR, data=typed)).status == 201


async def test_there_is_an_hour_to_find_the_phone(
    alice: Browser, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = (await alice.get(FACTOR)).json["secret"]
    for minutes, status in ((125, 422), (59, 201)):
        later = now + timedelta(minutes=minutes)
        at(monkeypatch, later)
        typed = {"code": shown_at(later, secret), "password": PASSWORD}
        assert (await alice.post(FACTOR, data=typed)).status == status


async def test_it_is_switched_on_once(alice: Browser, now: datetime) -> None:
    secret = (await alice.get(FACTOR)).json["secret"]
    typed = {"code": shown_at(now, secret), "password": PASSWORD}
    assert (await alice.post(FACTOR, data=typed)).status == 201
    assert (await alice.post(FACTOR, data=typed)).status in (409, 422)


async def test_a_stranger_sees_and_changes_nothing(app: Application, alice: Browser, now: datetime) -> None:
    await set_up(alice, now)
    charlie = await as_person(app, "charlie")
    body = {"code": "123456", "password": PASSWORD}
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/codes"), ("DELETE", ""), ("POST", "/delete")):
        sent = {} if method == "GET" else {"json": body if path == "" and method == "POST" else {"password": PASSWORD}}
        assert (await charlie.ask(method, FACTOR + path, **sent)).status == 404, (method, path)
        assert (await Browser(app).ask(method, FACTOR + path, **sent)).status == 401, (method, path)
    assert (await alice.get(FACTOR)).json["is_on"] is True


async def test_a_reading_token_switches_nothing(app: Application, alice: Browser) -> None:
    token = (await a_token(app, scope="read"))["token"]
    asked = await Browser(app).post(FACTOR, json={"code": "123456", "password": PASSWORD}, **with_token(token))
    assert asked.status == 403


# Coming in


async def test_the_password_alone_opens_nothing(app_with_factor: Application, now: datetime) -> None:
    browser = await type_password(app_with_factor)
    assert not (await browser.get("/accounts/alice")).json["is_me"]
    page = await browser.get(CODE, "page")
    assert 'autocomplete="one-time-code"' in page.text
    done = await enter(browser, shown_at(now))
    assert (done.status, done.headers["Location"]) == (303, "/dashboard")
    assert (await browser.get("/accounts/alice")).json["is_me"]
    assert not (await browser.get(CODE)).json["is_waiting"]


async def test_alice_comes_where_she_wanted_to_go(app_with_factor: Application, now: datetime) -> None:
    browser = await type_password(app_with_factor, next="/books?q=emma", remember="on")
    done = await enter(browser, shown_at(now))
    assert done.headers["Location"] == "/books?q=emma"
    assert any("bookapp_session" in c and "Max-Age=" in c for c in done.headers.getlist("Set-Cookie"))


async def test_htmx_is_led_through_both_steps(app_with_factor: Application, now: datetime) -> None:
    browser = Browser(app_with_factor)
    first = await browser.post("/login", "fragment", data={"username": "alice", "password": PASSWORD})
    assert first.headers["HX-Redirect"] == CODE
    wrong = await enter(browser, "000000", "fragment")
    assert wrong.status == 422
    assert "That code is wrong, too old or used already" in wrong.text
    assert (await enter(browser, shown_at(now), "fragment")).headers["HX-Redirect"] == "/dashboard"


async def test_a_program_sends_the_code_along(app_with_factor: Application, now: datetime) -> None:
    without = await by_token(app_with_factor, None)
    assert (without.status, list(without.json["errors"])) == (422, ["code"])
    assert (await by_token(app_with_factor, "000000")).status == 422
    assert (await by_token(app_with_factor, shown_at(now), password="wrong")).status == 401
    answer = await by_token(app_with_factor, shown_at(now))
    assert answer.status == 200
    assert await who(app_with_factor, **with_token(answer.json["token"]))


async def test_without_a_second_factor_a_code_is_not_asked_for(app: Application, now: datetime) -> None:
    await a_person(app.extensions["db"])
    assert (await by_token(app, None)).status == 200
    assert (await by_token(app, "123456")).status == 200


async def test_a_code_opens_once(app_with_factor: Application, now: datetime) -> None:
    code = shown_at(now)
    assert (await enter(await type_password(app_with_factor), code)).status == 303
    again = await enter(await type_password(app_with_factor), code)
    assert again.status == 422
    assert (await by_token(app_with_factor, code)).status == 422


async def test_the_code_of_the_set_up_opens_nothing_more(app: Application, alice: Browser, now: datetime) -> None:
    secret = (await alice.get(FACTOR)).json["secret"]
    typed = {"code": shown_at(now, secret), "password": PASSWORD}
    assert (await alice.post(FACTOR, data=typed)).status == 201
    assert (await by_token(app, typed["code"])).status == 422


@pytest.mark.parametrize(("seconds", "opens"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
async def test_clocks_may_differ_by_half_a_minute(
    app_with_factor: Application, now: datetime, seconds: int, opens: bool
) -> None:
    answer = await by_token(app_with_factor, shown_at(now + timedelta(seconds=seconds)))
    assert (answer.status == 200) == opens


async def test_after_a_code_of_a_fast_phone_an_older_one_is_used_up(
    app_with_factor: Application, now: datetime
) -> None:
    assert (await by_token(app_with_factor, shown_at(now + timedelta(seconds=30)))).status == 200
    assert (await by_token(app_with_factor, shown_at(now))).status == 422


async def test_a_code_may_have_a_space_in_the_middle(app_with_factor: Application, now: datetime) -> None:
    code = shown_at(now)
    assert (await by_token(app_with_factor, f" {code[:3]} {code[3:]} ")).status == 200


async def test_codes_cannot_be_guessed(
    app_with_factor: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await type_password(app_with_factor)
    statuses = [(await enter(browser, f"{n:06}")).status for n in range(11)]
    assert statuses == [422] * 10 + [429]
    # Nor from elsewhere, and the right one does not help now.
    right = {"username": "alice", "password": PASSWORD, "code": shown_at(now)}
    assert (await Browser(app_with_factor).post("/login", json=right, **ELSEWHERE)).status == 429
    later = now + timedelta(minutes=16)
    at(monkeypatch, later)
    assert (await by_token(app_with_factor, shown_at(later))).status == 200


async def test_a_recovery_code_lets_alice_in_while_somebody_guesses(app: Application, now: datetime) -> None:
    code = (await set_up(await as_person(app), now)).json["codes"][0]
    browser = await type_password(app)
    for n in range(11):
        await enter(browser, f"{n:06}")
    assert (await by_token(app, code)).status == 200


async def test_there_are_five_minutes_for_the_code(
    app_with_factor: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await type_password(app_with_factor)
    later = now + timedelta(minutes=5, seconds=1)
    at(monkeypatch, later)
    assert not (await browser.get(CODE)).json["is_waiting"]
    late = await enter(browser, shown_at(later))
    assert (late.status, late.headers["Location"].partition("?")[0]) == (303, "/login")
    assert (await enter(browser, shown_at(later), "json")).status == 401


async def test_a_code_without_a_password_opens_nothing(app_with_factor: Application, now: datetime) -> None:
    answer = await Browser(app_with_factor).post(CODE, json={"code": shown_at(now)})
    assert answer.status == 401
    forged = await Browser(app_with_factor).post(
        CODE, json={"code": shown_at(now)}, **with_cookie("WzE4MDAwMDAzMDAsWzFdXQ.x", "bookapp_step")
    )
    assert forged.status == 401


async def test_another_password_ends_what_was_halfway(app_with_factor: Application, now: datetime) -> None:
    browser = await type_password(app_with_factor)
    await put(app_with_factor.extensions["db"], password_hash=_hasher.hash("something else altogether"))
    assert (await enter(browser, shown_at(now), "json")).status == 401


async def test_a_disabled_account_stays_shut(app_with_factor: Application, now: datetime) -> None:
    browser = await type_password(app_with_factor)
    await put(app_with_factor.extensions["db"], disabled_at=now)
    assert (await enter(browser, shown_at(now), "json")).status == 401


# Recovery codes


async def test_a_recovery_code_opens_once_however_it_is_typed(app: Application, now: datetime) -> None:
    alice = await as_person(app)
    first, second, *_ = (await set_up(alice, now)).json["codes"]
    assert (await by_token(app, first.upper().replace("-", " ").replace("0", "O").replace("1", "l"))).status == 200
    assert (await by_token(app, first)).status == 422
    assert (await enter(await type_password(app), second)).status == 303
    assert (await alice.get(FACTOR)).json["codes_left"] == 8
    assert "8 recovery codes are left" in (await alice.get(FACTOR, "page")).text


async def test_new_recovery_codes_end_the_old_ones(app: Application, now: datetime) -> None:
    alice = await as_person(app)
    old = (await set_up(alice, now)).json["codes"][0]
    assert (await alice.post(f"{FACTOR}/codes", "page", data={"password": "not mine"})).status == 422
    made = await alice.post(f"{FACTOR}/codes", data={"password": PASSWORD})
    assert made.status == 201
    assert len(made.json["codes"]) == 10
    assert (await by_token(app, old)).status == 422
    assert (await by_token(app, made.json["codes"][0])).status == 200


async def test_without_a_second_factor_there_are_no_recovery_codes(alice: Browser) -> None:
    assert (await alice.post(f"{FACTOR}/codes", data={"password": PASSWORD})).status == 409


async def test_recovery_codes_are_stored_as_digests(app: Application, now: datetime, db: Database) -> None:
    codes = (await set_up(await as_person(app), now)).json["codes"]
    async with db.reading() as session:
        kept = list(await session.scalars(select(RecoveryCode.code_hash)))
    assert len(kept) == 10
    assert not any(code.replace("-", "") in "".join(kept) for code in codes)


# Switching it off


@pytest.mark.parametrize("form", list(FORMS))
async def test_alice_switches_it_off_with_her_password(app: Application, now: datetime, form: str) -> None:
    alice = await as_person(app)
    code = (await set_up(alice, now)).json["codes"][0]
    wrong = await alice.post(f"{FACTOR}/delete", form, data={"password": "not mine"})
    assert wrong.status == 422
    assert "That is not your password" in wrong.text
    method, path = ("DELETE", FACTOR) if form == "json" else ("POST", f"{FACTOR}/delete")
    gone = await alice.ask(method, path, form, data={"password": PASSWORD})
    assert gone.status == {"page": 303, "fragment": 200, "json": 204}[form]
    assert (await alice.get(FACTOR)).json["is_on"] is False
    assert (await by_token(app, None)).status == 200
    account = await stored(app.extensions["db"])
    assert (account.totp_secret, account.totp_since) == (None, None)
    assert (await alice.ask(method, path, data={"password": PASSWORD})).status == 409
    assert (await set_up(alice, now + timedelta(seconds=30))).status == 201
    assert (await by_token(app, code)).status == 422


async def test_a_short_password_has_to_go_before_the_second_factor(app: Application, now: datetime) -> None:
    alice = await as_person(app)
    await set_up(alice, now)
    short = "lantern+sea"
    await put(app.extensions["db"], password_hash=_hasher.hash(short))
    answer = await alice.post(f"{FACTOR}/delete", "page", data={"password": short})
    assert answer.status == 422
    assert "Choose another password first: at least 15 characters" in answer.text
    assert (await alice.get(FACTOR)).json["is_on"] is True


async def test_an_administrator_helps_who_lost_phone_and_codes(
    app_with_factor: Application, db: Database, now: datetime
) -> None:
    dora, charlie = await a_person(db, "dora"), await a_person(db, "charlie")
    alice = await stored(db)
    async with db.writing() as session:
        with pytest.raises(NotFound):
            await factor_actions.switch_off(session, charlie, alice.id, address="")
    async with db.writing() as session:
        await factor_actions.switch_off(session, dora, alice.id, address="")
    async with db.writing() as session:
        with pytest.raises(Conflict):
            await factor_actions.switch_off(session, dora, alice.id, address="")
    assert (await by_token(app_with_factor, None)).status == 200


async def test_what_matters_is_in_the_audit_log(app: Application, now: datetime, db: Database) -> None:
    alice = await as_person(app)
    code = (await set_up(alice, now)).json["codes"][0]
    await by_token(app, "000000")
    await by_token(app, code)
    await alice.post(f"{FACTOR}/codes", data={"password": PASSWORD})
    await alice.delete(FACTOR, data={"password": PASSWORD})
    async with db.reading() as session:
        told = list(await session.scalars(select(AuditEntry.what).order_by(AuditEntry.id)))
    assert [what for what in told if "factor" in what or "recovery" in what] == [
        "second factor switched on",
        "wrong second factor",
        "recovery code used",
        "recovery codes made",
        "second factor switched off",
    ]


async def test_the_secret_is_stored_only_when_it_is_confirmed(app: Application, db: Database, now: datetime) -> None:
    alice = await as_person(app)
    await alice.get(FACTOR, "page")
    async with db.reading() as session:
        assert await session.scalar(select(Account.totp_secret)) is None
    await set_up(alice, now)
    async with db.reading() as session:
        assert await session.scalar(select(Account.totp_secret)) is not None
