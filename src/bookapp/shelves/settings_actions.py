"""Changing how a person wants to be seen as a reader, and with it who sees everything that has no own choice."""

from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.rating_actions import recount
from bookapp.circles.visibility import EVERYONE, stored
from bookapp.core.actor import Actor
from bookapp.core.events import CATALOGUE, Changed, announce
from bookapp.shelves import rules
from bookapp.shelves.commands import EditReadingSettings
from bookapp.shelves.entry_actions import chosen, hold
from bookapp.shelves.models import Entry, Quote, Reader, Review, Shelf
from bookapp.shelves.person_queries import choices_of
from bookapp.shelves.rules import Choices


async def edit_settings(db: AsyncSession, actor: Actor, command: EditReadingSettings) -> None:
    """Change what `command` holds; who sees books, reviews, quotes and shelves without an own choice follows at once.

    Raises NotFound when the person is gone.
    """
    assert actor.id is not None
    counts = await hold(db, actor)
    reader = await db.scalar(
        select(Reader).where(Reader.account_id == actor.id).execution_options(populate_existing=True)
    )
    before = choices_of(reader)
    if reader is None:
        reader = Reader(account_id=actor.id, visibility=before.default, is_counted=True)
        db.add(reader)
    if "visibility" in command:
        reader.visibility = stored(command["visibility"])
    for state in rules.STATES:
        if state in command:
            setattr(reader, state, chosen(command[state]))
    was_counted = reader.is_counted
    if "is_counted" in command:
        reader.is_counted = command["is_counted"]
    await db.flush()
    after = choices_of(reader)
    if after != before:
        await _show_anew(db, actor, after, counts=counts)
        announce(db, Changed("shelf-changed", frozenset({actor.id})))
    if reader.is_counted != was_counted:
        announce(db, Changed("rating-changed", frozenset({actor.id})))


async def _show_anew(db: AsyncSession, actor: Actor, choices: Choices, *, counts: bool) -> None:
    """Let those see each thing who should by now, in one statement for each kind of things."""
    entry_of = (Entry.account_id == actor.id, Entry.visibility.is_(None))
    now_seen_by = case(
        *((Entry.state == state, choices.of_shelf(state)) for state in rules.STATES), else_=choices.default
    )
    if counts:
        await recount(db, _rating_differences(entry_of, now_seen_by))
    public = or_(Entry.seen_by == EVERYONE, now_seen_by == EVERYONE)
    changed = (*entry_of, Entry.seen_by != now_seen_by)
    if await db.scalar(select(Entry.book_id).where(*changed, public).limit(1)) is not None:
        announce(db, CATALOGUE)
    await _set(db, Entry, changed, now_seen_by)
    default = literal(choices.default)
    await _set(db, Shelf, (Shelf.account_id == actor.id, Shelf.visibility.is_(None)), default)
    for kind in (Review, Quote):
        of_entry = (
            select(Entry.seen_by)
            .where(Entry.account_id == kind.account_id, Entry.book_id == kind.book_id)
            .correlate(kind)
            .scalar_subquery()
        )
        seen_by = func.coalesce(of_entry, default)
        theirs = (kind.account_id == actor.id, kind.visibility.is_(None), kind.seen_by != seen_by)
        public = or_(kind.seen_by == EVERYONE, seen_by == EVERYONE)
        if await db.scalar(select(kind.id).where(*theirs, public).limit(1)) is not None:
            announce(db, CATALOGUE)
        await _set(db, kind, theirs, seen_by)


def _rating_differences(entry_of: tuple[ColumnElement[bool], ...], now_seen_by: Any) -> Any:
    """For each rated book whether its rating begins (1) or ends (-1) to count for everybody, and so for its stars."""
    sign = case((now_seen_by == EVERYONE, 1), else_=-1)
    turns = (Entry.seen_by == EVERYONE) != (now_seen_by == EVERYONE)
    return select(Entry.book_id, sign.label("more"), (sign * Entry.quarters).label("quarters")).where(
        *entry_of, Entry.quarters.is_not(None), turns
    )


async def _set(db: AsyncSession, kind: Any, which: tuple[Any, ...], seen_by: Any) -> None:
    await db.execute(update(kind).where(*which).values(seen_by=seen_by).execution_options(synchronize_session=False))
