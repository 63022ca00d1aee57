"""What bob does with a recommendation, and what alice learns of it."""

import asyncio

import pytest
from sqlalchemy import delete, select

from bookapp.accounts.models import Account
from bookapp.suggestions.models import Suggestion
from tests.clients import FORMS, Browser
from tests.factories import a_sent_book
from tests.people import as_person
from tests.suggestions.sent import counts, inbox, sent, suggested

ANY = {"If-Match": "*"}


async def test_looking_alone_changes_nothing_but_saying_so_does(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    page = await bob.get("/suggestions", "page")
    assert 'action="/suggestions/seen"' in page.text
    assert 'hx-trigger="load"' in page.text
    found = (await bob.get("/suggestions")).json
    assert [line["state"] for line in await sent(alice)] == ["sent"]
    await a_sent_book(alice, title="Persuasion")
    await suggested(alice, book_id=2)
    seen = await bob.post(found["seen_url"], json={"box": "inbox", "until": found["until"]})
    assert (seen.status, seen.json) == (200, {"inbox": 1, "news": 0})
    assert [line["state"] for line in await sent(alice)] == ["sent", "seen"]
    without = await bob.post("/suggestions/seen", "page", data={"box": "inbox"})
    assert (without.status, without.headers["Location"]) == (303, "/suggestions")
    assert await counts(bob) == (0, 0)
    assert "/suggestions/seen" not in (await bob.get("/suggestions", "page")).text


@pytest.mark.parametrize(
    "until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00", "soon"]
)
async def test_a_moment_that_cannot_be_is_refused(alone: Browser, until: str) -> None:
    wrong = await alone.post("/suggestions/seen", json={"until": until})
    assert (wrong.status, list(wrong.json["errors"])) == (422, ["until"])


