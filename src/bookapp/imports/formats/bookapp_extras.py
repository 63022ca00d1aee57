"""What of an account's file is about no book of the shelves: tasks, goals, settings, people, and the covers.

What a person said to others (wishes, recommendations, advice) was said there: it is not said again to others here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bookapp.imports.formats import bookapp_zip, values
from bookapp.imports.formats.bookapp import book_told
from bookapp.imports.formats.bookapp_values import Fields
from bookapp.imports.told import BookTold

MOST_TASKS, MOST_NAMES, MOST_COVERS = 2_000, 1_000, 20_000
"""So many of each are looked at: more than any place lets somebody have."""
MOST_SIGNS = 16_000_000
"""Characters of books that are held at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfKept:
    """A shelf of a person's own."""

    name: str
    about: str | None
    visibility: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskKept:
    """A task; `book` is the number that the file has for the book that it is about."""

    name: str
    note: str | None
    created_at: datetime | None
    due: datetime | None
    completed_at: datetime | None
    is_completed: bool
    book: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookKept:
    """A book that a task or a cover is about."""

    key: str
    told: BookTold


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """All of that. What the file does not tell is None or empty."""

    path: Path
    place: str = ""
    """The word of the place that the file is from (`core.place`)."""
    exported_at: datetime | None = None
    about: str | None = None
    reading_settings: Mapping[str, Any] = field(default_factory=dict)
    welcome: Mapping[str, Any] = field(default_factory=dict)
    adventure: int | None = None
    goals: Mapping[int, int] = field(default_factory=dict)
    muted: tuple[tuple[str, str], ...] = ()
    """Kind and name."""
    trusted: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    shelves: tuple[ShelfKept, ...] = ()
    tasks: tuple[TaskKept, ...] = ()
    books: Mapping[int, BookKept] = field(default_factory=dict)
    """By the numbers that the file has for them."""
    covers: Mapping[int, str] = field(default_factory=dict)
    """The parts that hold the covers, by the numbers of the books."""


def extras(path: Path) -> Extras:
    """What is no record in the account's file at `path`. Raises BadArchive."""
    with bookapp_zip.opened(path) as archive:
        head = Fields(bookapp_zip.head(archive))

        def fields(part: str, most: int) -> Iterator[Fields]:
            for count, row in enumerate(bookapp_zip.rows(archive, f"{part}.json")):
                if count >= most:
                    return
                yield Fields(row)

        tasks = tuple(task for one in fields("tasks", MOST_TASKS) if (task := _task(one)))
        shelves = tuple(shelf for one in fields("own_shelves", MOST_NAMES) if (shelf := _shelf(one)))
        named = {task.book for task in tasks}
        books, covers = _books(archive, named)
    return Extras(
        path=path,
        place=head.line("place", 32),
        exported_at=_moment(head, "exported_at"),
        about=head.inner("account").text("about", 1000) or None,
        reading_settings=_settings(head.inner("reading_settings")),
        welcome=_welcome(head.inner("recommendations_from")),
        adventure=head.integer("adventure", -1, 1),
        goals=_goals(head.row.get("goals")),
        muted=tuple(
            (kind, name)
            for one in head.rows("muted")[:MOST_NAMES]
            if (kind := one.one_of("kind", ("author", "subject"))) and (name := one.line("name", 200))
        ),
        trusted=tuple(head.texts("trusted")),
        blocked=tuple(head.texts("blocked")),
        shelves=shelves,
        tasks=tasks,
        books=books,
        covers=covers,
    )


def _books(archive: Any, named: set[int | None]) -> tuple[dict[int, BookKept], dict[int, str]]:
    """The books that are named, and those that have a cover."""
    parts = frozenset(archive.namelist())
    books: dict[int, BookKept] = {}
    covers: dict[int, str] = {}
    signs = 0
    for row in bookapp_zip.rows(archive, "books.json"):
        fields = Fields(row)
        number, cover = fields.integer("id", 1, 2**63 - 1), fields.line("cover", 100)
        has_cover = cover in parts and cover.startswith("covers/") and len(covers) < MOST_COVERS
        if number is None or not (number in named or has_cover):
            continue
        told = book_told(fields)
        if number not in named:
            told = replace(told, description=None, subjects=())  # its cover needs no more than to find it here
        signs += len(repr(told))
        if signs > MOST_SIGNS:
            break
        if told.title:
            key = fields.line("key", 60) or values.row_key(told.title, *told.authors[:1])
            books[number] = BookKept(key=key, told=told)
            if has_cover:
                covers[number] = cover
    return books, covers


def _task(row: Fields) -> TaskKept | None:
    name = row.line("name", 200)
    if not name:
        return None
    return TaskKept(
        name=name,
        note=row.text("note", 5000) or None,
        created_at=_moment(row, "creation_date"),
        due=_moment(row, "due_date"),
        completed_at=_moment(row, "completed_at"),
        is_completed=row.row.get("completed") is True,
        book=row.integer("book_id", 1, 2**63 - 1),
    )


def _shelf(row: Fields) -> ShelfKept | None:
    name = row.line("name", 60)
    if not name:
        return None
    return ShelfKept(
        name=name,
        about=row.text("about", 2000) or None,
        visibility=row.one_of("visibility", ("me", "members", "everyone")),
        created_at=_moment(row, "created_at"),
    )


def _settings(row: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("visibility", "want", "reading", "read", "stopped"):
        word = row.one_of(name, ("me", "members", "everyone"))
        if word is not None:
            found[name] = word
    if isinstance(row.row.get("is_counted"), bool):
        found["is_counted"] = row.row["is_counted"]
    return found


def _welcome(row: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if word := row.one_of("welcome", ("members", "trusted", "nobody")):
        found["welcome"] = word
    if isinstance(row.row.get("tells_outcome"), bool):
        found["tells_outcome"] = row.row["tells_outcome"]
    return found


def _goals(value: object) -> dict[int, int]:
    pairs = list(value.items())[:200] if isinstance(value, dict) else []
    return {
        int(year): books
        for year, books in pairs
        if isinstance(year, str) and year.isascii() and year.isdigit() and len(year) == 4 and type(books) is int
    }


def _moment(row: Fields, name: str) -> datetime | None:
    """A moment in UTC: tasks may be due in years in which nobody has read yet."""
    value = row.row.get(name)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 40 else None
        return None if found is None or found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
