"""The to-do list through HTTP: as a page, as a fragment, as JSON."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bookapp.core import clock
from tests.clients import FORMS, Browser
from tests.factories import a_sent_book
from tests.lists.sent import TASKS, a_sent_task
from tests.people import as_person, sign_in

NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)  # a Wednesday


async def test_a_task_has_the_shape_of_the_contract(alice: Browser) -> None:
    book = await a_sent_book(alice)
    sent = {"name": "Read on", "note": "Slowly", "due_date": "2027-03-31", "creation_date": "01/02/2026 10:00:00"}
    task = await a_sent_task(alice, **sent, completed=False, book_id=book["id"])
    told = {name: task[name] for name in (*sent, "msg", "id", "completed", "book_id", "book", "version")}
    assert told == {
        "msg": "posted",
        "id": 1,
        "name": "Read on",
        "note": "Slowly",
        "creation_date": "2026-02-01T10:00:00+01:00",
        "due_date": "2027-03-31T23:59:59+02:00",
        "completed": False,
        "book_id": 1,
        "book": {"id": 1, "title": "Emma", "url": "/books/1"},
        "version": 1,
    }
    shown = await alice.get(f"{TASKS}/1")
    assert shown.json == {name: value for name, value in task.items() if name != "msg"}
    assert shown.headers["ETag"].startswith('"1-')
    assert (await alice.get(TASKS)).json["tasks"] == [shown.json]


async def test_a_task_goes_through_its_life_by_json(alice: Browser) -> None:
    await a_sent_task(alice)
    first = f"{TASKS}/1"
    assert (await alice.ask("PATCH", first, json={"name": "Which"})).status == 428
    assert (await alice.ask("PATCH", first, json={"name": "Late", "version": 7})).status == 409
    assert (await alice.put(first, json={"name": "Read", "note": None}, headers={"If-Match": '"1-x"'})).json[
        "version"
    ] == 2
    late = await alice.put(first, json={"name": "Late"}, headers={"If-Match": '"1-x"'})
    assert (late.status, late.json["newer"]["name"]) == (412, "Read")
    done = await alice.post(f"{first}/completion")
    assert (done.status, done.json["completed"], done.json["group"]) == (200, True, "done")
    assert (await alice.get(TASKS)).json["tasks"] == []
    assert (await alice.get(f"{TASKS}?show=done")).json["total"] == 1
    assert (await alice.delete(f"{first}/completion")).json["completed"] is False
    assert (await alice.delete(first)).status == 204
    gone = await alice.get(first)
    assert (gone.status, gone.json["undo_url"]) == (404, f"{first}/restoration")
    assert (await alice.post(gone.json["undo_url"])).json["name"] == "Read"


async def test_a_task_goes_through_its_life_without_scripts(alone: Browser) -> None:
    posted = await alone.post(TASKS, "page", data={"name": "Read on", "due_date": "2020-01-01"})
    assert (posted.status, posted.headers["Location"]) == (303, f"{TASKS}/1")
    page = await alone.get(TASKS, "page")
    assert "Added Read on" in page.text
    assert "<h2>Overdue</h2>" in page.text
    for address, data, told in (
        ("edit", {"name": "Read more", "due_date": "2099-01-01 18:00", "note": "", "version": "1"}, "Saved Read more"),
        ("completion", {}, "Done: Read more"),
        ("completion/delete", {}, "To do again"),
        ("delete", {}, "Deleted Read more"),
        ("restoration", {}, "is back"),
    ):
        answer = await alone.post(f"{TASKS}/1/{address}", "page", data=data)
        assert (answer.status, answer.headers["Location"]) == (303, TASKS), address
        page = await alone.get(TASKS, "page")
        assert told in page.text, address
        undo = {"delete": f"{TASKS}/1/restoration", "completion": f"{TASKS}/1/completion/delete"}.get(address)
        assert (f'action="{undo}" data-undo' in page.text) == (undo is not None)
    assert "1 January 2099, 18:00" in page.text


async def test_one_click_ticks_off_the_row(alone: Browser) -> None:
    await a_sent_task(alone, due_date="2020-01-01")
    row = await alone.post(f"{TASKS}/1/completion", "fragment")
    assert row.status == 200
    assert row.text.lstrip().startswith('<li class="row task done" id="task-1">')
    assert 'aria-pressed="true"' in row.text
    assert f'hx-post="{TASKS}/1/completion/delete"' in row.text
    assert f'"undo": "{TASKS}/1/completion/delete"' in row.headers["HX-Trigger"]
    assert '"tasks-changed"' in row.headers["HX-Trigger"]


async def test_the_page_stands_in_groups(alone: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = await alone.get(TASKS, "page")
    assert "Nothing to do" in empty.text
    monkeypatch.setattr(clock, "now", lambda: NOON)
    for due in ("2026-11-17", "2026-11-18", "2026-11-19", "2026-12-24", None):
        await a_sent_task(alone, f"Due {due}", due_date=due)
    await a_sent_task(alone, "Long done", completed=True)
    page = (await alone.get(f"{TASKS}?show=all", "page")).text
    heads = ["Overdue", "Today", "This week", "Later", "No date", "Done"]
    places = [page.index(f"<h2>{head}</h2>") for head in heads]
    assert places == sorted(places)
    assert '<time datetime="2026-11-19T23:59:59+01:00">tomorrow' in page
    assert "5 tasks to do" in (await alone.get(TASKS, "page")).text


async def test_a_list_goes_on_where_it_says(alone: Browser) -> None:
    for number in range(5):
        await a_sent_task(alone, f"Task {number}", due_date="2099-01-01")
    first = await alone.get(f"{TASKS}?limit=2&due=&q=task")
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    second = await alone.get(first.json["next"])
    assert [task["name"] for task in second.json["tasks"]] == ["Task 2", "Task 3"]
    assert second.json["total"] == 5
    assert "Show 2 more tasks" in (await alone.get(f"{TASKS}?limit=2", "page")).text


async def test_a_task_begins_at_a_book(alone: Browser) -> None:
    await a_sent_book(alone, title="Emma & <b>Co</b>")
    page = (await alone.get(f"{TASKS}?book=1", "page")).text
    assert '<input type="hidden" name="book_id" value="1">' in page
    assert 'value="Read Emma &amp; &lt;b&gt;Co&lt;/b&gt;"' in page
    assert 'name="book_id"' not in (await alone.get(f"{TASKS}?book=2", "page")).text
    row = await alone.post(TASKS, "fragment", data={"name": "Read Emma", "book_id": "1", "due_date": ""})
    assert row.status == 201
    assert 'href="/books/1"' in row.text


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": ""}, {"name"}),
        ({}, {"name"}),
        ({"name": "x" * 201}, {"name"}),
        ({"name": "x", "note": "x" * 5001}, {"note"}),
        ({"name": "x", "due_date": "soon"}, {"due_date"}),
        ({"name": "x", "creation_date": "2026-13-01"}, {"creation_date"}),
        ({"name": "x", "completed": "perhaps"}, {"completed"}),
        ({"name": "x", "book_id": "7"}, {"book_id"}),
        ({"name": "x", "book_id": "Emma"}, {"book_id"}),
        ({"name": "x", "owner": "bob"}, {"owner"}),
    ],
)
async def test_a_wrong_form_comes_back_as_it_was_typed(alone: Browser, typed: dict[str, str], wrong: set[str]) -> None:
    json = await alone.post(TASKS, json=typed)
    assert (json.status, set(json.json["errors"])) == (422, wrong)
    for form in ("page", "fragment"):
        answer = await alone.post(TASKS, form, data=typed)
        assert answer.status == 422
        assert 'id="adding"' in answer.text
        assert ("<html" in answer.text) == (form == "page")
        assert f'value="{typed.get("name", "")}"' in answer.text
    await a_sent_task(alone)
    if "name" in typed:
        for form in ("page", "fragment"):
            answer = await alone.post(f"{TASKS}/1/edit", form, data=typed | {"version": "1"})
            assert (answer.status, 'class="editing' in answer.text) == (422, True)
    assert (await alone.get(f"{TASKS}/1")).json["version"] == 1


@pytest.mark.parametrize("query", ["show=some", "due=soon", "book=x", "limit=0", "limit=101", "cursor=bad", "book=0"])
async def test_a_strange_question_is_refused(alone: Browser, query: str) -> None:
    for form in FORMS:
        assert (await alone.get(f"{TASKS}?{query}", form)).status == 422


async def test_a_change_in_two_windows_shows_both(alone: Browser) -> None:
    await a_sent_task(alone)
    await alone.post(f"{TASKS}/1/edit", "page", data={"name": "Mine", "version": "1"})
    for form in ("page", "fragment"):
        answer = await alone.post(f"{TASKS}/1/edit", form, data={"name": "Also mine", "version": "1"})
        assert answer.status == 409
        assert 'id="conflict"' in answer.text
        assert "Also mine" in answer.text


ADDRESSES = [
    ("GET", "tasks"),
    ("POST", "tasks"),
    ("GET", "tasks/1"),
    ("GET", "tasks/1/edit"),
    ("PUT", "tasks/1"),
    ("PATCH", "tasks/1"),
    ("POST", "tasks/1/edit"),
    ("DELETE", "tasks/1"),
    ("POST", "tasks/1/delete"),
    ("POST", "tasks/1/restoration"),
    ("POST", "tasks/1/completion"),
    ("DELETE", "tasks/1/completion"),
    ("POST", "tasks/1/completion/delete"),
    ("POST", "feed"),
]


@pytest.mark.parametrize("form", list(FORMS))
async def test_charlie_and_dora_see_no_difference_between_alice_and_nobody(alone: Browser, form: str) -> None:
    await a_sent_task(alone)
    for name in ("charlie", "dora"):
        stranger = await as_person(alone.app, name)
        await stranger.get("/", "page")  # the greeting was read
        for method, address in ADDRESSES:
            takes = method != "GET" and address in ("tasks", "tasks/1", "tasks/1/edit") and method != "DELETE"
            body: dict[str, Any] = {"json": {"name": "Mine"}} if takes else {}
            told = []
            for whose in ("alice", "nobody"):
                answer = await stranger.ask(
                    method, f"/accounts/{whose}/{address}", form, headers={"If-Match": "*"}, **body
                )
                assert answer.status == 404, (method, address, answer.text)
                told.append(answer.text.replace(answer.headers["X-Request-Id"], "").replace(whose, ""))
            assert told[0] == told[1], (method, address)
    assert (await alone.get(f"{TASKS}/1")).json["version"] == 1


async def test_guests_are_asked_to_sign_in(alone: Browser) -> None:
    guest = Browser(alone.app)
    for method, address in ADDRESSES:
        assert (await guest.ask(method, f"/accounts/alice/{address}")).status == 401
    page = await guest.get(TASKS, "page")
    assert page.headers["Location"].startswith("/login?next=")


async def test_the_name_in_the_address_may_be_written_in_capitals(alone: Browser) -> None:
    await a_sent_task(alone)
    answer = await alone.get("/accounts/ALICE/tasks/1")
    assert (answer.status, answer.json["url"]) == (200, f"{TASKS}/1")


async def test_a_second_browser_sees_the_same_list(alone: Browser) -> None:
    await a_sent_task(alone)
    other = await sign_in(Browser(alone.app), "alice")
    assert (await other.get(TASKS)).json["total"] == 1
