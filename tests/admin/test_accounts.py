"""How administrators look after accounts."""

import asyncio
import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bookapp.accounts.models import Account, AccountSession
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.web.application import Application
from tests.clients import FORMS, Answer, Browser
from tests.people import PASSWORD, a_person, as_person, sign_in, with_factor, with_role

BOB = "/admin/accounts/2"
NEW_PASSWORD = "four words that nobody said"
ANY = {"If-Match": "*"}


async def change(browser: Browser, number: int, **fields: Any) -> Answer:
    return await browser.ask("PATCH", f"/admin/accounts/{number}", json=fields, headers=ANY)


async def told(browser: Browser, what: str = "") -> list[tuple[str, str, str]]:
    """What the log says, the newest first."""
    items = (await browser.get(f"/admin/audit?what={what}")).json["items"]
    return [(one["who"], one["what"], one["subject"]) for one in items]


async def add(db: Database, *names: str) -> None:
    for name in names:
        await a_person(db, name)


# ---- Who may enter ---------------------------------------------------------------------------

READS = (
    "/admin",
    "/admin/accounts",
    "/admin/accounts.csv",
    BOB,
    f"{BOB}/edit",
    "/admin/invites",
    "/admin/audit",
    "/admin/audit.csv",
    "/admin/authors",
    "/admin/books",
    "/admin/merges",
)
WRITES = (
    ("PATCH", BOB),
    ("POST", f"{BOB}/edit"),
    ("POST", f"{BOB}/reset-link"),
    ("DELETE", f"{BOB}/second-factor"),
    ("POST", "/admin/invites"),
    ("DELETE", "/admin/invites/1"),
    ("POST", "/admin/authors/1/merge"),
    ("POST", "/admin/books/1/merge"),
    ("POST", "/admin/merges/1/separation"),
)


async def test_only_administrators_enter(dora: Browser) -> None:
    guest, charlie = Browser(dora.app), await as_person(dora.app, "charlie")
    for method, path in [*(("GET", path) for path in READS), *WRITES]:
        for form in FORMS:
            assert (await charlie.ask(method, path, form)).status == 403, (path, form)
        assert (await guest.ask(method, path)).status == 401, path
        page = await guest.ask(method, path, "page")
        assert (page.status, page.headers["Location"][:12]) == (303, "/login?next="), path


async def test_whoever_is_no_administrator_any_more_is_out_at_once(dora: Browser) -> None:
    await with_role(dora.app.extensions["db"], "dora", "member")
    assert (await dora.get("/admin")).status == 403


async def test_only_administrators_are_shown_the_way(dora: Browser) -> None:
    charlie = await as_person(dora.app, "charlie")
    assert 'href="/admin"' in (await dora.get("/about", "page")).text
    assert 'href="/admin"' not in (await charlie.get("/about", "page")).text


# ---- The list --------------------------------------------------------------------------------


async def test_accounts_are_found_by_name_address_role_and_state(dora: Browser) -> None:
    await add(dora.app.extensions["db"], "charlie", "charlotte")
    for query, found in (
        ("", {"dora", "bob", "charlie", "charlotte"}),
        ("q=CHAR", {"charlie", "charlotte"}),
        ("q=bob@exam", {"bob"}),
        ("q=%25", set()),
        ("role=admin", {"dora"}),
        ("role=member&q=o", {"bob", "charlotte", "charlie"}),
        ("state=disabled", set()),
        ("state=&role=&q=", {"dora", "bob", "charlie", "charlotte"}),
    ):
        answer = (await dora.get(f"/admin/accounts?{query}")).json
        assert {one["username"] for one in answer["items"]} == found, query
        assert answer["total"] == len(found)
    assert (await dora.get("/admin/accounts?role=king")).status == 422


async def test_the_list_goes_on_where_it_says(dora: Browser) -> None:
    await add(dora.app.extensions["db"], *(f"person{n}" for n in range(5)))
    seen, path = [], "/admin/accounts?limit=3"
    while path:
        answer = (await dora.get(path)).json
        seen += [one["username"] for one in answer["items"]]
        path = answer["next"]
    assert seen == ["person4", "person3", "person2", "person1", "person0", "bob", "dora"]


async def test_nothing_private_is_shown(dora: Browser) -> None:
    bob = await sign_in(Browser(dora.app), "bob")
    await bob.post("/accounts/bob/tasks", json={"name": "A secret plan"})
    await bob.ask("PATCH", "/accounts/bob", json={"about": "Reads at night"}, headers=ANY)
    for path in READS:
        text = (await dora.get(path)).text
        assert "secret plan" not in text, path
        assert "argon2" not in text, path
    assert (await dora.get("/accounts/bob/tasks")).status == 404


async def test_the_accounts_are_a_csv_file_that_runs_no_formula(dora: Browser) -> None:
    db: Database = dora.app.extensions["db"]
    await add(db, *(f"person{n}" for n in range(3)))
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == "bob").values(email="=cmd()@example.org"))
    answer = await dora.get("/admin/accounts.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "accounts.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["username"] for row in rows] == ["person2", "person1", "person0", "bob", "dora"]
    assert rows[3]["email"] == "'=cmd()@example.org"
    some = await dora.get("/admin/accounts.csv?role=admin")
    assert [row["username"] for row in csv.DictReader(io.StringIO(some.text))] == ["dora"]