async def test_the_outcome_comes_back_to_alice(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    assert (await bob.post("/suggestions/1/acceptance", json={"as": "want"})).json["state"] == "saved"
    assert (await bob.get("/books/1/mine")).json["state"] == "want"
    assert await counts(alice) == (0, 1)
    await alice.post("/suggestions/seen", json={"box": "sent"})
    assert await counts(alice) == (0, 0)
    for shelf, state in (("reading", "reading"), ("read", "finished"), ("want", "finished")):
        await bob.put("/books/1/shelf", json={"shelf": shelf}, headers=ANY)
        assert [line["state"] for line in await sent(alice)] == [state]
    await bob.put("/books/1/rating", json={"stars": 4.5}, headers=ANY)
    (line,) = await sent(alice)
    assert (line["stars"], line["is_new"], line["hits"]) == (4.5, True, {"hits": 1, "of": 1})
    assert "bob has read it" in (await alice.get("/suggestions?box=sent", "page")).text
    assert (await inbox(bob))[0]["hits"] == {"hits": 1, "of": 1}


@pytest.mark.parametrize("how", ["choice", "entry"])
async def test_bob_need_not_tell_what_became_of_it(alice: Browser, bob: Browser, how: str) -> None:
    await suggested(alice)
    if how == "choice":
        await bob.put("/suggestions/choice", json={"tells_outcome": False})
    await bob.post("/suggestions/1/acceptance", json={})
    hidden = {"visibility": "me"} if how == "entry" else {}
    await bob.put("/books/1/shelf", json={"shelf": "read"} | hidden, headers=ANY)
    await bob.put("/books/1/rating", json={"stars": 1}, headers=ANY)
    (line,) = await sent(alice)
    assert (line["state"], line["stars"], line["hits"]) == ("saved", None, None)


async def test_that_bob_began_by_one_click_is_told_as_everything_else_is(alice: Browser, bob: Browser) -> None:
    await bob.put("/suggestions/choice", json={"tells_outcome": False})
    await suggested(alice)
    assert (await bob.post("/suggestions/1/acceptance", json={"as": "reading"})).status == 200
    assert [line["state"] for line in await sent(alice)] == ["saved"]


async def test_what_bob_read_before_is_no_hit(alice: Browser, bob: Browser) -> None:
    await bob.put("/books/1/rating", json={"stars": 5}, headers=ANY)
    await suggested(alice)
    await bob.ask("PATCH", "/books/1/mine", json={"note": "On the upper shelf", "tags": ["classics"]}, headers=ANY)
    (line,) = await sent(alice)
    assert (line["state"], line["stars"]) == ("sent", None)
    await bob.post("/suggestions/1/acceptance", json={"as": "want"})
    assert (await bob.get("/books/1/mine")).json["state"] == "read"


async def test_bob_may_take_it_as_a_task_with_a_date(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    wrong = await bob.post("/suggestions/1/acceptance", json={"as": "task", "due_date": "soon"})
    assert (wrong.status, list(wrong.json["errors"])) == (422, ["due_date"])
    taken = await bob.post("/suggestions/1/acceptance", json={"as": "task", "due_date": "2030-01-31"})
    assert taken.json["state"] == "saved"
    (task,) = (await bob.get("/accounts/bob/tasks")).json["tasks"]
    assert (task["name"], task["book_id"], task["due_typed"]) == ("Read Emma", 1, "2030-01-31")


async def test_two_clicks_at_once_make_one_task(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    taken = await asyncio.gather(*(bob.post("/suggestions/1/acceptance", json={"as": "task"}) for _ in range(4)))
    assert [one.status for one in taken] == [200] * 4
    assert len((await bob.get("/accounts/bob/tasks")).json["tasks"]) == 1


async def test_bob_declines_with_thanks_and_changes_his_mind(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    declined = await bob.post("/suggestions/1/decline", json={"answer": "No more balls"})
    assert (declined.json["state"], declined.json["answer"]) == ("declined", "No more balls")
    (line,) = await sent(alice)
    assert (line["state"], line["answer"], line["hits"]) == ("declined", "No more balls", {"hits": 0, "of": 1})
    assert (await bob.post("/suggestions/1/acceptance", json={"as": "reading"})).json["state"] == "reading"
    assert (await bob.post("/suggestions/1/thanks", json={"answer": "It is good after all"})).status == 200
    assert (await sent(alice))[0]["answer"] == "It is good after all"
    await bob.put("/books/1/shelf", json={"shelf": "read"}, headers=ANY)
    assert (await bob.post("/suggestions/1/decline", json={})).status == 409


async def test_it_all_works_without_scripts(alice: Browser, bob: Browser) -> None:
    await suggested(alice, reason="For <you>")
    page = (await bob.get("/suggestions", "page")).text
    assert "For &lt;you&gt;" in page
    for what, data, told in (
        ("thanks", {"answer": "Thank you"}, "Told alice"),
        ("acceptance", {"as": "task", "due_date": ""}, "Among your tasks: Emma"),
        ("acceptance", {"as": "want"}, "Saved Emma"),
        ("acceptance", {"as": "reading"}, "You are reading Emma"),
        ("decline", {"answer": ""}, "Declined with thanks"),
        ("delete", {}, "Out of your box"),
        ("restoration", {}, "Emma is back"),
    ):
        answer = await bob.post(f"/suggestions/1/{what}", "page", data=data)
        assert (answer.status, answer.headers["Location"]) == (303, "/suggestions"), what
        assert told in (await bob.get("/suggestions", "page")).text, what


async def test_one_click_redraws_the_line(alone: Browser, bob_alone: Browser) -> None:
    await suggested(alone)
    line = await bob_alone.post("/suggestions/1/acceptance", "fragment", data={"as": "want"})
    assert line.text.lstrip().startswith('<li class="row suggestion saved"')
    assert '"suggestions-changed"' in line.headers["HX-Trigger"]
    wrong = await bob_alone.post("/suggestions/1/thanks", "fragment", data={"answer": ""})
    assert (wrong.status, "Please fill this in" in wrong.text) == (422, True)
    badge = await alone.get("/suggestions/counts", "fragment")
    assert '<b class="badge">1</b>' in badge.text


async def test_each_empties_their_own_box(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    assert (await bob.delete("/suggestions/1")).status == 204
    assert await inbox(bob) == []
    assert (await bob.get("/suggestions/1")).status == 404
    assert len(await sent(alice)) == 1
    assert (await bob.post("/suggestions/1/restoration")).json["state"] == "seen"
    assert (await alice.delete("/suggestions/1")).status == 204
    assert (len(await sent(alice)), len(await inbox(bob))) == (0, 1)
    await bob.post("/suggestions/1/acceptance", json={})
    assert await counts(alice) == (0, 0)


ADDRESSES = [
    ("GET", ""), ("POST", "/acceptance"), ("POST", "/decline"), ("POST", "/thanks"), ("DELETE", ""),
    ("POST", "/delete"), ("POST", "/restoration"),
]  # fmt: skip


@pytest.mark.parametrize("form", list(FORMS))
async def test_strangers_see_no_difference_to_nothing(alone: Browser, bob_alone: Browser, form: str) -> None:
    await suggested(alone)
    for name in ("charlie", "dora"):
        stranger = await as_person(alone.app, name)
        await stranger.get("/", "page")
        for method, what in ADDRESSES:
            body = {"json": {"answer": "Mine"}} if what in ("/decline", "/thanks") else {}
            told = []
            for number in (1, 999):
                answer = await stranger.ask(method, f"/suggestions/{number}{what}", form, **body)
                body_text = answer.text.replace(f"/{number}", "/*")
                told.append((answer.status, [line for line in body_text.split("\n") if "request" not in line][:1]))
            assert told[0][0] == 404, (method, what)
            if form != "json":
                assert told[0] == told[1], (method, what)
    assert (await alone.post("/suggestions/1/acceptance", form)).status == 404  # it is not for the sender to take


async def test_the_box_goes_on_where_it_says(alone: Browser, bob_alone: Browser) -> None:
    for number in range(4):
        await a_sent_book(alone, title=f"Novel {number}")
    for number in range(1, 6):
        await suggested(alone, book_id=number)
    first = await bob_alone.get("/suggestions?limit=2")
    assert (first.json["total"], [line["id"] for line in first.json["suggestions"]]) == (5, [5, 4])
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    second = (await bob_alone.get(first.json["next"])).json
    assert [line["id"] for line in second["suggestions"]] == [3, 2]
    assert (await bob_alone.get("/suggestions?cursor=bad")).status == 422
    assert "Show 2 more recommendations" in (await bob_alone.get("/suggestions?limit=2", "page")).text


async def test_who_left_is_somebody_who_left(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    db = alice.app.extensions["db"]
    async with db.writing() as session:
        await session.execute(delete(Account).where(Account.username == "alice"))
    (got,) = await inbox(bob)
    assert (got["sender"], got["other"]) == (None, "somebody who left")
    assert (await bob.post("/suggestions/1/acceptance", json={})).json["state"] == "saved"
    async with db.reading() as session:
        assert await session.scalar(select(Suggestion.is_news)) is False


async def test_a_deleted_book_waits_until_it_is_back(alice: Browser, bob: Browser) -> None:
    await suggested(alice)
    await alice.delete("/books/1")
    assert (await inbox(bob), await counts(bob)) == ([], (0, 0))
    assert (await bob.post("/suggestions/1/acceptance", json={})).status == 404
    await alice.post("/books/1/restoration")
    assert len(await inbox(bob)) == 1


async def test_empty_boxes_teach(alone: Browser) -> None:
    assert "Ask for a book" in (await alone.get("/suggestions", "page")).text
    assert "make a link" in (await alone.get("/suggestions?box=sent", "page")).text
    assert "A wish takes one sentence" in (await alone.get("/asks", "page")).text
