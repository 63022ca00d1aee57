"""Changing tasks. What a person deletes is kept for a day, so that they can take it back."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import hold
from bookapp.books.models import Book
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid, Stale
from bookapp.core.events import Changed, announce
from bookapp.core.text import fold
from bookapp.lists import rules
from bookapp.lists.commands import AddTask, EditTask
from bookapp.lists.models import Task
from bookapp.lists.queries import ABSENT, find_feed_number, find_task, show_task


async def add_task(db: AsyncSession, actor: Actor, command: AddTask) -> int:
    """Write down a task and return its id. Raises Invalid for an unknown book, or when there are too many tasks."""
    await _make_room(db, actor)
    await _check_book(db, command.book_id)
    zone, now = clock.zone_of(actor.zone), clock.now()
    task = Task(
        account_id=actor.id,
        name=command.name,
        note=command.note,
        book_id=command.book_id,
        creation_date=rules.moment(command.creation_date, zone) if command.creation_date else now,
        completed=bool(command.completed),
        completed_at=now if command.completed else None,
        version=1,
    )
    _set_due(task, rules.moment(command.due_date, zone, end_of_day=True) if command.due_date else None)
    _derive(task)
    db.add(task)
    await db.flush()
    _announce(db, actor)
    return task.id


async def move_whole_days(db: AsyncSession, actor: Actor, old: str, new: str) -> None:
    """Keep days that a person meant the same days when their clock is another one; a moment stays that moment."""
    before, after = clock.zone_of(old), clock.zone_of(new)
    dated = select(Task.id, Task.due_date).where(Task.account_id == actor.id, Task.due_date.is_not(None))
    moved = [
        (row.id, rules.moment(row.due_date.astimezone(before).date(), after, end_of_day=True))
        for row in await db.execute(dated)
        if rules.is_whole_day(row.due_date, before)
    ]
    if moved:
        await db.execute(update(Task), [{"id": key, "due_date": due, "due_sort": due} for key, due in moved])


async def edit_task(db: AsyncSession, actor: Actor, task_id: int, command: EditTask, version: int | None) -> None:
    """Change what `command` holds; `version` is the one that was read, None for whichever is there.

    Raises NotFound, Conflict with the newer task when it is no longer `version`, Invalid for an unknown book.
    """
    task = await find_task(db, actor, task_id)
    await _check_version(db, actor, task, version)
    zone = clock.zone_of(actor.zone)
    if "book_id" in command and command["book_id"] != task.book_id:
        await _check_book(db, command["book_id"])
        task.book_id = command["book_id"]
    if "name" in command:
        task.name = command["name"]
    if "note" in command:
        task.note = command["note"]
    if "due_date" in command:
        due = command["due_date"]
        _set_due(task, rules.moment(due, zone, end_of_day=True) if due else None)
    if "creation_date" in command:
        task.creation_date = rules.moment(command["creation_date"], zone)
    if "completed" in command:
        _set_completed(task, command["completed"])
    await _store(db, actor, task)


async def complete_task(db: AsyncSession, actor: Actor, task_id: int, *, completed: bool, version: int | None) -> None:
    """Tick a task off, or take that back; what is so already stays so.

    Raises NotFound, and Conflict with the newer task when it is no longer `version`.
    """
    task = await find_task(db, actor, task_id)
    await _check_version(db, actor, task, version)
    _set_completed(task, completed)
    await _store(db, actor, task)


async def delete_task(db: AsyncSession, actor: Actor, task_id: int, version: int | None) -> str:
    """Take a task off the list, to be restored within a day if wanted, and return its name.

    Raises NotFound, and Conflict with the newer task when it is no longer `version`.
    """
    task = await find_task(db, actor, task_id)
    await _check_version(db, actor, task, version)
    task.deleted_at = clock.now()
    task.version += 1
    await db.flush()
    await _sweep(db, actor)
    _announce(db, actor)
    return task.name


async def restore_task(db: AsyncSession, actor: Actor, task_id: int, version: int | None) -> None:
    """Put a deleted task back; one that is there stays.

    Raises NotFound, Stale when it is no longer `version`, Invalid when the list is full by now.
    """
    task = await find_task(db, actor, task_id, or_deleted=True)
    if task.deleted_at is None:
        return
    if version is not None and task.version != version:
        raise Stale("The deleted task has another version.")
    await _make_room(db, actor)
    task.deleted_at = None
    await _store(db, actor, task)


async def renew_feed(db: AsyncSession, actor: Actor) -> int:
    """Make the old address of a person's calendar useless, and return the number of the new one. Raises NotFound."""
    await db.execute(update(Account).where(Account.id == actor.id).values(feed_number=Account.feed_number + 1))
    return await find_feed_number(db, actor)


def _set_due(task: Task, due: datetime | None) -> None:
    task.due_date = due
    task.due_sort = due or rules.NEVER


def _set_completed(task: Task, completed: bool) -> None:
    if completed != task.completed:
        task.completed = completed
        task.completed_at = clock.now() if completed else None


def _derive(task: Task) -> None:
    task.folded = fold(f"{task.name} {task.note or ''}")


async def _store(db: AsyncSession, actor: Actor, task: Task) -> None:
    """Send what changed, if anything did."""
    if db.is_modified(task):
        _derive(task)
        task.version += 1
        await db.flush()
        _announce(db, actor)


async def _make_room(db: AsyncSession, actor: Actor) -> None:
    """Raises Invalid when the person has as many tasks as one may have."""
    await hold(db, actor, absent=ABSENT)
    await _sweep(db, actor)
    mine = (Task.account_id == actor.id, Task.deleted_at.is_(None))
    if (await db.scalar(select(func.count()).select_from(Task).where(*mine)) or 0) >= rules.MOST:
        raise Invalid(
            {"name": [f"You have {rules.MOST:,} tasks, and more do not fit. Delete some that are done first"]}
        )


async def _sweep(db: AsyncSession, actor: Actor) -> None:
    """Let go of what was deleted too long ago to be wanted back."""
    gone = (Task.account_id == actor.id, Task.deleted_at.is_not(None))
    kept = select(Task.id).where(*gone).order_by(Task.deleted_at.desc(), Task.id.desc()).limit(rules.MOST_KEPT)
    await db.execute(delete(Task).where(*gone, Task.deleted_at < clock.now() - rules.KEPT))
    await db.execute(delete(Task).where(*gone, Task.id.not_in(kept)))


async def _check_book(db: AsyncSession, book_id: int | None) -> None:
    known = select(Book.id).where(Book.id == book_id, Book.deleted_at.is_(None))
    if book_id is not None and await db.scalar(known) is None:
        raise Invalid({"book_id": ["There is no such book"]})


async def _check_version(db: AsyncSession, actor: Actor, task: Task, version: int | None) -> None:
    if version is not None and task.version != version:
        newer = await show_task(db, actor, task.id)
        raise Conflict("This task was changed since you opened it. Nothing was overwritten.", newer=newer)


def _announce(db: AsyncSession, actor: Actor) -> None:
    assert actor.id is not None
    announce(db, Changed("tasks-changed", frozenset({actor.id})))
