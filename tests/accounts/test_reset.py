"""A forgotten password: links by mail and from an administrator."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from bookapp.accounts import queries, reset_actions, reset_mail
from bookapp.accounts.models import AccountSession, ApiToken, AuditEntry, ResetLink
from bookapp.app import create_app
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Invalid, NotFound
from bookapp.web.application import Application
from bookapp.web.models import LimitBucket
from tests.accounts.doors import ELSEWHERE, a_token, login, put, who, with_cookie, with_token
from tests.accounts.post import Post, link_in, post_office
from tests.clients import FORMS, Answer, Browser
from tests.people import PASSWORD, a_person, with_factor

PLACE, NEW = "https://books.example.org", "a lantern above the sea"
OWN = {"x-request-id", "ratelimit"}
"""Headers that differ from answer to answer, whoever is asked for."""
RESET, CHOOSE = "/login/reset", "/login/reset/choose"


@asynccontextmanager
async def mailing(settings: Settings, post: Post, **more: Any) -> AsyncIterator[Application]:
    """An instance that sends mail, with alice in it."""
    said = {"smtp_url": f"smtp://127.0.0.1:{post.port}", "mail_from": "books@example.org", "base_url": PLACE}
    application = create_app(Settings(**settings.model_dump() | said | {"allowed_hosts": "localhost"} | more))
    async with application.test_app():
        await a_person(application.extensions["db"], "alice")
        yield application


@pytest.fixture
async def app_with_mail(settings: Settings, tmp_path: Path) -> AsyncIterator[tuple[Browser, Post]]:
    with post_office(tmp_path / "post") as post:
        async with mailing(settings, post) as application:
            yield Browser(application), post


async def ask(client: Browser, name: str = "alice", form: str = "json", **more: Any) -> Answer:
    return await client.post(RESET, form, data={"username": name}, **more)


async def choose(client: Browser, link: str, password: str = NEW, form: str = "page", **more: Any) -> Answer:
    token = link.partition("token=")[2]
    return await client.post(CHOOSE, form, data={"token": token, "new_password": password}, **more)


async def a_link(db: Database, account_id: int | None, by: str = "dora") -> str:
    """A link that dora made."""
    dora = await a_person(db, by, role="admin")
    async with db.writing() as session:
        return await reset_actions.make_link(session, dora, account_id or 0, address="203.0.113.7")


async def count(db: Database, table: Any) -> int:
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.org", "Alice@Example.org"])
async def test_alice_gets_a_letter_and_chooses_a_new_password(app_with_mail: tuple[Browser, Post], name: str) -> None:
    client, post = app_with_mail
    answer = await ask(client, name, "page")
    assert (answer.status, answer.headers["Location"]) == (303, "/login/reset?asked=1")
    assert "a link is on its way" in (await client.get(answer.headers["Location"], "page")).text
    (letter,) = await post.wait_for(1)
    assert letter["X-To"] == "alice@example.org"
    link = link_in(letter)
    assert link.startswith(f"{PLACE}{CHOOSE}?token=")
    shown = await client.get(link.removeprefix(PLACE), "page")
    assert shown.status == 200
    assert "For the account of alice." in shown.text
    done = await choose(client, link)
    assert (done.status, done.headers["Location"]) == (303, "/login")
    assert "Your new password counts. Please log in." in (await client.get("/login", "page")).text
    await login(client.app, password=NEW)
    old = await Browser(client.app).post("/login", json={"username": "alice", "password": PASSWORD})
    assert old.status == 401


async def test_nobody_can_tell_from_the_answer_who_has_an_account(app_with_mail: tuple[Browser, Post]) -> None:
    client, post = app_with_mail
    for form in FORMS:
        nobody, alice = await ask(client, "nobody", form), await ask(client, "alice", form)
        assert (nobody.status, nobody.body) == (alice.status, alice.body)
        ours = [{k: v for k, v in a.headers.items() if k.lower() not in OWN} for a in (nobody, alice)]
        assert ours[0] == ours[1]
        await _forget_limits(client.app.extensions["db"])
    await post.wait_for(3)
    assert {letter["X-To"] for letter in post.letters()} == {"alice@example.org"}


async def _forget_limits(db: Database) -> None:
    async with db.writing() as session:
        await session.execute(delete(LimitBucket))


async def test_the_answer_waits_for_nothing(
    app_with_mail: tuple[Browser, Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, post = app_with_mail
    go_on, find = asyncio.Event(), queries.find_sealed

    async def slow(*args: Any) -> Any:
        await go_on.wait()
        return await find(*args)

    monkeypatch.setattr(queries, "find_sealed", slow)
    assert (await ask(client)).status == 200
    assert (await client.get("/healthz")).status == 200
    assert post.tries == 0
    go_on.set()
    await post.wait_for(1)


async def test_a_name_of_nobody_costs_a_write_like_a_name(app_with_mail: tuple[Browser, Post]) -> None:
    client, _ = app_with_mail
    db = client.app.extensions["db"]
    before = await count(db, LimitBucket)
    await ask(client, "nobody")
    await asyncio.sleep(1)
    assert await count(db, LimitBucket) == before + 2  # who asked, and whom


async def test_a_link_says_our_address_whatever_the_request_says(app_with_mail: tuple[Browser, Post]) -> None:
    client, post = app_with_mail
    assert (await ask(client, headers={"Host": "evil.example"})).status == 400
    await ask(client, headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    (letter,) = await post.wait_for(1)
    assert "evil" not in letter.get_content()
    assert link_in(letter).startswith(PLACE)


async def test_a_network_may_ask_five_times_in_half_an_hour(client: Browser) -> None:
    statuses = [(await ask(client, f"nobody{n}")).status for n in range(6)]
    assert statuses == [200] * 5 + [429]
    assert (await ask(client, "alice", **ELSEWHERE)).status == 200


async def test_five_letters_in_half_an_hour_are_enough_for_anybody(app_with_mail: tuple[Browser, Post]) -> None:
    client, post = app_with_mail
    for number in range(7):
        elsewhere = {"scope_base": {"client": (f"203.0.113.{number}", 4711)}}
        assert (await ask(client, **elsewhere)).status == 200
    letters = await post.wait_for(5)
    await asyncio.sleep(1)
    assert len(post.letters()) == 5
    alive = [link for link in map(link_in, letters) if await _opens(client, link)]
    assert len(alive) == 1  # the newest alone counts


async def _opens(client: Browser, link: str) -> bool:
    shown = await client.get(link.removeprefix(PLACE), "json")
    assert shown.status == 200
    return bool(shown.json["is_alive"])


async def test_somebody_who_is_shut_out_gets_no_letter(app_with_mail: tuple[Browser, Post]) -> None:
    client, post = app_with_mail
    await put(client.app.extensions["db"], disabled_at=clock.now())
    await ask(client)
    await asyncio.sleep(1.2)
    assert post.tries == 0


async def test_without_mail_the_answer_says_whom_to_ask(client: Browser) -> None:
    await a_person(client.app.extensions["db"])
    assert "Ask whoever runs this place" in (await ask(client)).json["msg"]
    assert (await ask(client)).body == (await ask(client, "nobody")).body
    assert await count(client.app.extensions["db"], ResetLink) == 0


async def test_a_busy_mail_server_is_asked_again(
    app_with_mail: tuple[Browser, Post], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reset_mail, "WAITS", (0.1, 0.1, 0.1))
    client, _ = app_with_mail
    with post_office(tmp_path / "busy", "busy=2") as busy:
        _point(client.app, busy)
        await ask(client)
        await busy.wait_for(1)
        assert busy.tries == 3


def _point(app: Application, post: Post) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{post.port}"})


async def test_a_refusal_is_written_down_without_the_address(
    app_with_mail: tuple[Browser, Post], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = app_with_mail
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(reset_mail.log, "warning", lambda _event, **more: said.append(more), raising=False)
    with post_office(tmp_path / "refusing", "refuse") as post:
        _point(client.app, post)
        assert (await ask(client)).status == 200
        await post.wait_for_tries(1)
        await asyncio.sleep(0.3)
        assert post.tries == 1
    assert said == [{"why": "the mail server answered 550", "tries": 1, "gives_up": True}]


async def test_a_slow_mail_server_keeps_nobody_waiting(app_with_mail: tuple[Browser, Post], tmp_path: Path) -> None:
    client, _ = app_with_mail
    with post_office(tmp_path / "slow", "slow=2.5") as post:
        _point(client.app, post)
        began = time.monotonic()
        await ask(client)
        await post.wait_for_tries(1)
        slowest = 0.0
        while not post.letters():
            asked = time.monotonic()
            assert (await client.get("/healthz")).status == 200
            slowest = max(slowest, time.monotonic() - asked)
            await asyncio.sleep(0.02)
        assert time.monotonic() - began > 2.5
        assert slowest < 1


@pytest.mark.parametrize("options", [["slow=1"], ["busy=1"]])
async def test_a_letter_is_finished_before_the_server_ends(
    settings: Settings, tmp_path: Path, options: list[str]
) -> None:
    with post_office(tmp_path / "post", *options) as post:
        async with mailing(settings, post) as application:
            await ask(Browser(application))
            await post.wait_for_tries(1)
            began = time.monotonic()
        assert time.monotonic() - began < 4
        assert len(post.letters()) == 1


async def test_a_link_counts_once(app: Application, db: Database) -> None:
    alice = await a_person(db)
    link = await a_link(db, alice.id)
    client = Browser(app)
    assert (await choose(client, link)).status == 303
    again = await choose(client, link, "another one of four words")
    assert again.status == 422
    assert "That link was used already" in again.text
    assert "Ask for another one" in again.text
    assert not await _opens(client, link)
    await login(app, password=NEW)


async def test_of_two_who_use_a_link_at_once_one_wins(app: Application, db: Database) -> None:
    alice = await a_person(db)
    link = await a_link(db, alice.id)
    answers = await asyncio.gather(*(choose(Browser(app), link, f"{NEW} {n}", "json") for n in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]


async def test_looking_at_a_link_does_not_use_it_up(app: Application, db: Database) -> None:
    alice = await a_person(db)
    link = await a_link(db, alice.id)
    client = Browser(app)
    for form in FORMS:
        shown = await client.get(link, form)
        assert shown.status == 200
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert shown.headers["Cache-Control"] == "no-store"
    assert (await client.ask("HEAD", link, "page")).status == 200
    assert (await choose(client, link)).status == 303


async def test_a_link_lasts_ten_minutes(app: Application, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await a_person(db)
    link, now = await a_link(db, alice.id), clock.now()
    client = Browser(app)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=9, seconds=55))
    assert await _opens(client, link)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=10, seconds=1))
    assert not await _opens(client, link)
    assert (await choose(client, link)).status == 422
    async with db.writing() as session:
        with pytest.raises(Invalid):
            await reset_actions.use_link(session, link.partition("token=")[2], "hash", address="")


async def test_a_password_that_is_easy_to_guess_leaves_the_link_alive(app: Application, db: Database) -> None:
    alice = await a_person(db)
    link = await a_link(db, alice.id)
    client = Browser(app)
    for form in ("page", "fragment"):
        wrong = await choose(client, link, "too short", form)
        assert wrong.status == 422
        assert "At least 15 characters" in wrong.text
        assert link.partition("token=")[2] in wrong.text
        assert "too short" not in wrong.text
    assert (await choose(client, link, "alice@example.org alice", "json")).status == 422
    assert (await choose(client, link)).status == 303


async def test_a_new_password_signs_everybody_out(app: Application, db: Database) -> None:
    alice = await a_person(db)
    _, session = await login(app)
    by_login = (await Browser(app).post("/login", json={"username": "alice", "password": PASSWORD})).json["token"]
    script = (await a_token(app))["token"]
    assert await who(app, **with_cookie(session))
    assert await who(app, **with_token(by_login))
    await choose(Browser(app), await a_link(db, alice.id))
    assert not await who(app, **with_cookie(session))
    assert (await Browser(app).get("/accounts/alice", **with_token(by_login))).status == 401
    assert await who(app, **with_token(script))  # a key that alice made and named is hers to delete
    assert await count(db, AccountSession) == 0
    async with db.reading() as session_:
        assert list(await session_.scalars(select(ApiToken.name))) == ["Script"]


async def test_wrong_tries_are_forgiven_with_the_new_password(app: Application, db: Database) -> None:
    alice = await a_person(db)
    for _ in range(11):
        answer = await Browser(app).post("/login", json={"username": "alice", "password": "forgotten"})
    assert answer.status == 429
    await choose(Browser(app), await a_link(db, alice.id))
    await login(app, password=NEW)


async def test_a_second_factor_stays_on(app: Application, db: Database) -> None:
    alice = await a_person(db)
    await with_factor(db, "alice", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    await choose(Browser(app), await a_link(db, alice.id))
    answer = await Browser(app).post("/login", "page", data={"username": "alice", "password": NEW})
    assert answer.headers["Location"] == "/login/code"


async def test_a_new_link_and_a_new_password_end_older_links(app: Application, db: Database) -> None:
    alice = await a_person(db)
    first, second = await a_link(db, alice.id), await a_link(db, alice.id, by="erin")
    client = Browser(app)
    assert [await _opens(client, link) for link in (first, second)] == [False, True]
    browser, _ = await login(app)
    changed = {"password": PASSWORD, "new_password": NEW}
    assert (await browser.post("/accounts/alice/password", json=changed)).status == 200
    assert not await _opens(client, second)


async def test_nobody_gets_a_link_into_an_account_that_is_shut(app: Application, db: Database) -> None:
    alice = await a_person(db)
    link = await a_link(db, alice.id)
    await put(db, disabled_at=clock.now())
    assert not await _opens(Browser(app), link)
    assert (await choose(Browser(app), link)).status == 422
    for account_id in (alice.id, 987654321):
        with pytest.raises(NotFound):
            await a_link(db, account_id, by=f"dora{account_id}")


@pytest.mark.parametrize("token", ["", "wrong", "x" * 100, "x" * 2000, "\x00", "ü" * 40])
async def test_a_wrong_link_opens_nothing(app: Application, db: Database, token: str) -> None:
    alice = await a_person(db)
    await a_link(db, alice.id)
    for form in FORMS:
        answer = await Browser(app).post(CHOOSE, form, json={"token": token, "new_password": NEW})
        assert answer.status == 422, (form, answer.text)


async def test_what_is_stored_opens_nothing(app: Application, db: Database) -> None:
    alice = await a_person(db)
    link = await a_link(db, alice.id)
    async with db.reading() as session:
        stored = await session.scalar(select(ResetLink.token_hash))
    assert stored is not None
    assert stored not in link
    assert not await _opens(Browser(app), f"{CHOOSE}?token={stored}")


async def test_what_happened_is_in_the_audit_log(app: Application, db: Database) -> None:
    alice = await a_person(db)
    await choose(Browser(app), await a_link(db, alice.id))
    async with db.reading() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    told = [(entry.actor_name, entry.what, entry.subject) for entry in entries]
    assert told == [("dora", "reset link made", "alice"), ("alice", "password reset", "alice")]
    assert not any(re.search(r"[A-Za-z0-9_-]{30}", str(entry.details)) for entry in entries)
