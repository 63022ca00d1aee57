"""Reading tasks: always one person's own, in one statement for all their rows."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.books.models import Book
from bookapp.books.results import BookName
from bookapp.books.rules import book_name
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.paging import Int16, Value, address, read_cursor, write_cursor
from bookapp.core.sql import AnyColumn, AnyRow, AnySelect
from bookapp.core.text import fold
from bookapp.lists import rules
from bookapp.lists.commands import TASKS_ON_A_PAGE, FindTasks
from bookapp.lists.models import Task
from bookapp.lists.results import FeedOwner, Show, TaskLine, TaskList

ABSENT = "There is no such task, or it is not for you to see."
NO_FEED = "There is no calendar at this address. It may have been renewed."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS = 8
_HERE = Task.deleted_at.is_(None)


async def list_tasks(db: AsyncSession, actor: Actor, question: FindTasks) -> TaskList:
    """One page of a person's tasks: what is due first comes first, what was done last comes first among those done.

    Raises Invalid for a cursor that belongs to another list.
    """
    now, zone = clock.now(), clock.zone_of(actor.zone)
    wanted = and_(Task.account_id == actor.id, _HERE, *_filters(question, now, zone))
    statement = _lines().where(wanted).order_by(*_by(question.show)).limit(question.limit + 1)
    if question.cursor:
        statement = statement.where(_beyond(question.show, question.cursor))
    rows = (await db.execute(statement)).all()
    following = None
    if len(rows) > question.limit:
        following = _list_url(actor.name, question, write_cursor(_place(question.show, rows[question.limit - 1])))
    total = await db.scalar(select(func.count()).select_from(Task).where(wanted))
    return TaskList(
        tasks=tuple(_line(row, actor.name, now, zone) for row in rows[: question.limit]),
        next=following,
        total=total or 0,
        show=question.show,
        due=question.due,
        q=question.q,
        book=await _book(db, question.book),
        url=rules.tasks_url(actor.name),
    )


async def show_task(db: AsyncSession, actor: Actor, task_id: int) -> TaskLine:
    """One of a person's tasks. Raises NotFound."""
    row = (
        await db.execute(_lines().where(Task.account_id == actor.id, Task.id == task_id).add_columns(Task.deleted_at))
    ).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    if row.deleted_at is not None:
        raise NotFound("You deleted this task.", undo_url=f"{rules.task_url(actor.name, task_id)}/restoration")
    return _line(row, actor.name, clock.now(), clock.zone_of(actor.zone))


async def list_own(db: AsyncSession, actor: Actor, after: int, limit: int) -> tuple[tuple[TaskLine, ...], int | None]:
    """A person's tasks beyond the one with the id `after`, and where to go on; None when these are the last."""
    own = _lines().where(Task.account_id == actor.id, _HERE, Task.id > after).order_by(Task.id).limit(limit)
    rows = (await db.execute(own)).all()
    now, zone = clock.now(), clock.zone_of(actor.zone)
    return tuple(_line(row, actor.name, now, zone) for row in rows), rows[-1].id if len(rows) == limit else None


async def list_due(db: AsyncSession, actor: Actor, now: datetime, limit: int) -> tuple[TaskLine, ...]:
    """What a person has to do first: what is overdue at `now`, and what falls due within a week."""
    rows = await db.execute(
        _lines()
        .where(Task.account_id == actor.id, _HERE, Task.completed.is_(False), Task.due_sort < now + rules.SOON)
        .order_by(Task.due_sort, Task.id)
        .limit(limit)
    )
    zone = clock.zone_of(actor.zone)
    return tuple(_line(row, actor.name, now, zone) for row in rows)


async def count_overdue(db: AsyncSession, actor: Actor, now: datetime) -> int:
    """How many of a person's tasks should have been done before `now`."""
    late = (Task.account_id == actor.id, _HERE, Task.completed.is_(False), Task.due_sort < now)
    return await db.scalar(select(func.count()).select_from(Task).where(*late)) or 0


async def find_task(db: AsyncSession, actor: Actor, task_id: int, *, or_deleted: bool = False) -> Task:
    """The row of one of a person's tasks, locked for a change. Raises NotFound."""
    # Whether it is deleted is looked at afterwards: PostgreSQL may have waited here for whoever changed that.
    task = await db.scalar(select(Task).where(Task.account_id == actor.id, Task.id == task_id).with_for_update())
    if task is None or (task.deleted_at is not None and not or_deleted):
        raise NotFound(ABSENT)
    return task


async def find_feed_number(db: AsyncSession, actor: Actor) -> int:
    """Which of a person's feed addresses is the valid one. Raises NotFound."""
    number = await db.scalar(select(Account.feed_number).where(Account.id == actor.id))
    if number is None:
        raise NotFound(ABSENT)
    return number


