"""A recommendation for somebody outside: whoever holds the link sees it, and one may keep it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from bookapp.core import clock
from bookapp.suggestions.models import Suggestion
from bookapp.web.application import Application
from tests.clients import Browser
from tests.people import as_person
from tests.suggestions.sent import inbox, sent

PAGE = "/suggestions/by-link"


async def a_link(client: Browser, **fields: str) -> str:
    """The secret part of a new link."""
    answer = await client.post("/suggestions", json={"link": True, "book_id": 1, **fields})
    assert answer.status == 201, answer.text
    assert answer.json["link"].startswith(f"http://localhost{PAGE}?token=")
    (token,) = parse_qs(urlsplit(answer.json["link"]).query)["token"]
    return token


async def test_a_guest_sees_the_book_who_recommends_it_and_why(app: Application, alice: Browser) -> None:
    token = await a_link(alice, reason="You like <balls>")
    async with app.extensions["db"].reading() as session:
        assert token not in str((await session.execute(select(Suggestion.__table__))).one())
    guest = Browser(app)
    page = await guest.get(f"{PAGE}?token={token}", "page")
    assert page.status == 200
    for told in ("alice recommends", "Emma", "You like &lt;balls&gt;", "Log in to save it", "/register?next="):
        assert told in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    told = (await guest.get(f"{PAGE}?token={token}")).json
    assert (told["by"], told["whose"], told["book"]["title"]) == ("alice", "open", "Emma")
    refused = await guest.post(f"{PAGE}/acceptance", json={"token": token})
    assert refused.status == 401


async def test_the_link_is_shown_once(alice: Browser) -> None:
    page = await alice.post("/suggestions", "page", data={"link": "true", "book_id": "1"})
    assert (page.status, "not shown again" in page.text) == (201, True)
    assert PAGE in page.text
    assert PAGE not in (await alice.get("/suggestions?box=sent", "page")).text
    assert "The link waits until" in (await alice.get("/suggestions?box=sent", "page")).text


async def test_bob_takes_it_into_his_inbox_and_charlie_comes_too_late(
    alice: Browser, bob: Browser, charlie: Browser
) -> None:
    token = await a_link(alice)
    assert "Put it into my inbox" in (await bob.get(f"{PAGE}?token={token}", "page")).text
    taken = await bob.post(f"{PAGE}/acceptance", "page", data={"token": token})
    assert (taken.status, taken.headers["Location"]) == (303, "/suggestions/1")
    assert [line["sender"]["name"] for line in await inbox(bob)] == ["alice"]
    (mine,) = await sent(alice)
    assert (mine["other"], mine["state"], mine["is_new"]) == ("bob", "seen", True)
    assert (await bob.post(f"{PAGE}/acceptance", json={"token": token})).status == 200
    late = await charlie.post(f"{PAGE}/acceptance", json={"token": token})
    assert (late.status, late.json["detail"]) == (409, "Somebody else has taken it already.")
    assert (await alice.post(f"{PAGE}/acceptance", json={"token": token})).status == 409
    told = [(await one.get(f"{PAGE}?token={token}")).json["whose"] for one in (alice, bob, charlie)]
    assert told == ["mine", "yours", "taken"]


@pytest.mark.parametrize("how", ["too late", "ended by alice", "never was"])
async def test_a_link_ends(alice: Browser, bob: Browser, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    token = await a_link(alice)
    if how == "too late":
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=30))
        bob = await as_person(alice.app, "dora")
    elif how == "ended by alice":
        assert (await alice.delete("/suggestions/1")).status == 204
    else:
        token = "x" * 43
    page = await bob.get(f"{PAGE}?token={token}", "page")
    assert "This link has ended" in page.text
    assert "Emma" not in page.text
    assert (await bob.get(f"{PAGE}?token={token}")).json["book"] is None
    wrong = await bob.post(f"{PAGE}/acceptance", json={"token": token})
    assert (wrong.status, list(wrong.json["errors"])) == (422, ["token"])
