"""All that is a person's own, as a ZIP file that is made while it is sent."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import queries as accounts
from bookapp.advice import pair_queries as pairs
from bookapp.advice import queries as advice
from bookapp.books.recent import list_own
from bookapp.circles.queries import show_circle
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.lists import queries as lists
from bookapp.lists.results import TaskLine
from bookapp.recommender.page_queries import list_muted
from bookapp.shelves import keeping_queries as shelves
from bookapp.shelves import quote_queries as quotes
from bookapp.shelves import reading_queries as readings
from bookapp.shelves import review_queries as reviews
from bookapp.shelves.person_queries import show_settings
from bookapp.statistics.queries import list_goals
from bookapp.suggestions import ask_queries as asks
from bookapp.suggestions import own_queries as suggestions
from bookapp.suggestions.queries import show_choice

FORMAT, VERSION = "bookapp account", 1
STEP = 500
READ_ME = """This is what bookapp keeps of you.

account.json   your profile, who sees your books, your circle, your goals
tasks.json     your reading to-do list, done and open
shelves.json   the books on your shelves, with your stars, tags and notes
own_shelves.json  the shelves that you made
reviews.json   what you said about books
readings.json  when you read them, and how far you are
quotes.json    passages that you copied out of them
suggestions.json  what you and others recommended to each other
asks.json      what you asked for
advice.json    what you recommended to everybody: books, and books to try after others
changes.json   what you added to the catalogue and changed in it

Dates are ISO 8601. Your password and your keys are not here: of those only a digest is kept.
"""
_TASK = ("name", "note", "creation_date", "due_date", "completed", "completed_at", "book_id")
_SAID: dict[str, tuple[Callable[..., Awaitable[tuple[tuple[Any, ...], int | None]]], tuple[str, ...]]] = {
    "reviews.json": (reviews.list_own, ("text", "is_spoiler", "visibility", "created_at", "changed_at")),
    "readings.json": (
        readings.list_own, ("outcome", "started", "finished", "page", "percent", "progressed_at", "note"),
    ),
    "quotes.json": (quotes.list_own, ("text", "page", "visibility", "created_at")),
}  # fmt: skip
"""What a person said about a book, by its file: how it is asked for, and what is told of it."""
_SUGGESTION = ("reason", "state", "answer", "stars", "sent_at", "seen_at", "changed_at")


class _Sink(io.RawIOBase):
    """Takes what the ZIP file's writer has so far; it is taken out again before it becomes much."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Yes; and nothing else, so that no size is written afterwards."""
        return True

    def write(self, piece: Any) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


async def pieces(db: Database, actor: Actor) -> AsyncIterator[bytes]:
    """The file of `actor`, piece by piece, in steps, so that ten thousand tasks need no more memory than ten."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", READ_ME)
        async with db.reading() as session:
            account = await accounts.show_account(session, actor, actor.name)
            told = {"account": asdict(account)} | await _choices(session, actor)
        head = {"format": FORMAT, "version": VERSION, "exported_at": clock.now()}
        archive.writestr("account.json", _json(head | told))
        yield sink.take()
        for name, rows in (
            ("tasks.json", _tasks(db, actor)),
            ("shelves.json", _entries(db, actor)),
            ("own_shelves.json", _own_shelves(db, actor)),
            *((name, _said(db, actor, *told)) for name, told in _SAID.items()),
            ("suggestions.json", _suggestions(db, actor)),
            ("asks.json", _asks(db, actor)),
            ("advice.json", _advice(db, actor)),
            ("changes.json", _changes(db, actor)),
        ):
            info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as part:
                mark = "["
                async for row in rows:
                    part.write(f"{mark}\n{_json(row)}".encode())
                    mark = ","
                    if taken := sink.take():
                        yield taken
                part.write(b"[]\n" if mark == "[" else b"\n]\n")
            yield sink.take()
    yield sink.take()


async def _choices(db: AsyncSession, actor: Actor) -> dict[str, Any]:
    """What a person chose once for all, each little enough to be told at once."""
    circle = await show_circle(db, actor)
    return {
        "reading_settings": asdict(await show_settings(db, actor)),
        "recommendations_from": asdict(await show_choice(db, actor)),
        "trusted": [tie.person.name for tie in circle.trusted],
        "blocked": [tie.person.name for tie in circle.blocked],
        "muted": [{"kind": one.kind, "name": one.name} for one in await list_muted(db, actor)],
        "goals": await list_goals(db, actor),
    }


async def _tasks(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        # A session for each step: one long read would keep SQLite from emptying its log.
        async with db.reading() as session:
            tasks, after = await lists.list_own(session, actor, after, STEP)
        for task in tasks:
            yield _task(task)


def _task(task: TaskLine) -> dict[str, Any]:
    told = {name: getattr(task, name) for name in _TASK}
    return told | ({"book": task.book.title} if task.book else {})


async def _entries(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            entries, after = await shelves.list_own_entries(session, actor, after, STEP)
        for entry in entries:
            yield asdict(entry)


async def _own_shelves(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    async with db.reading() as session:
        own = await shelves.list_own_shelves(session, actor)
    for shelf in own:
        yield asdict(shelf)


async def _said(db: Database, actor: Actor, ask: Callable[..., Any], told: tuple[str, ...]) -> AsyncIterator[Any]:
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            found, after = await ask(session, actor, after, STEP)
        for one in found:
            yield {"book_id": one.book.id, "book": one.book.title} | {name: getattr(one, name) for name in told}


async def _suggestions(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            found, after = await suggestions.list_own(session, actor, after, STEP)
        for one in found:
            told = {"box": one.box, "with": one.other, "book_id": one.book.id, "book": one.book.title}
            told["because"] = one.because.title if one.because else None
            yield told | {name: getattr(one, name) for name in _SUGGESTION}


async def _asks(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            found, after = await asks.list_own(session, actor, after, STEP)
        for one in found:
            yield {"text": one.text, "created_at": one.created_at, "closed_at": one.closed_at}


async def _advice(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    for page_of in (advice.list_own_praise, pairs.list_own_voices):
        after: int | None = 0
        while after is not None:
            async with db.reading() as session:
                found = await page_of(session, actor, after, STEP)
            for one in found:
                yield {name: value for name, value in asdict(one).items() if name != "key" and value is not None}
            after = found[-1].key if len(found) == STEP else None


async def _changes(db: Database, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            changes, after = await list_own(session, actor, after, STEP)
        for change in changes:
            yield {"at": change.at, "what": change.what, "book_id": change.book_id, "title": change.title}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_date)


def _date(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
