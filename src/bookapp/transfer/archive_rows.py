"""What stands in the parts of an account's file, row by row: a session for each step, since one long read would keep
SQLite from emptying its log.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.advice import pair_queries as pairs
from bookapp.advice import queries as advice
from bookapp.books import keeping_queries as catalogue
from bookapp.books.export import told
from bookapp.books.recent import list_own
from bookapp.circles.queries import show_circle
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.lists import queries as lists
from bookapp.recommender.page_queries import find_taste, list_muted
from bookapp.shelves import keeping_queries as shelves
from bookapp.shelves import quote_queries as quotes
from bookapp.shelves import reading_queries as readings
from bookapp.shelves import review_queries as reviews
from bookapp.shelves.person_queries import show_settings
from bookapp.statistics.queries import list_goals
from bookapp.suggestions import ask_queries as asks
from bookapp.suggestions import own_queries as suggestions
from bookapp.suggestions.queries import show_choice

STEP = 500
Rows = AsyncIterator[dict[str, Any]]
_Ask = Callable[[AsyncSession, Actor, int, int], Awaitable[tuple[tuple[Any, ...], int | None]]]
_TASK = ("name", "note", "creation_date", "due_date", "completed", "completed_at", "book_id")
_REVIEW = ("text", "is_spoiler", "visibility", "created_at", "changed_at")
_READING = ("outcome", "started", "finished", "page", "progressed_at", "note")
_QUOTE = ("text", "page", "visibility", "created_at")
_SUGGESTION = ("reason", "state", "answer", "stars", "sent_at", "seen_at", "changed_at")


def parts(db: Database, actor: Actor) -> dict[str, Rows]:
    """What a person has, by the names of the parts; but for the books that these name."""
    return {
        "tasks": _each(db, actor, lists.list_own, _task),
        "shelves": _each(db, actor, shelves.list_own_entries, asdict),
        "own_shelves": _own_shelves(db, actor),
        "reviews": _each(db, actor, reviews.list_own, lambda one: _of_book(one, _REVIEW)),
        "readings": _each(db, actor, readings.list_own, _reading),
        "quotes": _each(db, actor, quotes.list_own, lambda one: _of_book(one, _QUOTE)),
        "suggestions": _each(db, actor, suggestions.list_own, _suggestion),
        "asks": _each(db, actor, asks.list_own, lambda one: _of(one, ("text", "created_at", "closed_at"))),
        "advice": _advice(db, actor),
        "changes": _each(db, actor, list_own, lambda one: _of(one, ("at", "what", "book_id", "title"))),
    }


async def books(db: Database, ids: Iterable[int], covers: dict[str, str]) -> Rows:
    """All that is known of these books. Notes in `covers` where each cover's picture is to stand, by its hash."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), STEP):
        async with db.reading() as session:
            found = await catalogue.list_kept(session, ordered[start : start + STEP])
        for book in found.values():
            if book.cover is None:
                yield told(book)
            else:
                yield told(book) | {"cover": covers.setdefault(book.cover, f"covers/{book.id}.webp")}


async def choices(db: AsyncSession, actor: Actor) -> dict[str, Any]:
    """What a person chose once for all, each little enough to be told at once."""
    circle = await show_circle(db, actor)
    return {
        "reading_settings": asdict(await show_settings(db, actor)),
        "recommendations_from": asdict(await show_choice(db, actor)),
        "trusted": [tie.person.name for tie in circle.trusted],
        "blocked": [tie.person.name for tie in circle.blocked],
        "muted": [{"kind": one.kind, "name": one.name} for one in await list_muted(db, actor)],
        "adventure": await find_taste(db, actor),
        "goals": await list_goals(db, actor),
    }


def books_of(row: dict[str, Any]) -> set[int]:
    """The books that a row names."""
    return {row[name] for name in ("book_id", "other_id", "because_id") if row.get(name) is not None}


async def _each(db: Database, actor: Actor, ask: _Ask, row_of: Callable[[Any], dict[str, Any]]) -> Rows:
    after: int | None = 0
    while after is not None:
        async with db.reading() as session:
            found, after = await ask(session, actor, after, STEP)
        for one in found:
            yield row_of(one)


def _of(one: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}


def _of_book(one: Any, names: Iterable[str]) -> dict[str, Any]:
    return {"book_id": one.book.id, "book": one.book.title} | _of(one, names)


def _task(one: Any) -> dict[str, Any]:
    return _of(one, _TASK) | ({"book": one.book.title} if one.book else {})


def _reading(one: Any) -> dict[str, Any]:
    # With a page, the percent was only counted from it.
    return _of_book(one, _READING) | {"percent": one.percent if one.page is None else None}


def _suggestion(one: Any) -> dict[str, Any]:
    because = {"because": one.because.title, "because_id": one.because.id} if one.because else {"because": None}
    return {"box": one.box, "with": one.other} | because | _of_book(one, _SUGGESTION)


async def _own_shelves(db: Database, actor: Actor) -> Rows:
    async with db.reading() as session:
        own = await shelves.list_own_shelves(session, actor)
    for shelf in own:
        yield asdict(shelf)


async def _advice(db: Database, actor: Actor) -> Rows:
    for page_of in (advice.list_own_praise, pairs.list_own_voices):
        after: int | None = 0
        while after is not None:
            async with db.reading() as session:
                found = await page_of(session, actor, after, STEP)
            for one in found:
                yield {name: value for name, value in asdict(one).items() if name != "key" and value is not None}
            after = found[-1].key if len(found) == STEP else None
