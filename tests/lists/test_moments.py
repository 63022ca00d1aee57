"""When something is due, told and asked through HTTP: on the clock of the person who asks."""

from datetime import UTC, datetime

import pytest

from bookapp.core import clock
from tests.clients import Browser
from tests.factories import a_sent_book
from tests.lists.sent import TASKS, a_sent_task
from tests.people import as_person

NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)  # a Wednesday
ONE = f"{TASKS}/1"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2027-03-31", "2027-03-31T23:59:59+02:00"),
        ("2027-03-31T18:00", "2027-03-31T18:00:00+02:00"),
        ("2027-03-31 18:00", "2027-03-31T18:00:00+02:00"),
        ("2027-01-31T18:00:00Z", "2027-01-31T19:00:00+01:00"),
        ("2027-01-31T18:00:00-05:00", "2027-02-01T00:00:00+01:00"),
        ("31/03/2027 18:30:05", "2027-03-31T18:30:05+02:00"),
        ("1/3/2027 8:05:00", "2027-03-01T08:05:00+01:00"),
    ],
)
async def test_a_date_is_taken_as_it_is_written(alice: Browser, typed: str, meant: str) -> None:
    assert (await a_sent_task(alice, due_date=typed))["due_date"] == meant
    posted = await alice.post(TASKS, "fragment", data={"name": "By a form", "due_date": typed})
    assert (posted.status, f'datetime="{meant}"' in posted.text) == (201, True)
    again = await alice.put(ONE, json={"due_date": typed, "version": 1})
    assert (again.status, again.json["due_date"]) == (200, meant)
    gone = await alice.put(ONE, json={"due_date": None, "version": again.json["version"]})
    assert (gone.json["due_date"], gone.json["group"]) == (None, "none")


@pytest.mark.parametrize("typed", ["03/31/2027 18:00:00", "31.03.2027", "31/03/2027", "soon", "0001-01-01", "20270331"])
async def test_what_is_no_date_is_told_beside_it(alice: Browser, typed: str) -> None:
    json = await alice.post(TASKS, json={"name": "Read on", "due_date": typed})
    assert (json.status, list(json.json["errors"])) == (422, ["due_date"])
    form = await alice.post(TASKS, "fragment", data={"name": "Read on", "due_date": typed})
    assert (form.status, 'id="due_date-error"' in form.text) == (422, True)
    assert (await alice.get(TASKS)).json["total"] == 0


async def test_today_is_the_day_on_the_wall_of_who_asks(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = await as_person(alice.app, "bob", zone="Pacific/Auckland")  # where it is Thursday already
    charlie = await as_person(alice.app, "charlie", zone="America/New_York")
    monkeypatch.setattr(clock, "now", lambda: NOON)
    homes = {"alice": alice, "bob": bob, "charlie": charlie}
    for name, client in homes.items():
        for due in ("2026-11-18T10:00Z", "2026-11-18T23:30Z", "2026-11-22T23:30Z"):
            await a_sent_task(client, due, f"/accounts/{name}/tasks", due_date=due)
        await a_sent_task(client, "Some day", f"/accounts/{name}/tasks")

    async def groups(name: str) -> list[str]:
        return [task["group"] for task in (await homes[name].get(f"/accounts/{name}/tasks")).json["tasks"]]

    assert await groups("alice") == ["overdue", "week", "later", "none"]
    assert await groups("bob") == ["overdue", "today", "later", "none"]
    assert await groups("charlie") == ["overdue", "today", "week", "none"]
    for name, counts in {"alice": (1, 1, 2, 1), "bob": (1, 1, 2, 1), "charlie": (1, 2, 3, 1)}.items():
        asked = [await homes[name].get(f"/accounts/{name}/tasks?due={due}") for due in DUE]
        assert tuple(answer.json["total"] for answer in asked) == counts, name


DUE = ("overdue", "today", "week", "none")


async def test_who_moves_takes_the_tasks_along(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    await a_sent_task(alice, due_date="2026-11-18T23:30Z")
    assert (await alice.get(ONE)).json["due_words"] == "tomorrow at 00:30"
    moved = await alice.ask("PATCH", "/accounts/alice", json={"time_zone": "America/New_York", "version": 1})
    assert moved.status == 200
    task = (await alice.get(ONE)).json
    assert (task["due_date"], task["due_words"], task["group"]) == (
        "2026-11-18T18:30:00-05:00",
        "today at 18:30",
        "today",
    )
    assert "today at 18:30" in (await alice.get("/dashboard", "page")).text


async def test_what_is_overdue_is_told_first(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    await a_sent_book(alice)
    for due in ("2026-11-20", "2026-11-01", None):
        await a_sent_task(alice, f"Due {due}", due_date=due, book_id=1)
    seen = (await alice.get("/dashboard")).json
    assert (seen["overdue"], [task["name"] for task in seen["due"]]) == (1, ["Due 2026-11-01", "Due 2026-11-20"])
    page = (await alice.get("/dashboard", "page")).text
    assert "One task is overdue." in page
    assert '<li class="row task late"' in page


async def test_bob_cannot_touch_what_alice_wrote(alice: Browser) -> None:
    await a_sent_task(alice)
    bob = await as_person(alice.app, "bob")
    for address in (ONE, "/accounts/bob/tasks/1"):
        assert (await bob.get(address)).status == 404
        assert (await bob.put(address, json={"name": "Mine", "version": 1})).status == 404
        assert (await bob.post(f"{address}/completion")).status == 404
        assert (await bob.delete(address)).status == 404
    assert (await alice.get(ONE)).json["version"] == 1
    assert (await bob.get("/accounts/bob/tasks")).json["tasks"] == []
