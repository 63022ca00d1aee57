"""Changing what a person has to do with a book: shelf, rating, note, tags, who may see it.

The account's row is locked first and the book's next, always in this order: of two requests of one person the second
waits, and two people who rate one book never wait for each other crosswise.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import queries as accounts
from bookapp.books.queries import find_book
from bookapp.books.rating_actions import count_ratings
from bookapp.circles.visibility import EVERYONE, Visibility, stored
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.events import CATALOGUE, Changed, announce
from bookapp.core.text import name_key
from bookapp.shelves import rules
from bookapp.shelves.commands import EditEntry
from bookapp.shelves.entry_queries import NO_BOOK
from bookapp.shelves.models import Detail, Entry, EntryTag, Quote, Reading, Review, Shelf, ShelfBook
from bookapp.shelves.person_queries import find_choices
from bookapp.shelves.results import State
from bookapp.shelves.rules import KEEP, Choices, Keep

_LONGEST_KEY = 80


@dataclass(slots=True)
class Change:
    """An entry that is being changed, and what it was before."""

    entry: Entry
    choices: Choices
    before: tuple[object, ...]
    was_rated: int | None
    was_seen_by: int | None
    """None when there was nothing before."""
    counts: bool = True
    """Whether the person is here for others: only then their rating counts."""
    is_touched: bool = False
    """Say so when something changed that stands in another table: a tag, a review, a reading."""

    def seen_by(self, own: int | None = None) -> int:
        """Who sees something that hangs on the entry: what was chosen for it alone, else what holds for the entry."""
        of_entry = rules.effective(self.entry.visibility, self.entry.state, self.choices)
        return of_entry if own is None else own


async def hold(db: AsyncSession, actor: Actor) -> bool:
    """Let other changes of this person's books wait until this one is done, and say whether their ratings count.

    Raises NotFound when they are gone.
    """
    return await accounts.hold(db, actor, absent=NO_BOOK)


@asynccontextmanager
async def changing(db: AsyncSession, actor: Actor, book_id: int) -> AsyncIterator[Change]:
    """The person's entry for a book, made when there is none, locked; on leaving it is stored with all that follows.

    What hangs on an entry (reviews, readings, quotes) is added and deleted inside, too. An entry that says nothing any
    more, and on which nothing hangs, is deleted. Raises NotFound when there is no such book.
    """
    counts = await hold(db, actor)
    await find_book(db, book_id)
    change = await _open(db, actor, book_id)
    change.counts = counts
    yield change
    await _close(db, actor, change)


async def put_on_shelf(
    db: AsyncSession, actor: Actor, book_id: int, state: State, *, visibility: int | Keep | None = KEEP
) -> None:
    """Put a book on one of the four shelves; `reading`, `read` and `stopped` begin and end a reading today.

    `visibility` is who may see it, None for what the shelf says. Raises NotFound when there is no such book.
    """
    async with changing(db, actor, book_id) as change:
        if visibility is not KEEP:
            change.entry.visibility = visibility
        await _move(db, actor, change, state)


async def take_off_shelf(db: AsyncSession, actor: Actor, book_id: int) -> None:
    """Take a book off the four shelves; rating, notes and readings stay. Raises NotFound."""
    async with changing(db, actor, book_id) as change:
        await _move(db, actor, change, None)


async def rate_book(db: AsyncSession, actor: Actor, book_id: int, quarters: int) -> None:
    """Rate a book in quarter stars, 1 to 20; one that is on no shelf comes onto `read`. Raises NotFound."""
    async with changing(db, actor, book_id) as change:
        if change.entry.quarters != quarters:
            change.entry.quarters, change.entry.rated_at = quarters, clock.now()
        if change.entry.state is None:
            await _move(db, actor, change, "read")


async def unrate(db: AsyncSession, actor: Actor, book_id: int) -> None:
    """Take a rating back; the book stays on its shelf. Raises NotFound."""
    async with changing(db, actor, book_id) as change:
        change.entry.quarters = change.entry.rated_at = None


async def edit_entry(db: AsyncSession, actor: Actor, book_id: int, command: EditEntry) -> None:
    """Change note, tags, who may see it, and whether a copy is one's own, as far as given. Raises NotFound."""
    async with changing(db, actor, book_id) as change:
        if "note" in command:
            change.entry.note = command["note"]
        if "is_owned" in command:
            change.entry.is_owned = command["is_owned"]
        if "visibility" in command:
            change.entry.visibility = chosen(command["visibility"])
        if "tags" in command:
            change.is_touched |= await _set_tags(db, change.entry, command["tags"])


def chosen(word: Visibility | None) -> int | None:
    """How a choice of who may see something is stored."""
    return None if word is None else stored(word)


async def _open(db: AsyncSession, actor: Actor, book_id: int) -> Change:
    assert actor.id is not None
    own = (Entry.account_id == actor.id, Entry.book_id == book_id)
    entry = await db.scalar(select(Entry).where(*own).with_for_update().execution_options(populate_existing=True))
    choices = await find_choices(db, actor)
    if entry is not None:
        return Change(entry, choices, _facts(entry), entry.quarters, entry.seen_by)
    now = clock.now()
    made = Entry(
        account_id=actor.id,
        book_id=book_id,
        seen_by=rules.effective(None, None, choices),
        is_owned=False,
        added_at=now,
        state_at=now,
        version=0,
    )
    return Change(made, choices, _facts(made), None, None)


