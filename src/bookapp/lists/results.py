"""What the to-do list answers: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.books.results import BookName

Group = Literal["overdue", "today", "week", "later", "none", "done"]
Due = Literal["overdue", "today", "week", "none"]
Show = Literal["open", "done", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """A task in a list."""

    id: int
    name: str
    note: str | None
    creation_date: datetime
    due_date: datetime | None
    """In the person's time zone, as all dates here."""
    completed: bool
    completed_at: datetime | None
    book_id: int | None
    book: BookName | None
    is_overdue: bool
    group: Group
    """Where it stands now, by the calendar in the person's time zone."""
    due_words: str
    """When it is due, as people say it: "tomorrow at 18:00"; empty without a date."""
    due_exact: str
    """The date in full; empty without one."""
    due_typed: str
    """The date as a form takes it; empty without one."""
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPosted(TaskLine):
    """A task that was just added."""

    msg: Literal["posted"] = "posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskList:
    """One page of a person's tasks."""

    tasks: tuple[TaskLine, ...]
    next: str | None
    total: int
    show: Show
    due: Due | None
    q: str
    book: BookName | None
    """The book that the list was narrowed to: a task added here is about it."""
    url: str
    feed_url: str = ""
    """The secret address of these tasks as a calendar."""
    renewal_url: str = ""
    """A POST there gives the calendar another address."""


@dataclass(frozen=True, slots=True)
class FeedShown:
    """The secret address of a person's tasks as a calendar."""

    feed_url: str
    url: str
    """A POST there gives the calendar another address."""


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """Whose feed it is, and which of its addresses is the valid one."""

    id: int
    name: str
    zone: str
    number: int
