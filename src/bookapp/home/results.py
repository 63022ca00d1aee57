"""What the start page and the dashboard show."""

from dataclasses import dataclass

from bookapp.books.recent import RecentChange
from bookapp.books.results import BookLine
from bookapp.lists.results import TaskLine


@dataclass(frozen=True, slots=True)
class RouteLine:
    """One address of this instance, for a client that looks around."""

    path: str
    methods: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The start page; for a JSON client above all the list of routes."""

    name: str
    version: str
    routes: tuple[RouteLine, ...]
    total: int
    recommended: tuple[BookLine, ...]
    newest: tuple[BookLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """What concerns a person today."""

    welcome: str
    username: str
    reading: tuple[BookLine, ...]
    """The books that open tasks are about."""
    due: tuple[TaskLine, ...]
    """What is overdue and what falls due within a week, the first few."""
    overdue: int
    """How many tasks are overdue in all."""
    changes: tuple[RecentChange, ...]
