"""Links by which people register, and the log of what was done."""

import csv
import io
from typing import Any

import pytest

from bookapp.accounts.actions import record
from bookapp.app import create_app
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.actor import Actor
from tests.clients import Browser
from tests.people import PASSWORD, as_person

DORA = Actor(1, "dora", is_admin=True)


@pytest.fixture
def settings(url: str, tmp_path: Any) -> Settings:
    """An instance where one needs an invitation."""
    return Settings(database_url=url, data_dir=tmp_path / "data", secret_key="k" * 32, registration="invite")


async def invite(dora: Browser, **fields: Any) -> str:
    """The secret part of a new link."""
    answer = await dora.post("/admin/invites", json=fields)
    assert answer.status == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    address, _, token = answer.json["link"].partition("?invite=")
    assert address.endswith("/register")
    return str(token)


async def register(dora: Browser, name: str, token: str) -> int:
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "invite": token}
    return (await Browser(dora.app).post("/accounts", json=body)).status


async def test_an_invitation_lets_as_many_in_as_it_says(dora: Browser) -> None:
    token = await invite(dora, note="The book club", most_uses=2)
    form = await Browser(dora.app).get(f"/register?invite={token}", "page")
    assert f'value="{token}"' in form.text
    assert [await register(dora, name, token) for name in ("anna", "berta", "carla")] == [201, 201, 422]
    (line,) = (await dora.get("/admin/invites")).json["items"]
    assert (line["note"], line["uses"], line["most_uses"], line["is_open"]) == ("The book club", 2, 2, False)
    assert token not in (await dora.get("/admin/invites")).text
    assert "used up" in (await dora.get("/admin/invites", "page")).text


async def test_an_invitation_ends(dora: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await invite(dora, days=1)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now.replace(year=now.year + 1))
    assert await register(dora, "anna", token) == 422


async def test_an_invitation_can_be_taken_back(dora: Browser) -> None:
    token = await invite(dora, note="Anna")
    answer = await dora.post("/admin/invites/1/delete", "page")
    assert (answer.status, answer.headers["Location"]) == (303, "/admin/invites")
    assert await register(dora, "anna", token) == 422
    assert (await dora.delete("/admin/invites/1")).status == 404
    said = [(one["what"], one["subject"]) for one in (await dora.get("/admin/audit")).json["items"]]
    assert said[:2] == [("invitation deleted", "Anna"), ("invitation made", "Anna")]


async def test_a_form_with_empty_fields_makes_an_ordinary_invitation(dora: Browser) -> None:
    page = await dora.post("/admin/invites", "page", data={"note": "", "days": "", "most_uses": ""})
    assert (page.status, "/register?invite=" in page.text) == (201, True)
    (line,) = (await dora.get("/admin/invites")).json["items"]
    assert (line["note"], line["most_uses"]) == ("", 1)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"days": 0}, {"days"}),
        ({"days": 91}, {"days"}),
        ({"most_uses": 101}, {"most_uses"}),
        ({"most_uses": "many"}, {"most_uses"}),
        ({"note": "x" * 101}, {"note"}),
        ({"role": "admin"}, {"role"}),
    ],
)
async def test_a_strange_invitation_is_refused(dora: Browser, fields: dict[str, Any], wrong: set[str]) -> None:
    assert set((await dora.post("/admin/invites", json=fields)).json["errors"]) == wrong
    page = await dora.post("/admin/invites", "page", data={name: str(value) for name, value in fields.items()})
    assert (page.status, 'id="form"' in page.text, 'id="invites"' in page.text) == (422, True, True)


async def test_the_page_says_who_may_register(dora: Browser, settings: Settings) -> None:
    assert "nobody else can" in (await dora.get("/admin/invites", "page")).text
    for registration, words in (("open", "Everybody can register"), ("closed", "Registration is closed")):
        other = create_app(settings.model_copy(update={"registration": registration}))
        async with other.test_app():
            browser = await as_person(other, f"dora{registration}", role="admin")
            assert words in (await browser.get("/admin/invites", "page")).text


# ---- The log ---------------------------------------------------------------------------------


async def test_the_log_is_found_by_what_and_by_whom(dora: Browser) -> None:
    await invite(dora, note="Anna")
    await dora.ask("PATCH", "/admin/accounts/2", json={"role": "admin"}, headers={"If-Match": "*"})
    for query, found in (
        ("what=role changed", ["role changed"]),
        ("person=bob", ["role changed"]),
        ("person=DORA&what=invitation made", ["invitation made"]),
        ("person=nobody", []),
    ):
        answer = (await dora.get(f"/admin/audit?{query}")).json
        assert [one["what"] for one in answer["items"]] == found, query
        assert set(answer["kinds"]) >= {"role changed", "invitation made"}
    entry = (await dora.get("/admin/audit?what=role changed")).json["items"][0]
    assert entry["details"] == "before: member, after: admin"
    assert entry["address"]


async def test_the_log_is_a_csv_file_that_runs_no_formula(dora: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookapp.admin.queries.STEP", 2)
    async with dora.app.extensions["db"].writing() as session:
        for number in range(5):
            await record(session, DORA, "token made", "+evil", name=f"=cmd({number})")
    rows = list(csv.DictReader(io.StringIO((await dora.get("/admin/audit.csv?what=token made")).text)))
    assert [row["details"] for row in rows] == [f"name: =cmd({n})" for n in (4, 3, 2, 1, 0)]
    assert {row["subject"] for row in rows} == {"'+evil"}


async def test_nothing_in_the_log_becomes_html(dora: Browser) -> None:
    await invite(dora, note="<b>Anna</b>")
    for path in ("/admin/audit", "/admin/invites"):
        assert "<b>Anna</b>" not in (await dora.get(path, "page")).text
