"""The calendar at its secret address, for whoever subscribes to it."""

from typing import Any

from icalendar import Calendar
from sqlalchemy import update

from bookapp.accounts.models import Account
from bookapp.core import clock
from tests.clients import FORMS, Browser
from tests.factories import a_sent_book
from tests.lists.sent import TASKS, a_sent_task
from tests.people import a_person

AWKWARD = "Read; \u201cEmma\u201d, slowly\\\nBEGIN:VEVENT \U0001f4da " + "\u00e4" * 120


async def the_feed(client: Browser) -> str:
    """The path of Alice's calendar."""
    address: str = (await client.get(TASKS)).json["feed_url"]
    return address.removeprefix("http://localhost")


async def test_the_calendar_has_a_secret_address(alice: Browser) -> None:
    await a_sent_book(alice)
    await a_sent_task(alice, due_date="2099-01-01", book_id=1)
    feed = (await alice.get(TASKS)).json["feed_url"]
    assert feed in (await alice.get(TASKS, "page")).text
    assert feed.startswith("http://localhost/feeds/alice/tasks.ics?key=")
    address = feed.removeprefix("http://localhost")
    anybody = Browser(alice.app)
    answer = await anybody.get(address)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar: Any = Calendar.from_ical(answer.body)
    assert [part["summary"] for part in calendar.walk("VTODO")] == ["Read on (Emma)"]
    assert len(calendar.walk("VEVENT")) == 1
    again = await anybody.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    await a_sent_task(alice)
    newer = await anybody.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert newer.status == 200
    assert newer.headers["Cache-Control"] == "private, no-cache"


async def test_a_renewed_address_ends_the_old_one(alone: Browser) -> None:
    old = (await alone.get(TASKS)).json["feed_url"].removeprefix("http://localhost")
    renewed = await alone.post("/accounts/alice/feed", "fragment")
    assert 'id="feed"' in renewed.text
    new = (await alone.post("/accounts/alice/feed")).json["feed_url"].removeprefix("http://localhost")
    assert (await alone.get(new)).status == 200
    bob = await a_person(alone.app.extensions["db"], "bob")
    wrong = [
        old,
        new[:-1],
        "/feeds/alice/tasks.ics",
        new.replace("key=1-", f"key={bob.id}-"),
        new.replace("key=1", "key="),
    ]
    told = {(answer.status, answer.json["detail"]) for answer in [await alone.get(address) for address in wrong]}
    assert {status for status, _ in told} == {404}
    assert len(told) == 1
    page = await alone.post("/accounts/alice/feed", "page")
    assert (page.status, page.headers["Location"]) == (303, TASKS)


async def test_the_calendar_keeps_to_rfc_5545(alice: Browser) -> None:
    await a_sent_task(alice, "Read; " + "\u00e4" * 150, note=AWKWARD, due_date="2099-01-01")
    await a_sent_task(alice, "At an hour", due_date="2099-01-01T18:00")
    await a_sent_task(alice, "Long done", completed=True)
    answer = await alice.get(await the_feed(alice))
    lines = answer.body.split(b"\r\n")
    assert b"\n" not in answer.body.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert (lines[0], lines[-2:]) == (b"BEGIN:VCALENDAR", [b"END:VCALENDAR", b""])
    assert b"DTSTART;VALUE=DATE:20990101" in lines
    assert b"DTSTART:20990101T170000Z" in lines
    calendar: Any = Calendar.from_ical(answer.body)
    assert (calendar["version"], bool(calendar["prodid"])) == ("2.0", True)
    parts = [*calendar.walk("VTODO"), *calendar.walk("VEVENT")]
    assert len(parts) == 5
    assert all(part["uid"] and part["dtstamp"] and part["summary"] for part in parts)
    assert len({part["uid"] for part in parts}) == 5
    assert [part["status"] for part in calendar.walk("VTODO")] == ["NEEDS-ACTION", "NEEDS-ACTION", "COMPLETED"]
    assert calendar.walk("VTODO")[1]["description"] == AWKWARD
    assert calendar.walk("VTODO")[1]["summary"] == "Read; " + "\u00e4" * 150
    assert not [error for part in parts for error in part.errors]


async def test_a_wrong_key_tells_nothing_about_anybody(alone: Browser) -> None:
    await a_sent_task(alone, "Secret plan")
    right = await the_feed(alone)
    guest = Browser(alone.app)
    for form in FORMS:
        wrong = await guest.get(right[:-2], form)
        nobody = await guest.get(right[:-2].replace("alice", "nobody"), form)
        assert wrong.status == nobody.status == 404
        assert wrong.headers["Cache-Control"] == "no-store"
        for private in ("Secret plan", "alice@", right[-20:-2]):
            assert private not in wrong.text.replace(right[:-2], "")
        told = [answer.text.replace(answer.headers["X-Request-Id"], "") for answer in (wrong, nobody)]
        assert told[0] == told[1].replace("nobody", "alice")


async def test_the_calendar_of_somebody_who_left_is_gone(alone: Browser) -> None:
    address = await the_feed(alone)
    guest = Browser(alone.app)
    assert (await guest.get(address)).status == 200
    async with alone.app.extensions["db"].writing() as session:
        await session.execute(update(Account).values(disabled_at=clock.now()))
    assert (await guest.get(address)).status == 404


async def test_the_calendar_sets_no_cookies_and_needs_none(alone: Browser) -> None:
    await a_sent_task(alone)
    answer = await Browser(alone.app).get(await the_feed(alone), "page")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert (await Browser(alone.app).ask("HEAD", await the_feed(alone))).status == 200
