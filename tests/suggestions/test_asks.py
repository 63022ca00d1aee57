"""Wishes: alice asks, others answer with books."""

import pytest

from tests.clients import FORMS, Browser
from tests.factories import a_sent_book
from tests.suggestions.sent import inbox, sent, suggested


async def _ask(client: Browser, text: str = "Something funny") -> str:
    answer = await client.post("/asks", json={"text": text})
    assert (answer.status, answer.json["is_open"]) == (201, True), answer.text
    url: str = answer.headers["Location"]
    return url


async def test_alice_asks_and_bob_answers_with_a_book(alice: Browser, bob: Browser, charlie: Browser) -> None:
    url = await _ask(alice)
    (seen,) = (await bob.get("/asks")).json["asks"]
    assert (seen["text"], seen["person"]["name"], seen["is_mine"]) == ("Something funny", "alice", False)
    draft = (await bob.get("/suggestions/new?ask=1&book=1")).json
    assert (draft["to"], draft["ask"]["text"]) == ("alice", "Something funny")
    answered = await bob.post("/suggestions", json={"book_id": 1, "ask_id": 1, "reason": "A laugh"})
    assert answered.status == 201
    wrong = await bob.post("/suggestions", json={"book_id": 1, "ask_id": 1, "to": "charlie"})
    assert (wrong.status, list(wrong.json["errors"])) == (422, ["to"])
    (got,) = await inbox(alice)
    assert (got["sender"]["name"], got["ask"]["id"]) == ("bob", 1)
    shown = {name: (await one.get(url)).json for name, one in (("alice", alice), ("bob", bob), ("charlie", charlie))}
    assert {name: (one["answer_count"], len(one["answers"])) for name, one in shown.items()} == {
        "alice": (1, 1),
        "bob": (1, 1),
        "charlie": (1, 0),
    }
    assert "only who asked sees them" in (await charlie.get(url, "page")).text


async def test_who_asks_is_welcome_to_the_answer(alice: Browser, bob: Browser) -> None:
    await alice.put("/suggestions/choice", json={"welcome": "nobody"})
    await _ask(alice)
    assert (await bob.post("/suggestions", json={"book_id": 1, "to": "alice"})).status == 422
    assert (await bob.post("/suggestions", json={"book_id": 1, "ask_id": 1})).status == 201


async def test_enough_is_enough(alice: Browser, bob: Browser) -> None:
    url = await _ask(alice)
    await bob.post("/suggestions", json={"book_id": 1, "ask_id": 1})
    assert (await alice.post(f"{url}/closing")).json["is_open"] is False
    assert (await bob.get("/asks")).json["asks"] == []
    assert (await bob.get(url)).status == 404
    assert (await bob.post("/suggestions", json={"book_id": 1, "ask_id": 1})).json["errors"].keys() == {"ask_id"}
    assert len((await alice.get(url)).json["answers"]) == 1
    assert (await alice.delete(url)).status == 204
    assert (await alice.get(url)).status == 404
    assert (await inbox(alice))[0]["ask"] is None


async def test_a_block_hides_wishes_both_ways(alice: Browser, bob: Browser) -> None:
    await _ask(alice)
    await _ask(bob, "Something sad")
    await alice.put("/accounts/bob/block")
    for one in (alice, bob):
        assert [ask["is_mine"] for ask in (await one.get("/asks")).json["asks"]] == [True]
    hidden = await bob.get("/asks/1")
    absent = await bob.get("/asks/99")
    assert (hidden.status, hidden.json["detail"]) == (404, absent.json["detail"])
    assert (await bob.post("/suggestions", json={"book_id": 1, "ask_id": 1})).status == 422
    assert (await bob.get("/suggestions/new?ask=1")).json["ask"] is None


async def test_five_wishes_are_enough_at_once(alone: Browser) -> None:
    for number in range(5):
        await _ask(alone, f"Wish {number}")
    assert (await alone.post("/asks", json={"text": "One more"})).status == 409
    await alone.post("/asks/1/closing")
    await _ask(alone, "One more")
    first = (await alone.get("/asks?limit=4")).json
    assert (first["total"], len(first["asks"])) == (6, 4)
    assert [ask["id"] for ask in (await alone.get(first["next"])).json["asks"]] == [2, 1]


async def test_a_wish_needs_no_scripts(alone: Browser, bob_alone: Browser) -> None:
    empty = await alone.post("/asks", "page", data={"text": " "})
    assert (empty.status, "Please fill this in" in empty.text) == (422, True)
    asked = await alone.post("/asks", "page", data={"text": "With & without"})
    assert (asked.status, asked.headers["Location"]) == (303, "/asks/1")
    page = (await bob_alone.get("/asks", "page")).text
    assert "With &amp; without" in page
    assert 'href="/suggestions/new?ask=1"' in page
    found = (await bob_alone.get("/suggestions/new?ask=1&q=emma", "page")).text
    assert "/suggestions/new?to=alice&amp;ask=1&amp;book=1" in found
    form = (await bob_alone.get("/suggestions/new?to=alice&ask=1&book=1", "page")).text
    assert '<input type="hidden" name="ask_id" value="1">' in form
    for what in ("closing", "delete"):
        assert (await alone.post(f"/asks/1/{what}", "page")).status == 303


@pytest.mark.parametrize("form", list(FORMS))
async def test_a_wish_is_its_owners_to_end(alone: Browser, bob_alone: Browser, form: str) -> None:
    await _ask(alone)
    for what in ("closing", "delete"):
        assert (await bob_alone.post(f"/asks/1/{what}", form)).status == 404
    assert (await bob_alone.get("/asks/1", form)).status == 200


async def test_what_is_sent_is_sent_whole(alice: Browser, bob: Browser) -> None:
    await _ask(bob)
    await a_sent_book(alice, title="Persuasion")
    await suggested(alice, book_id=2, ask_id=1, reason="It has both")
    assert [(line["ask"]["id"], line["reason"]) for line in await sent(alice)] == [(1, "It has both")]