async def show_feed_owner(db: AsyncSession, account_id: int) -> FeedOwner:
    """That person, whoever asks and whatever they are called now. Raises NotFound, as for who may not sign in."""
    row = (
        await db.execute(
            select(Account.id, Account.username, Account.time_zone, Account.feed_number).where(
                Account.id == account_id,
                Account.disabled_at.is_(None),
                Account.delete_at.is_(None),
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound(NO_FEED)
    return FeedOwner(row.id, row.username, row.time_zone, row.feed_number)


async def list_feed(db: AsyncSession, owner: FeedOwner) -> tuple[TaskLine, ...]:
    """All tasks of a calendar, those to do first."""
    rows = await db.execute(_lines().where(Task.account_id == owner.id, _HERE).order_by(*_by("all")).limit(rules.MOST))
    now, zone = clock.now(), clock.zone_of(owner.zone)
    return tuple(_line(row, owner.name, now, zone) for row in rows)


@cache
def _lines() -> AnySelect:
    """The columns of a task line; a deleted book is not shown."""
    return select(
        Task.id,
        Task.name,
        Task.note,
        Task.creation_date,
        Task.due_date,
        Task.due_sort,
        Task.completed,
        Task.completed_at,
        Task.book_id,
        Task.version,
        Book.title.label("book_title"),
    ).outerjoin(Book, and_(Book.id == Task.book_id, Book.deleted_at.is_(None)))


def _line(row: AnyRow, username: str, now: datetime, zone: ZoneInfo) -> TaskLine:
    due: datetime | None = row.due_date
    group = rules.group_of(due, row.completed, now, zone)
    return TaskLine(
        id=row.id,
        name=row.name,
        note=row.note,
        creation_date=row.creation_date.astimezone(zone),
        due_date=due.astimezone(zone) if due else None,
        completed=row.completed,
        completed_at=row.completed_at.astimezone(zone) if row.completed_at else None,
        book_id=row.book_id,
        book=book_name(row.book_id, row.book_title) if row.book_title else None,
        is_overdue=group == "overdue",
        group=group,
        due_words=rules.due_words(due, row.completed, now, zone),
        due_exact=rules.exact(due, zone) if due else "",
        due_typed=rules.as_typed(due, zone),
        url=rules.task_url(username, row.id),
        version=row.version,
    )


def _filters(question: FindTasks, now: datetime, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if question.show != "all":
        found.append(Task.completed.is_(question.show == "done"))
    if question.due:
        first, after = rules.span(question.due, now, zone)
        found.append(Task.due_sort < after)
        found.append(Task.due_sort >= first if first else Task.completed.is_(False))
    if question.book is not None:
        found.append(Task.book_id == question.book)
    # Folded words hold letters and digits only, so nothing in them means more to LIKE than itself.
    found += [Task.folded.like(f"%{word}%") for word in fold(question.q).split()[:_WORDS]]
    return found


def _by(show: Show) -> list[AnyColumn]:
    if show == "done":
        return [Task.completed_at.desc(), Task.id.desc()]
    return [*([Task.completed] if show == "all" else []), Task.due_sort, Task.id]


def _place(show: Show, row: AnyRow) -> list[Value]:
    if show == "done":
        return [_number(row.completed_at), row.id]
    return [*([int(row.completed)] if show == "all" else []), _number(row.due_sort), row.id]


def _beyond(show: Show, cursor: str) -> ColumnElement[bool]:
    kinds = (Int16, int, int) if show == "all" else (int, int)
    *done, at, last = (int(value) for value in read_cursor(cursor, kinds))
    try:
        when = _EPOCH + timedelta(microseconds=at)
    except OverflowError:
        raise Invalid({"cursor": ["Is not one of ours; start again without it"]}) from None
    if show == "done":
        return or_(Task.completed_at < when, and_(Task.completed_at == when, Task.id < last))
    after = or_(Task.due_sort > when, and_(Task.due_sort == when, Task.id > last))
    if show == "open":
        return after
    return and_(after, Task.completed.is_(True)) if done[0] else or_(Task.completed.is_(True), after)


def _number(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _list_url(username: str, question: FindTasks, cursor: str) -> str:
    told = {"due": question.due, "book": question.book, "q": question.q, "cursor": cursor}
    show = None if question.show == "open" else question.show
    limit = None if question.limit == TASKS_ON_A_PAGE else question.limit
    return address(rules.tasks_url(username), **told, show=show, limit=limit)


async def _book(db: AsyncSession, book_id: int | None) -> BookName | None:
    if book_id is None:
        return None
    title = await db.scalar(select(Book.title).where(Book.id == book_id, Book.deleted_at.is_(None)))
    return None if title is None else book_name(book_id, title)