def _facts(entry: Entry) -> tuple[object, ...]:
    return entry.state, entry.quarters, entry.visibility, entry.is_owned, entry.note


async def _close(db: AsyncSession, actor: Actor, change: Change) -> None:
    """Store what changed, and what follows: who sees what hangs on it, what counts for everybody, the news."""
    entry = change.entry
    if _facts(entry) == change.before and not change.is_touched:
        return
    entry.seen_by = change.seen_by()
    entry.version += 1
    if change.was_seen_by is None:
        db.add(entry)
    await db.flush()
    is_empty = await _is_empty(db, entry)
    if is_empty:
        await db.delete(entry)
        await db.flush()
    elif change.was_seen_by != entry.seen_by:
        await _pass_on(db, entry)
    if is_empty and change.was_seen_by is None:
        return  # nothing was there, and nothing is
    await _tell(db, actor, change, None if is_empty else entry.seen_by)


async def _tell(db: AsyncSession, actor: Actor, change: Change, seen_by: int | None) -> None:
    assert actor.id is not None
    entry, people = change.entry, frozenset({actor.id})
    rated = entry.quarters if seen_by is not None else None
    before = change.was_rated if change.was_seen_by == EVERYONE and change.counts else None
    after = rated if seen_by == EVERYONE and change.counts else None
    await count_ratings(db, entry.book_id, (after or 0) - (before or 0), (after is not None) - (before is not None))
    announce(db, Changed("shelf-changed", people, about=entry.book_id))
    if rated != change.was_rated:
        announce(db, Changed("rating-changed", people, about=entry.book_id))
    if EVERYONE in (change.was_seen_by, seen_by):
        announce(db, CATALOGUE)


async def _pass_on(db: AsyncSession, entry: Entry) -> None:
    """Let those see a review and quotes who see the entry, unless they have a choice of their own."""
    for kind in (Review, Quote):
        await db.execute(
            update(kind)
            .where(kind.account_id == entry.account_id, kind.book_id == entry.book_id, kind.visibility.is_(None))
            .values(seen_by=entry.seen_by)
        )


async def _is_empty(db: AsyncSession, entry: Entry) -> bool:
    """Whether an entry says nothing, and nothing hangs on it."""
    # Who may see it is a choice that stays: a book taken off the shelf and put back must not be open to more people.
    if entry.state or entry.quarters or entry.note or entry.is_owned or entry.visibility is not None:
        return False
    hangs = [
        exists().where(kind.account_id == entry.account_id, kind.book_id == entry.book_id)
        for kind in (EntryTag, Review, Reading, Quote, Detail)
    ]
    stands = exists().where(
        ShelfBook.book_id == entry.book_id, ShelfBook.shelf_id == Shelf.id, Shelf.account_id == entry.account_id
    )
    return not await db.scalar(select(or_(stands, *hangs)))


async def _set_tags(db: AsyncSession, entry: Entry, tags: list[str]) -> bool:
    """Let an entry have these tags and no others; says whether that changed anything."""
    own = (EntryTag.account_id == entry.account_id, EntryTag.book_id == entry.book_id)
    wanted = {name_key(tag)[:_LONGEST_KEY]: tag for tag in tags}
    rows = await db.execute(select(EntryTag.name_key, EntryTag.name).where(*own))
    there = {row.name_key: row.name for row in rows}
    if wanted == there:
        return False
    await db.execute(delete(EntryTag).where(*own))
    if wanted:
        told = {"account_id": entry.account_id, "book_id": entry.book_id}
        await db.execute(insert(EntryTag), [told | {"name_key": key, "name": tag} for key, tag in wanted.items()])
    return True


async def _move(db: AsyncSession, actor: Actor, change: Change, state: State | None) -> None:
    """Let an entry stand on that shelf, or on none, and let the open reading follow."""
    entry = change.entry
    if entry.state == state:
        return
    entry.state, entry.state_at = state, clock.now()
    today = clock.now().astimezone(clock.zone_of(actor.zone)).date()
    reading = await db.scalar(
        select(Reading)
        .where(Reading.account_id == actor.id, Reading.book_id == entry.book_id, Reading.outcome == "reading")
        .order_by(Reading.id.desc())
        .limit(1)
        .with_for_update()
    )
    if state == "reading":
        if reading is None:
            db.add(
                Reading(
                    account_id=entry.account_id,
                    book_id=entry.book_id,
                    started_on=today,
                    started_as="day",
                    outcome="reading",
                    created_at=clock.now(),
                    version=1,
                )
            )
    elif reading is not None and state in ("read", "stopped"):
        reading.outcome = "finished" if state == "read" else "stopped"
        reading.finished_on, reading.finished_as = max(today, reading.started_on or today), "day"
        reading.version += 1
    elif reading is not None and _is_slip(reading, today):
        await db.delete(reading)
    await db.flush()


def _is_slip(reading: Reading, today: date) -> bool:
    """Whether a reading began today and holds nothing more: the book was put on the wrong shelf for a moment."""
    told = (reading.page, reading.percent, reading.note)
    return reading.started_on == today and reading.version == 1 and all(fact is None for fact in told)
