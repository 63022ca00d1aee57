"""Putting in what of an account's file is no book of the shelves. Repeating it doubles nothing.

What a person chose here stays: the file only says what nobody said here yet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.actions import edit_account
from bookapp.accounts.commands import EditAccount
from bookapp.accounts.models import Account
from bookapp.accounts.queries import show_account
from bookapp.accounts.rules import username_key
from bookapp.books.actions import set_cover
from bookapp.books.bulk import put_books
from bookapp.books.models import Book, BookSource
from bookapp.circles.actions import tie
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.errors import AppError, Conflict, Invalid, NoSpace, NotFound
from bookapp.core.place import word_of
from bookapp.core.sql import is_among
from bookapp.imports import rules
from bookapp.imports.formats import bookapp_zip
from bookapp.imports.formats.bookapp import NAME
from bookapp.imports.formats.bookapp_extras import BookKept, Extras, TaskKept
from bookapp.imports.known_queries import find_matches, find_memories
from bookapp.imports.matching import NEW, Match
from bookapp.imports.told import RowTold
from bookapp.lists.bulk_actions import put_tasks
from bookapp.lists.told import TaskTold
from bookapp.recommender.actions import mute, set_taste
from bookapp.recommender.commands import MuteThing
from bookapp.recommender.page_queries import find_taste
from bookapp.shelves.commands import AddShelf
from bookapp.shelves.models import Entry, Reader, Shelf
from bookapp.shelves.settings_actions import edit_settings
from bookapp.shelves.shelf_actions import add_shelf
from bookapp.shelves.told import EntryTold
from bookapp.statistics.actions import set_goal
from bookapp.statistics.commands import SetGoal
from bookapp.statistics.queries import list_goals
from bookapp.statistics.rules import MOST_BOOKS, is_year
from bookapp.suggestions.actions import choose
from bookapp.suggestions.models import SuggestionChoice

STEP = 100
Beat = Callable[[], Awaitable[None]]
_Act = Callable[[AsyncSession], Awaitable[Any]]


async def _nothing() -> None:
    """Nobody waits to hear that it goes on."""


async def put_choices(db: AsyncSession, actor: Actor, extras: Extras) -> None:
    """Let a person be seen as they were, where they have chosen nothing here yet, and make their own shelves.

    Comes before the books: none of them is to be seen meanwhile by more people than it was.
    """
    if extras.reading_settings and await db.get(Reader, actor.id) is None:
        settings = dict(extras.reading_settings)
        if await _has_shelved(db, actor):
            # What is here was put there for members, and no file shows it to everybody.
            settings = {name: word for name, word in settings.items() if word != "everyone"}
        await edit_settings(db, actor, settings)  # type: ignore[arg-type]  # made to fit
    if extras.welcome and await db.get(SuggestionChoice, actor.id) is None:
        await choose(db, actor, extras.welcome)  # type: ignore[arg-type]  # made to fit
    have = {name.casefold() for name in await db.scalars(select(Shelf.name).where(Shelf.account_id == actor.id))}
    for shelf in extras.shelves:
        if shelf.name.casefold() in have:
            continue
        try:
            visibility: Any = shelf.visibility
            slug = await add_shelf(db, actor, AddShelf(name=shelf.name, about=shelf.about, visibility=visibility))
        except Invalid:
            continue  # no more fit, or it is called as one of the four
        have.add(shelf.name.casefold())
        if shelf.created_at is not None:
            row = await db.scalar(select(Shelf).where(Shelf.account_id == actor.id, Shelf.slug == slug))
            assert row is not None
            row.created_at = min(shelf.created_at, clock.now())
            await db.flush()


async def _has_shelved(db: AsyncSession, actor: Actor) -> bool:
    entry = select(Entry.book_id).where(Entry.account_id == actor.id).limit(1)
    shelf = select(Shelf.id).where(Shelf.account_id == actor.id).limit(1)
    return await db.scalar(entry) is not None or await db.scalar(shelf) is not None


async def put_extras(
    database: Database, actor: Actor, extras: Extras, folder: Path | None = None, beat: Beat = _nothing
) -> list[str]:
    """Put in the rest, after the books: profile, goals, tasks, mutes, ties, and covers into `folder` where one lies.

    `beat` is awaited between the steps, each of which is one transaction. Returns sentences about what was not put in.
    Raises NotFound when the person is gone.
    """
    async with database.writing() as db:
        await put_choices(db, actor, extras)
        await _put_profile(db, actor, extras)
        await _put_goals(db, actor, extras.goals)
    await beat()
    async with database.writing() as db:
        wanted = {task.book for task in extras.tasks if task.book is not None}
        ids = await _find_or_make(db, actor, {n: extras.books[n] for n in wanted if n in extras.books})
        await put_tasks(db, actor, [_task(task, ids) for task in extras.tasks])
    await beat()
    for kind, name in extras.muted:
        command: Any = {"kind": kind, "name": name}
        await _try(database, lambda db, told=command: mute(db, actor, MuteThing(**told)))  # type: ignore[misc]
    remarks = await _put_ties(database, actor, extras)
    await beat()
    if folder is not None and extras.covers:
        await _put_covers(database, actor, extras, folder, beat)
    return remarks


async def _put_ties(database: Database, actor: Actor, extras: Extras) -> list[str]:
    """Trust and block people again who are the ones whom the file names, and say of whom that cannot be known."""
    names = dict.fromkeys((*extras.blocked, *extras.trusted))
    if not names:
        return []
    if extras.place != await word_of(database):
        return [rules.not_tied(names, rules.ELSEWHERE)]
    async with database.reading() as db:
        here = await _people_of(db, names, extras.exported_at)
    for people, what in ((extras.blocked, "block"), (extras.trusted, "trust")):
        for name in people:
            if username_key(name) in here:
                how: Any = what
                await _try(database, lambda db, who=name, how=how: tie(db, actor, who, how))  # type: ignore[misc]
    others = [name for name in names if username_key(name) not in here]
    return [rules.not_tied(others, rules.LATER)] if others else []


async def _people_of(db: AsyncSession, names: Iterable[str], at: datetime | None) -> frozenset[str]:
    """Those of the names that people had then who still have them: a name that is free may be somebody else's since."""
    if at is None:
        return frozenset()
    named = is_among(db, Account.username_key, map(username_key, names))
    return frozenset(await db.scalars(select(Account.username_key).where(named, Account.created_at <= at)))


