"""What the start page shows."""

from dataclasses import dataclass

from bookapp.books.results import BookLine


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
