"""What other rooms do with recommendations: merging books, taking one's things along, counting for the frame."""

import io
import json
import zipfile

from bookapp.admin.actions import FOLLOWERS
from bookapp.books import merging
from bookapp.core.actor import OPERATOR
from bookapp.suggestions import merge_actions, queries
from bookapp.suggestions.rules import Standing as How
from bookapp.suggestions.rules import moved, names, refusal
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_sent_book
from tests.people import a_person
from tests.suggestions.sent import inbox, sent, suggested

ANY = {"If-Match": "*"}


async def test_a_recommendation_goes_along_when_two_books_become_one(alice: Browser, bob: Browser) -> None:
    await a_sent_book(alice, title="Emma, again")
    await a_sent_book(alice, title="Persuasion")
    await bob.put("/books/2/shelf", json={"shelf": "read"}, headers=ANY)
    await suggested(alice, book_id=2)
    await suggested(alice, book_id=3, because_id=2)
    db = alice.app.extensions["db"]
    assert merge_actions in FOLLOWERS
    async with db.writing() as session:
        merge = await merging.merge_books(session, OPERATOR, 2, 1, FOLLOWERS)
    assert [(line["book"]["id"], line["because"] and line["because"]["id"]) for line in await inbox(bob)] == [
        (3, 1),
        (1, None),
    ]
    async with db.writing() as session:
        await merging.undo_merge(session, OPERATOR, merge, FOLLOWERS)
    assert [(line["book"]["id"], line["because"] and line["because"]["id"]) for line in await sent(alice)] == [
        (3, 2),
        (2, None),
    ]


async def _archive(client: Browser) -> dict[str, list[dict[str, object]]]:
    answer = await client.get("/exports/account.zip")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        return {name: json.loads(archive.read(name)) for name in ("suggestions.json", "asks.json")}


async def test_bob_takes_along_what_he_got_but_not_what_was_kept_from_him(alice: Browser, bob: Browser) -> None:
    await suggested(alice, reason="Read it")
    await bob.delete("/suggestions/1")
    await bob.post("/asks", json={"text": "Something else"})
    await bob.put("/accounts/alice/block")
    await a_sent_book(alice, title="Persuasion")
    await suggested(alice, book_id=2)
    found = await _archive(bob)
    assert [(one["box"], one["with"], one["reason"]) for one in found["suggestions.json"]] == [
        ("inbox", "alice", "Read it")
    ]
    assert [one["text"] for one in found["asks.json"]] == ["Something else"]
    assert [(one["with"], one["book"]) for one in (await _archive(alice))["suggestions.json"]] == [
        ("bob", "Emma"),
        ("bob", "Persuasion"),
    ]


async def test_the_frame_counts_and_lists_what_is_new(app: Application, alice: Browser, bob: Browser) -> None:
    person = await a_person(app.extensions["db"], "charlie")
    await suggested(alice, ["bob", "charlie"])
    async with app.extensions["db"].reading() as session:
        assert await queries.count_inbox(session, person) == 1
        assert await queries.count_news(session, person) == 0
        assert [line.other for line in await queries.list_inbox(session, person, 5)] == ["alice"]
        rates = await queries.show_hit_rate(session, person, 1)
    assert (rates.received.of, rates.sent.of) == (0, 0)
    await bob.post("/suggestions/1/acceptance", json={})
    assert [line["is_new"] for line in await inbox(bob)] == [False]


def test_a_state_goes_on_and_never_back() -> None:
    assert moved("sent", "want") == "saved"
    assert moved("finished", "reading") == "finished"
    assert moved("reading", "stopped") == "reading"
    assert moved("declined", "read") == "declined"
    assert moved("seen", None) == "seen"


def test_several_people_stand_in_one_sentence() -> None:
    assert [names(people) for people in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_who_asked_is_sent_what_others_are_not() -> None:
    quiet = How(name="bob", welcome="nobody", trusts=True, is_blocked=False, has_open=False, waiting=0)
    assert refusal(quiet)
    assert refusal(quiet, asked=True) is None