async def _try(database: Database, act: _Act) -> None:
    """Do it, unless there is nobody or nothing of that name here, or something else is chosen already."""
    try:
        async with database.writing() as db:
            await act(db)
    except (Invalid, NotFound, Conflict):
        return


async def _put_profile(db: AsyncSession, actor: Actor, extras: Extras) -> None:
    shown = await show_account(db, actor, actor.name)
    if extras.about and not shown.about:
        await edit_account(db, actor, actor.name, EditAccount(about=extras.about), None)
    if extras.adventure and not await find_taste(db, actor):
        await set_taste(db, actor, extras.adventure)


async def _put_goals(db: AsyncSession, actor: Actor, goals: Mapping[int, int]) -> None:
    here = await list_goals(db, actor)
    for year, books in goals.items():
        if year not in here and is_year(year) and 1 <= books <= MOST_BOOKS:
            await set_goal(db, actor, year, SetGoal(books=books))


def _task(task: TaskKept, ids: Mapping[int, int]) -> TaskTold:
    return TaskTold(
        name=task.name,
        note=task.note,
        created_at=task.created_at or task.due or clock.now(),
        due=task.due,
        completed_at=task.completed_at,
        is_completed=task.is_completed,
        book_id=ids.get(task.book or 0),
    )


async def _find_or_make(db: AsyncSession, actor: Actor, books: Mapping[int, BookKept]) -> dict[int, int]:
    """The ids here of these books of the file, added where they are not here yet."""
    matches = await _find(db, actor, books)
    found = {number: match.book_id for number, match in matches.items() if match.book_id is not None}
    fresh = {number: books[number] for number, match in matches.items() if match == NEW}
    if not fresh:
        return found
    source = rules.source_of(NAME)
    keys = {number: rules.catalogue_key(NAME, actor.id or 0, book.key) for number, book in fresh.items()}
    await put_books(db, actor, source, [rules.book_record(keys[n], book.told) for n, book in fresh.items()])
    made = select(BookSource.key, BookSource.book_id).where(
        BookSource.source == source, BookSource.key.in_(keys.values())
    )
    ids = {row.key: row.book_id for row in await db.execute(made)}
    return found | {number: ids[key] for number, key in keys.items() if key in ids}


async def _find(db: AsyncSession, actor: Actor, books: Mapping[int, BookKept]) -> dict[int, Match]:
    rows = {n: RowTold(key=book.key, book=book.told, entry=EntryTold()) for n, book in books.items()}
    found: dict[int, Match] = {}
    numbers = sorted(rows)
    for start in range(0, len(numbers), STEP):
        step = {number: rows[number] for number in numbers[start : start + STEP]}
        before = await find_memories(db, actor, NAME, [row.key for row in step.values()])
        found |= await find_matches(db, actor, NAME, step, before)
    return found


async def _put_covers(database: Database, actor: Actor, extras: Extras, folder: Path, beat: Beat) -> None:
    numbers = sorted(extras.covers)
    for start in range(0, len(numbers), STEP):
        step = numbers[start : start + STEP]
        async with database.reading() as db:
            matches = await _find(db, actor, {number: extras.books[number] for number in step})
            ids = {n: match.book_id for n, match in matches.items() if match.book_id is not None}
            bare = set(await db.scalars(select(Book.id).where(Book.id.in_(ids.values()), Book.cover.is_(None))))
        await beat()
        for number in step:
            if ids.get(number) in bare:
                await _put_cover(database, actor, ids[number], extras, extras.covers[number], folder)
                bare.discard(ids[number])
                await beat()


async def _put_cover(database: Database, actor: Actor, book_id: int, extras: Extras, part: str, folder: Path) -> None:
    # Decoders of pictures are large: whoever puts no cover in does without them.
    from bookapp.books.storage import CoverStore

    picture = await asyncio.to_thread(_read, extras.path, part)
    if picture is None:
        return
    try:
        cover = await CoverStore(folder).keep(picture)
        async with database.writing() as db:
            if await db.scalar(select(Book.cover).where(Book.id == book_id)) is None:
                await set_cover(db, actor, book_id, cover, None)
    except (Invalid, NotFound):
        return  # no picture that we read, or the book is gone by now
    except NoSpace as error:
        raise AppError("The disk is nearly full, and so no more covers were put in.") from error


def _read(path: Path, part: str) -> bytes | None:
    with bookapp_zip.opened(path) as archive:
        return bookapp_zip.picture(archive, part)
