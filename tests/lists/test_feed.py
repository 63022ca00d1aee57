"""The tasks as a calendar, read back by the library that calendars are read with."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from bookapp.books.results import BookName
from bookapp.lists import feed, rules
from bookapp.lists.results import FeedOwner, TaskLine

HOME = "https://books.example.org"
ALICE = FeedOwner(1, "alice", "Europe/Berlin", 1)
BERLIN = ZoneInfo("Europe/Berlin")
MADE = datetime(2026, 11, 1, 9, tzinfo=BERLIN)


def a_line(number: int = 1, **fields: Any) -> TaskLine:
    facts: dict[str, Any] = {
        "id": number,
        "name": "Read on",
        "note": None,
        "creation_date": MADE,
        "due_date": None,
        "completed": False,
        "completed_at": None,
        "book_id": None,
        "book": None,
        "is_overdue": False,
        "group": "none",
        "due_words": "",
        "due_exact": "",
        "due_typed": "",
        "url": rules.task_url("alice", number),
        "version": 1,
    }
    return TaskLine(**facts | fields)


def drawn(*tasks: TaskLine) -> Any:
    return Calendar.from_ical(feed.draw(ALICE, tasks, HOME))


def test_a_task_is_a_to_do() -> None:
    (todo,) = drawn(a_line(note="Slowly", book=BookName(7, "Emma", "/books/7"))).walk("VTODO")
    assert (todo["summary"], todo["description"], todo["status"]) == ("Read on (Emma)", "Slowly", "NEEDS-ACTION")
    assert todo["url"] == f"{HOME}/accounts/alice/tasks/1"
    assert todo.decoded("created") == MADE
    assert "due" not in todo


def test_what_is_due_is_an_event_too() -> None:
    whole = a_line(1, due_date=datetime(2026, 11, 20, 23, 59, 59, tzinfo=BERLIN))
    part = a_line(2, due_date=datetime(2026, 11, 20, 18, tzinfo=BERLIN))
    calendar = drawn(whole, part, a_line(3))
    assert [todo.decoded("due") for todo in calendar.walk("VTODO") if "due" in todo] == [
        datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 20, 17, tzinfo=UTC),
    ]
    assert [event.decoded("dtstart") for event in calendar.walk("VEVENT")] == [
        date(2026, 11, 20),
        datetime(2026, 11, 20, 17, tzinfo=UTC),
    ]
    ids = [part["uid"] for part in calendar.walk() if "uid" in part]
    assert len(set(ids)) == len(ids) == 5


def test_what_is_done_is_no_event() -> None:
    done = a_line(completed=True, completed_at=MADE, due_date=MADE)
    calendar = drawn(done)
    (todo,) = calendar.walk("VTODO")
    assert (todo["status"], todo["percent-complete"], todo.decoded("completed")) == ("COMPLETED", 100, MADE)
    assert not calendar.walk("VEVENT")


def test_what_people_type_stays_text() -> None:
    name = "Read; \\ then, rest\nBEGIN:VEVENT\r\nSUMMARY:forged" + "é" * 100
    raw = feed.draw(ALICE, [a_line(name=name)], HOME)
    (todo,) = Calendar.from_ical(raw).walk("VTODO")
    assert todo["summary"] == name.replace("\r\n", "\n")
    assert b"\nBEGIN:VEVENT" not in raw
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    raw.decode()


def test_the_same_tasks_are_the_same_calendar() -> None:
    tasks = [a_line(1), a_line(2, due_date=MADE)]
    assert feed.draw(ALICE, tasks, HOME) == feed.draw(ALICE, tasks, HOME)
    tag = feed.tag(ALICE, tasks, HOME)
    assert feed.tag(ALICE, tasks, HOME) == tag
    others = [
        feed.tag(ALICE, tasks[:1], HOME),
        feed.tag(ALICE, [tasks[0], replace(tasks[1], version=2)], HOME),
        feed.tag(ALICE, [tasks[0], replace(tasks[1], book=BookName(1, "Emma", "/books/1"))], HOME),
        feed.tag(replace(ALICE, zone="UTC"), tasks, HOME),
        feed.tag(ALICE, tasks, "http://elsewhere"),
    ]
    assert len({tag, *others}) == 6


def test_the_longest_list_is_drawn_in_time() -> None:
    tasks = [a_line(number, note="n" * 5000, due_date=MADE) for number in range(rules.MOST)]
    began = time.perf_counter()
    feed.draw(ALICE, tasks, HOME)
    assert time.perf_counter() - began < 15
