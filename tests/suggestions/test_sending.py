"""Recommending a book to somebody: whom one reaches, and how often."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Invalid
from bookapp.suggestions import rules, sending_actions
from bookapp.suggestions.commands import Suggest
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book, a_sent_book
from tests.people import a_person, as_person, sign_in
from tests.suggestions.sent import counts, inbox, sent, suggested


async def test_a_book_goes_to_bob_with_a_reason(alice: Browser, bob: Browser) -> None:
    answer = await alice.post("/suggestions", json={"to": "Bob", "book_id": 1, "reason": "You like balls"})
    assert (answer.status, answer.headers["Location"]) == (201, "/suggestions/1")
    assert (answer.json["id"], answer.json["link"], answer.json["told"]) == (1, None, [])
    (mine,) = await sent(alice)
    assert (mine["box"], mine["state"], mine["other"], mine["is_new"]) == ("sent", "sent", "bob", False)
    (got,) = await inbox(bob)
    assert (got["box"], got["sender"]["name"], got["reason"]) == ("inbox", "alice", "You like balls")
    assert (got["book"]["title"], got["is_new"]) == ("Emma", True)
    assert (await bob.get(got["url"])).json == got
    assert await counts(bob) == (1, 0)


async def test_one_book_goes_to_several_at_once_or_to_nobody(alice: Browser, bob: Browser, charlie: Browser) -> None:
    wrong = await alice.post("/suggestions", json={"to": ["bob", "nobody"], "book_id": 1})
    assert (wrong.status, wrong.json["errors"]) == (422, {"to": ["There is nobody called nobody here"]})
    assert await inbox(bob) == []
    answer = await alice.post("/suggestions", "page", data={"to": " bob, charlie ,Bob", "book_id": "1"})
    assert (answer.status, answer.headers["Location"]) == (303, "/suggestions?box=sent")
    assert "Recommended to bob and charlie" in (await alice.get("/suggestions?box=sent", "page")).text
    assert [len(await inbox(one)) for one in (bob, charlie)] == [1, 1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"book_id": 1}, "to"),
        ({"book_id": 1, "to": []}, "to"),
        ({"book_id": 1, "to": "alice"}, "to"),
        ({"book_id": 1, "to": [f"reader{number}" for number in range(21)]}, "to"),
        ({"book_id": 9, "to": "bob"}, "book_id"),
        ({"to": "bob"}, "book_id"),
        ({"book_id": 1, "to": "bob", "ask_id": 1}, "ask_id"),
        ({"book_id": 1, "to": "bob", "because_id": 1}, "because_id"),
        ({"book_id": 1, "to": "bob", "link": True}, "link"),
        ({"book_id": 1, "to": "bob", "from_id": 2}, "from_id"),
        ({"book_id": 1, "to": "bob", "reason": "x" * 2001}, "reason"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    alone: Browser, bob_alone: Browser, body: dict[str, Any], field: str
) -> None:
    answer = await alone.post("/suggestions", json=body)
    assert (answer.status, list(answer.json["errors"])) == (422, [field])
    assert await inbox(bob_alone) == []


async def test_a_wrong_form_comes_back_as_it_was_typed(alone: Browser) -> None:
    for form in ("page", "fragment"):
        typed = {"to": "bobb", "book_id": "1", "reason": "Because of the & in it"}
        answer = await alone.post("/suggestions", form, data=typed)
        assert answer.status == 422
        assert "There is nobody called bobb here." in answer.text
        assert 'value="bobb"' in answer.text
        assert "Because of the &amp; in it" in answer.text
        assert ("<html" in answer.text) == (form == "page")
    assert (await alone.post("/suggestions", "page", data={"to": "bob", "book_id": "x"})).status == 422


async def test_the_same_book_waits_once_with_bob(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    again = await alice.post("/suggestions", json={"to": "bob", "book_id": 1})
    assert (again.status, again.json["errors"]) == (422, {"to": ["You already recommended this book to bob"]})
    page = await alice.post("/suggestions", "page", data={"to": "bob", "book_id": "1"})
    assert "You already recommended this book to bob." in page.text
    await bob.post("/suggestions/1/decline", json={})
    assert (await suggested(alice))["id"] == 2


async def test_two_clicks_at_once_send_one(db: Database) -> None:
    alice, _ = await a_person(db, "alice"), await a_person(db, "bob")
    book_id = await a_book(db)

    async def click() -> bool:
        try:
            async with db.writing() as session:
                await sending_actions.suggest(session, alice, Suggest(book_id=book_id, to=["bob"]))
        except Invalid:
            return False
        return True

    assert sorted(await asyncio.gather(*(click() for _ in range(6)))) == [False] * 5 + [True]


async def test_two_who_recommend_to_each_other_at_once_both_do(db: Database) -> None:
    people = [await a_person(db, "alice"), await a_person(db, "bob")]
    books = [await a_book(db, title=f"Novel {number}") for number in range(4)]

    async def send(person: int, book_id: int) -> None:
        async with db.writing() as session:
            to = [people[1 - person].name]
            await sending_actions.suggest(session, people[person], Suggest(book_id=book_id, to=to))

    await asyncio.gather(*(send(person, book_id) for person in (0, 1) for book_id in books))


async def test_bob_hears_from_those_he_trusts_only_if_he_wants(alice: Browser, bob: Browser) -> None:
    for choice, words in (("trusted", "people they trust only"), ("nobody", "no recommendations at the moment")):
        assert (await bob.put("/suggestions/choice", json={"welcome": choice})).json["welcome"] == choice
        answer = await alice.post("/suggestions", json={"to": "bob", "book_id": 1})
        assert answer.status == 422
        assert words in answer.json["errors"]["to"][0]
    await bob.post("/suggestions/choice", "page", data={"welcome": "trusted", "tells_outcome": "false"})
    assert (await bob.get("/suggestions/choice")).json == {"welcome": "trusted", "tells_outcome": False}
    await bob.put("/accounts/alice/trust")
    await suggested(alice)


def _alike(line: dict[str, Any]) -> dict[str, Any]:
    """All of a line but whom it is for, its number and the moment."""
    own = {"id", "url", "other", "receiver", "sent_at", "changed_at"}
    return {name: value for name, value in line.items() if name not in own}


async def test_who_is_blocked_sees_no_difference(alice: Browser, bob: Browser, charlie: Browser) -> None:
    await a_sent_book(alice, title="Persuasion")
    await bob.put("/accounts/alice/block")
    answers = {}
    for name in ("bob", "charlie"):
        one = await alice.post("/suggestions", json={"to": name, "book_id": 2, "reason": "Sea"})
        again = await alice.post("/suggestions", json={"to": name, "book_id": 2})
        (line,) = [line for line in await sent(alice) if line["other"] == name]
        shown = (await alice.get(line["url"])).json
        refusal = again.json["detail"].replace(name, "*")
        told = [_alike(each) for each in (*one.json["suggestions"], line, shown)]
        answers[name] = (one.status, one.json["told"], again.status, refusal, told)
    assert answers["bob"] == answers["charlie"]
    assert await inbox(bob) == []
    assert await counts(bob) == (0, 0)
    first = min(line["id"] for line in await sent(alice))
    for method, what in (("GET", ""), ("POST", "/restoration"), ("POST", "/acceptance"), ("DELETE", "")):
        kept_away = await bob.ask(method, f"/suggestions/{first}{what}")
        absent = await bob.ask(method, f"/suggestions/999{what}")
        assert (kept_away.status, kept_away.json["detail"]) == (404, absent.json["detail"])
    await bob.delete("/accounts/alice/block")
    assert await inbox(bob) == []


async def test_a_block_hides_what_came_before_and_what_goes_back(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    await bob.put("/accounts/alice/block")
    assert await inbox(bob) == []
    await bob.put("/books/1/shelf", json={"shelf": "reading"}, headers={"If-Match": "*"})
    assert [line["state"] for line in await sent(alice)] == ["sent"]
    answer = await bob.post("/suggestions", json={"to": "alice", "book_id": 1})
    assert (answer.status, answer.json["errors"]) == (422, {"to": ["You block alice. End that first"]})


async def test_nobody_is_flooded(alone: Browser, bob_alone: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        await a_sent_book(alone, title=f"Novel {number}")
    for number in range(2, 7):
        await suggested(alone, book_id=number)
    sixth = await alone.post("/suggestions", json={"to": "bob", "book_id": 7})
    assert sixth.status == 422
    assert "wait with bob already" in sixth.json["errors"]["to"][0]
    await bob_alone.post("/suggestions/1/decline", json={})
    await suggested(alone, book_id=7)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1, minutes=1))
    await suggested(await sign_in(alone), book_id=1)


async def test_a_list_counts_as_many_as_it_has_people(
    alone: Browser, sqlite_app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_A_DAY", 4)
    for name in ("bob", "charlie", "dora"):
        await a_person(sqlite_app.extensions["db"], name)
    await a_sent_book(alone, title="Persuasion")
    await suggested(alone, ["bob", "charlie", "dora"])
    refused = await alone.post("/suggestions", json={"to": ["bob", "charlie"], "book_id": 2})
    assert refused.status == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    await suggested(alone, book_id=2)


async def test_no_account_sends_more_than_thirty_in_an_hour(alone: Browser) -> None:
    answers = [(await alone.post("/suggestions", json={"to": "nobody", "book_id": 1})).status for _ in range(31)]
    assert answers == [422] * 30 + [429]


async def test_because_needs_a_book_that_the_sender_may_see(alice: Browser, bob: Browser) -> None:
    await a_sent_book(alice, title="Persuasion")
    await bob.put("/books/2/shelf", json={"shelf": "read", "visibility": "me"}, headers={"If-Match": "*"})
    body = {"to": "bob", "book_id": 1, "because_id": 2}
    hidden, absent = (
        await alice.post("/suggestions", json=body),
        await alice.post("/suggestions", json=body | {"because_id": 99}),
    )
    assert (hidden.status, hidden.json["errors"]) == (422, absent.json["errors"])
    assert (await alice.get("/suggestions/new?book=1&to=bob")).json["theirs"] == []
    await bob.put("/books/2/shelf", json={"shelf": "read", "visibility": "members"}, headers={"If-Match": "*"})
    draft = (await alice.get("/suggestions/new?book=1&to=bob")).json
    assert [one["title"] for one in draft["theirs"]] == ["Persuasion"]
    await suggested(alice, because_id=2)
    assert (await inbox(bob))[0]["because"]["title"] == "Persuasion"
    assert "Because you liked" in (await bob.get("/suggestions", "page")).text


async def test_because_does_not_tell_of_notes_that_bob_keeps_for_himself(alice: Browser, bob: Browser) -> None:
    await a_sent_book(alice, title="Persuasion")
    await bob.put("/books/2/entry", json={"note": "From my ex"}, headers={"If-Match": "*"})
    body = {"to": "bob", "book_id": 1}
    noted = await alice.post("/suggestions", json=body | {"because_id": 2})
    absent = await alice.post("/suggestions", json=body | {"because_id": 99})
    assert (noted.status, noted.json["errors"]) == (422, absent.json["errors"])


async def test_alice_learns_that_bob_has_read_it_if_he_shows_that(alice: Browser, bob: Browser) -> None:
    await a_sent_book(alice, title="Persuasion")
    for number, seen_by in ((1, "members"), (2, "me")):
        await bob.put(
            f"/books/{number}/shelf", json={"shelf": "read", "visibility": seen_by}, headers={"If-Match": "*"}
        )
    shown = await alice.post("/suggestions", json={"to": "bob", "book_id": 1})
    hidden = await alice.post("/suggestions", json={"to": "bob", "book_id": 2})
    assert shown.json["told"] == ["bob has read it already."]
    assert hidden.json["told"] == []
    assert [line["shelf"] for line in await sent(alice)] == [None, "read"]


async def test_the_form_knows_whom_one_likely_means(app: Application, alice: Browser, bob: Browser) -> None:
    await as_person(app, "charlie")
    await as_person(app, "dora")
    await suggested(alice)
    await alice.put("/accounts/charlie/trust")
    draft = (await alice.get("/suggestions/new?book=1")).json
    assert draft["people"] == ["charlie", "bob"]
    found = (await alice.get("/suggestions/new?q=emma&to=bob")).json
    assert [book["title"] for book in found["found"]] == ["Emma"]
    assert (await alice.get("/suggestions/new?book=99")).json["book"] is None
    page = await alice.get("/suggestions/new?q=emma&to=bob", "page")
    assert "/suggestions/new?to=bob&amp;book=1" in page.text