async def test_a_long_csv_file_has_every_row_once(dora: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookapp.admin.queries.STEP", 2)
    await add(dora.app.extensions["db"], *(f"person{n}" for n in range(6)))
    names = [row["username"] for row in csv.DictReader(io.StringIO((await dora.get("/admin/accounts.csv")).text))]
    assert len(names) == len(set(names)) == 8


# ---- Roles and states ------------------------------------------------------------------------


async def test_a_member_becomes_an_administrator_and_is_one_at_once(dora: Browser) -> None:
    bob = await sign_in(Browser(dora.app), "bob")
    answer = await change(dora, 2, role="admin")
    assert (answer.status, answer.json["role"]) == (200, "admin")
    assert (await bob.get("/admin")).status == 200
    assert (await told(dora))[0] == ("dora", "role changed", "bob")
    await change(dora, 2, role="member")
    assert (await bob.get("/admin")).status == 403


async def test_who_is_disabled_is_out_at_once(dora: Browser) -> None:
    bob = await sign_in(Browser(dora.app), "bob")
    token = (await bob.post("/accounts/bob/tokens", json={"name": "Script", "scope": "write"})).json["token"]
    program = {"Authorization": f"Bearer {token}"}
    link = (await dora.post(f"{BOB}/reset-link")).json["link"]
    assert (await Browser(dora.app).get("/dashboard", headers=program)).status == 200
    assert (await change(dora, 2, state="disabled")).json["state"] == "disabled"
    assert (await bob.get("/dashboard")).status == 401
    assert (await Browser(dora.app).get("/dashboard", headers=program)).status == 401
    assert (await Browser(dora.app).post("/login", data={"username": "bob", "password": PASSWORD})).status == 401
    chosen = {"token": link.partition("token=")[2], "new_password": NEW_PASSWORD}
    assert (await Browser(dora.app).post("/login/reset/choose", json=chosen)).status == 422
    assert ("dora", "account disabled", "bob") in await told(dora)
    assert (await dora.post(f"{BOB}/reset-link")).status == 409

    assert (await change(dora, 2, state="active")).json["state"] == "active"
    await sign_in(Browser(dora.app), "bob")
    assert (await bob.get("/dashboard")).status == 401
    assert (await Browser(dora.app).get("/dashboard", headers=program)).status == 401
    assert "account enabled" in [what for _, what, _ in await told(dora)]


async def test_the_last_administrator_stays_one(dora: Browser) -> None:
    for fields in ({"role": "member"}, {"state": "disabled"}, {"role": "member", "state": "disabled"}):
        answer = await change(dora, 1, **fields)
        assert answer.status == 409
        assert "only active administrator" in answer.json["detail"]
    assert (await dora.get("/admin/accounts/1")).json["role"] == "admin"
    await change(dora, 2, role="admin", state="disabled")
    assert (await change(dora, 1, role="member")).status == 409
    await change(dora, 2, state="active")
    assert (await change(dora, 1, role="member")).status == 200


async def test_of_two_who_demote_each_other_at_once_one_stays(dora: Browser) -> None:
    await with_role(dora.app.extensions["db"], "bob", "admin")
    bob = await sign_in(Browser(dora.app), "bob")
    for one, other in (({"role": "member"}, {"role": "member"}), ({"state": "disabled"}, {"role": "member"})):
        answers = await asyncio.gather(change(dora, 2, **one), change(bob, 1, **other))
        assert sorted(answer.status for answer in answers)[0] == 200
        assert sorted(answer.status for answer in answers)[1] in (401, 403, 409)
        async with dora.app.extensions["db"].reading() as session:
            active = select(func.count()).where(Account.role == "admin", Account.disabled_at.is_(None))
            assert await session.scalar(active) == 1
        async with dora.app.extensions["db"].writing() as session:
            await session.execute(update(Account).values(role="admin", disabled_at=None))
        dora, bob = await sign_in(Browser(dora.app), "dora"), await sign_in(Browser(dora.app), "bob")


async def test_the_same_again_changes_nothing_and_is_not_written_down(dora: Browser) -> None:
    before = await told(dora)
    answer = await change(dora, 2, role="member", state="active")
    assert (answer.status, answer.json["version"]) == (200, 1)
    assert await told(dora) == before


async def test_a_row_is_edited_in_its_place(dora: Browser) -> None:
    row = await dora.get(BOB, "fragment")
    assert row.text.lstrip().startswith('<tr class="row" id="account-2">')
    form = await dora.get(f"{BOB}/edit", "fragment")
    assert form.text.lstrip().startswith('<tr class="editing" id="account-2"')
    assert f'hx-put="{BOB}"' in form.text
    saved = await dora.put(BOB, "fragment", data={"role": "admin", "state": "active", "version": "1"})
    assert saved.status == 200
    assert saved.text.lstrip().startswith('<tr class="row" id="account-2">')
    assert "administrator" in saved.text


async def test_a_row_is_edited_without_scripts(dora: Browser) -> None:
    page = await dora.get(f"{BOB}/edit", "page")
    assert f'<form id="edit-2" method="post" action="{BOB}/edit">' in page.text
    sent = {"role": "member", "state": "disabled", "version": "1"}
    answer = await dora.post(f"{BOB}/edit", "page", data=sent)
    assert (answer.status, answer.headers["Location"]) == (303, BOB)
    assert "Saved bob." in (await dora.get(BOB, "page")).text
    wrong = await dora.post(f"{BOB}/edit", "page", data={"role": "king", "version": "2"})
    assert (wrong.status, 'aria-invalid="true"' in wrong.text) == (422, True)


async def test_two_administrators_do_not_overwrite_each_other(dora: Browser) -> None:
    await change(dora, 2, role="admin")
    old = {"role": "member", "state": "disabled", "version": "1"}
    for form in ("page", "fragment"):
        answer = await dora.post(f"{BOB}/edit", form, data=old)
        assert (answer.status, 'id="conflict"' in answer.text) == (409, True)
    assert (await dora.put(BOB, json={"role": "member"})).status == 428
    assert (await dora.put(BOB, json={"role": "member"}, headers={"If-Match": '"1-x"'})).status == 412
    assert (await dora.get(BOB)).json["role"] == "admin"


# ---- Lost keys -------------------------------------------------------------------------------


async def test_a_link_for_a_new_password_opens_once(dora: Browser) -> None:
    page = await dora.post(f"{BOB}/reset-link", "page")
    assert (page.status, page.headers["Cache-Control"]) == (201, "no-store")
    link = re.search(r'value="(http[^"]+)"', page.text)
    assert link is not None
    token = link.group(1).partition("token=")[2]
    assert token not in (await dora.get(BOB, "page")).text
    guest = Browser(dora.app)
    chosen = {"token": token, "new_password": NEW_PASSWORD}
    assert (await guest.post("/login/reset/choose", json=chosen)).status == 200
    assert (await guest.post("/login/reset/choose", json=chosen)).status == 422
    await sign_in(guest, "bob", NEW_PASSWORD)
    assert ("dora", "reset link made", "bob") in await told(dora)


async def test_a_link_for_a_new_password_lasts_ten_minutes(dora: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    made = (await dora.post(f"{BOB}/reset-link")).json
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now.replace(year=now.year + 1))
    chosen = {"token": made["link"].partition("token=")[2], "new_password": NEW_PASSWORD}
    assert (await Browser(dora.app).post("/login/reset/choose", json=chosen)).status == 422


async def test_a_lost_second_factor_is_taken_off(dora: Browser) -> None:
    db = dora.app.extensions["db"]
    assert (await dora.delete(f"{BOB}/second-factor")).status == 409
    await with_factor(db, "bob", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert (await dora.get(BOB)).json["has_second_factor"] is True
    answer = await dora.post(f"{BOB}/second-factor/delete", "page")
    assert (answer.status, answer.headers["Location"]) == (303, BOB)
    assert (await dora.get(BOB)).json["has_second_factor"] is False
    await sign_in(Browser(dora.app), "bob")
    assert ("dora", "second factor switched off", "bob") in await told(dora)


async def test_who_is_not_here_is_not_found(dora: Browser) -> None:
    for method, path in (("GET", ""), ("GET", "/edit"), ("POST", "/reset-link"), ("DELETE", "/second-factor")):
        assert (await dora.ask(method, f"/admin/accounts/99{path}")).status == 404, path
    assert (await change(dora, 99, role="admin")).status == 404


async def test_sessions_are_counted(dora: Browser) -> None:
    await sign_in(Browser(dora.app), "bob")
    await sign_in(Browser(dora.app), "bob")
    assert (await dora.get(BOB)).json["sessions"] == 2
    async with dora.app.extensions["db"].writing() as session:
        await session.execute(update(AccountSession).values(expires_at=clock.now()))
    fresh = await sign_in(Browser(dora.app), "dora")
    assert (await fresh.get(BOB)).json["sessions"] == 0


async def test_the_overview_says_what_needs_care(app: Application, dora: Browser) -> None:
    page = (await dora.get("/admin", "page")).text
    assert "only administrator" in page
    bob = await sign_in(Browser(app), "bob")
    await bob.ask("DELETE", "/accounts/bob", json={"password": PASSWORD})
    told_now = (await dora.get("/admin")).json
    assert [one["username"] for one in told_now["leaving"]] == ["bob"]
    assert (told_now["accounts"], told_now["administrators"]) == (1, 1)
    assert "leaving" in (await dora.get(BOB)).json["state"]


@pytest.mark.parametrize("path", ["/admin/accounts.csv", "/admin/audit.csv"])
async def test_a_file_is_whole_wherever_the_page_was(dora: Browser, path: str) -> None:
    answer = await dora.get(f"{path}?cursor=nonsense&limit=1")
    assert answer.status == 200
    assert answer.body == (await dora.get(path)).body
