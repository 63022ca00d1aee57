"""A person's tasks as a calendar (RFC 5545)."""

import asyncio
import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

from icalendar import Calendar, Component, Event, Todo

from bookapp.core import clock
from bookapp.core.errors import Busy
from bookapp.lists import rules
from bookapp.lists.results import FeedOwner, TaskLine

_LONGEST_NOTE = 1000
"""Characters of a note that a calendar shows: folding a long one takes its time."""
IN_LINE, KEPT = 4, 16
"""Calendars that may wait to be drawn, and those that are kept."""
AGAIN = timedelta(hours=1)
"""How long a calendar should wait before it asks again."""


def tag(owner: FeedOwner, tasks: Iterable[TaskLine], home: str) -> str:
    """What changes whenever the calendar does, and takes far less to find out."""
    mark = hashlib.blake2b(f"{owner}{home}".encode(), digest_size=9)
    for task in tasks:
        mark.update(f"\n{task.id} {task.version} {task.book.title if task.book else ''}".encode())
    return mark.hexdigest()


class Calendars:
    """Draws calendars for one process: one at a time, and none twice in a row.

    Two thousand tasks take seconds to write down. Were a thread given to each request, whoever asks again and again
    would keep everybody else from theirs.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "calendars")
        self._waiting = 0
        self._drawn: dict[str, bytes] = {}

    async def draw(self, mark: str, owner: FeedOwner, tasks: Iterable[TaskLine], home: str) -> bytes:
        """The calendar that `mark`, its `tag`, stands for. Raises Busy when too many wait."""
        if mark not in self._drawn:
            if self._waiting >= IN_LINE:
                raise Busy("Too many calendars are being drawn just now.")
            self._waiting += 1
            work = self._thread.submit(draw, owner, tasks, home)
            work.add_done_callback(self._done)  # when the thread is free again, even if nobody waits any more
            drawn = await asyncio.wrap_future(work)
            while len(self._drawn) >= KEPT:
                self._drawn.pop(next(iter(self._drawn)))
            self._drawn[mark] = drawn
        return self._drawn[mark]

    def _done(self, _work: object) -> None:
        self._waiting -= 1


def draw(owner: FeedOwner, tasks: Iterable[TaskLine], home: str) -> bytes:
    """The calendar: each task as a to-do, and those to be done by a date as events too.

    Many calendars show events only. `home` is where the application is reached.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//bookapp//tasks//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Reading tasks of {owner.name}")
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("refresh-interval", AGAIN, parameters={"value": "DURATION"})
    place = hashlib.blake2b(home.encode(), digest_size=6).hexdigest()
    for task in tasks:
        calendar.add_component(_todo(task, home, place))
        if task.due_date and not task.completed:
            calendar.add_component(_event(task, home, place, owner.zone))
    return bytes(calendar.to_ical())


def _todo(task: TaskLine, home: str, place: str) -> Todo:
    todo = Todo()
    _tell(todo, task, home, f"task-{task.id}@{place}.bookapp")
    todo.add("created", task.creation_date.astimezone(UTC))
    todo.add("status", "COMPLETED" if task.completed else "NEEDS-ACTION")
    if task.note:
        todo.add("description", task.note[:_LONGEST_NOTE])
    if task.due_date:
        todo.add("due", task.due_date.astimezone(UTC))
    if task.completed_at:
        todo.add("completed", task.completed_at.astimezone(UTC))
        todo.add("percent-complete", 100)
    return todo


def _event(task: TaskLine, home: str, place: str, zone: str) -> Event:
    assert task.due_date is not None
    event = Event()
    _tell(event, task, home, f"task-{task.id}-due@{place}.bookapp")
    whole_day = rules.is_whole_day(task.due_date, clock.zone_of(zone))
    event.add("dtstart", task.due_date.date() if whole_day else task.due_date.astimezone(UTC))
    event.add("transp", "TRANSPARENT")
    return event


def _tell(component: Component, task: TaskLine, home: str, uid: str) -> None:
    component.add("uid", uid)
    # Not the present moment: the same tasks are the same calendar.
    component.add("dtstamp", (task.completed_at or task.creation_date).astimezone(UTC))
    component.add("sequence", task.version - 1)
    component.add("summary", f"{task.name} ({task.book.title})" if task.book else task.name)
    component.add("url", f"{home}{task.url}")
