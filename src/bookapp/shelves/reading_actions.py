"""Writing down who read a book when. Of each book one reading may go on; the shelf follows what is said of it."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.core.events import Changed, announce
from bookapp.shelves import reading_rules as rules
from bookapp.shelves.entry_actions import changing, hold, put_on_shelf
from bookapp.shelves.models import Reading
from bookapp.shelves.reading_commands import AddReading, EditReading, NoteProgress
from bookapp.shelves.reading_queries import NOT_NOW, count_readings, find_open, find_reading, show_reading
from bookapp.shelves.reading_results import Outcome
from bookapp.shelves.results import State

_SHELVES: dict[Outcome, State] = {"reading": "reading", "finished": "read", "stopped": "stopped"}
_ALREADY = "You are reading it already: finish or stop that reading first"


async def add_reading(db: AsyncSession, actor: Actor, book_id: int, command: AddReading) -> int:
    """Write down that a book was read, or is being read now; returns the reading's id.

    Raises NotFound for an unknown book, and Invalid for dates to come, a second reading at once, or a page too far.
    """
    outcome = command.outcome or ("finished" if command.finished else "reading")
    _check_dates(actor, command.started, command.finished, outcome)
    async with changing(db, actor, book_id) as change:
        change.is_touched = change.was_seen_by is None
        going = await find_open(db, actor, book_id)
        if outcome == "reading" and going is not None:
            raise Invalid({"outcome": [_ALREADY]})
        if await count_readings(db, actor, book_id) >= rules.MOST:
            raise Invalid({"started": [f"You have read it {rules.MOST} times, and more do not fit"]})
        reading = Reading(
            account_id=actor.id, book_id=book_id, outcome=outcome, note=command.note, created_at=clock.now(), version=1
        )
        _set_dates(reading, command.started, command.finished)
        await _set_progress(db, reading, command.progress)
        db.add(reading)
        await db.flush()
    if going is None:
        await _follow(db, actor, reading)
    _announce(db, actor, book_id)
    return reading.id


async def edit_reading(
    db: AsyncSession, actor: Actor, book_id: int, reading_id: int, command: EditReading, version: int | None
) -> None:
    """Change what `command` holds; `version` is the one that was read, None for whichever is there.

    Raises NotFound, Conflict with the newer reading when it is no longer `version`, Invalid as `add_reading` does.
    """
    await show_reading(db, actor, book_id, reading_id)  # what is not there is not there, whatever the book
    async with changing(db, actor, book_id):
        reading = await find_reading(db, actor, book_id, reading_id)
        await _check_version(db, actor, reading, version)
        before = reading.outcome
        await _set_course(db, actor, reading, command)
        if "progress" in command:
            await _set_progress(db, reading, command["progress"])
        if "note" in command:
            reading.note = command["note"]
        await _store(db, actor, reading)
    if reading.outcome != before:
        await _follow(db, actor, reading)


async def note_progress(db: AsyncSession, actor: Actor, book_id: int, command: NoteProgress) -> int:
    """Say how far one is in the book that one reads; returns the reading's id.

    Raises NotFound for a book that is not being read, and Invalid for a page too far.
    """
    await hold(db, actor)
    reading = await find_open(db, actor, book_id)
    if reading is None:
        raise NotFound(NOT_NOW)
    await _set_progress(db, reading, command.progress)
    await _store(db, actor, reading)
    return reading.id


async def remove_reading(db: AsyncSession, actor: Actor, book_id: int, reading_id: int, version: int | None) -> None:
    """Forget one time that a book was read; it stays on its shelf.

    Raises NotFound, and Conflict with the newer reading when it is no longer `version`.
    """
    await show_reading(db, actor, book_id, reading_id)
    async with changing(db, actor, book_id) as change:
        reading = await find_reading(db, actor, book_id, reading_id)
        await _check_version(db, actor, reading, version)
        change.is_touched = True  # an entry on which nothing else hangs goes with it
        await db.delete(reading)
        await db.flush()
        _announce(db, actor, book_id)


async def _follow(db: AsyncSession, actor: Actor, reading: Reading) -> None:
    """Let the book stand where the reading says; the reading itself is as it should be already."""
    outcome: Outcome = reading.outcome  # type: ignore[assignment]  # the table checks it
    await put_on_shelf(db, actor, reading.book_id, _SHELVES[outcome])


async def _set_course(db: AsyncSession, actor: Actor, reading: Reading, command: EditReading) -> None:
    """Set outcome and dates. What is finished or stopped without a date is so today; what goes on has no end."""
    before = reading.outcome
    outcome = _outcome(reading, command)
    started = command.get("started", rules.stored_when(reading.started_on, reading.started_as))
    end = rules.stored_when(reading.finished_on, reading.finished_as)
    if outcome == "reading":
        end = None
    elif before == "reading":
        end = rules.When(_today(actor), "day")
    finished = command.get("finished", end)
    _check_dates(actor, started, finished, outcome)
    if before != outcome == "reading" and await find_open(db, actor, reading.book_id) is not None:
        raise Invalid({"outcome": [_ALREADY]})
    reading.outcome = outcome
    _set_dates(reading, started, finished)


def _outcome(reading: Reading, command: EditReading) -> Outcome:
    if "outcome" in command:
        return command["outcome"]
    # An end makes an end.
    if command.get("finished") and reading.outcome == "reading":
        return "finished"
    return reading.outcome  # type: ignore[return-value]  # the table checks it


def _today(actor: Actor) -> date:
    return clock.now().astimezone(clock.zone_of(actor.zone)).date()


def _check_dates(actor: Actor, started: rules.When | None, finished: rules.When | None, outcome: Outcome) -> None:
    wrong = rules.wrong_dates(started, finished, outcome, _today(actor))
    if wrong:
        raise Invalid(wrong)


def _set_dates(reading: Reading, started: rules.When | None, finished: rules.When | None) -> None:
    reading.started_on, reading.started_as = (started.first, started.exact) if started else (None, None)
    reading.finished_on, reading.finished_as = (finished.first, finished.exact) if finished else (None, None)


async def _set_progress(db: AsyncSession, reading: Reading, progress: rules.Progress | None) -> None:
    """Raises Invalid for a page that the book does not have."""
    page, percent = (progress.page, progress.percent) if progress else (None, None)
    if (page, percent) == (reading.page, reading.percent):
        return
    if progress is not None:
        pages = await db.scalar(select(Book.pages).where(Book.id == reading.book_id))
        if wrong := rules.wrong_progress(progress, pages):
            raise Invalid({"progress": [wrong]})
    reading.page, reading.percent = page, percent
    reading.progressed_at = clock.now() if progress else None


async def _check_version(db: AsyncSession, actor: Actor, reading: Reading, version: int | None) -> None:
    if version is not None and reading.version != version:
        newer = await show_reading(db, actor, reading.book_id, reading.id)
        raise Conflict("This reading was changed since you opened it. Nothing was overwritten.", newer=newer)


async def _store(db: AsyncSession, actor: Actor, reading: Reading) -> None:
    """Send what changed, if anything did."""
    if db.is_modified(reading):
        reading.version += 1
        await db.flush()
        _announce(db, actor, reading.book_id)


def _announce(db: AsyncSession, actor: Actor, book_id: int) -> None:
    assert actor.id is not None
    announce(db, Changed("readings-changed", frozenset({actor.id}), about=book_id))
