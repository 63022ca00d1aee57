"""Reading when somebody read what: one statement for all rows."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book
from bookapp.books.queries import show_name
from bookapp.books.rules import book_name
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyRow, AnySelect
from bookapp.shelves import reading_rules, rules
from bookapp.shelves.models import Reading
from bookapp.shelves.reading_results import ReadingLine, ReadingList

ABSENT = "There is no such reading, or it is not for you to see."
NOT_NOW = "You are not reading this book now. Put it on your shelf of books that you read, or add a reading."
_WHEN = func.coalesce(Reading.finished_on, Reading.started_on)
_LATEST_FIRST = ((Reading.outcome == "reading").desc(), _WHEN.is_(None), _WHEN.desc(), Reading.id.desc())


async def find_reading(db: AsyncSession, actor: Actor, book_id: int, reading_id: int) -> Reading:
    """The row of one of a person's readings, locked for a change. Raises NotFound."""
    own = select(Reading).where(Reading.account_id == actor.id, Reading.book_id == book_id, Reading.id == reading_id)
    row = (await db.scalars(own.with_for_update().execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return row


async def find_open(db: AsyncSession, actor: Actor, book_id: int) -> Reading | None:
    """The row of the reading that goes on, locked for a change; there is one at most."""
    own = select(Reading).where(
        Reading.account_id == actor.id, Reading.book_id == book_id, Reading.outcome == "reading"
    )
    latest = own.order_by(Reading.id.desc()).limit(1).with_for_update()
    return (await db.scalars(latest.execution_options(populate_existing=True))).first()


async def count_readings(db: AsyncSession, actor: Actor, book_id: int) -> int:
    """How often a person read a book."""
    own = (Reading.account_id == actor.id, Reading.book_id == book_id)
    return await db.scalar(select(func.count()).select_from(Reading).where(*own)) or 0


async def list_own_readings(db: AsyncSession, actor: Actor, book_id: int) -> tuple[ReadingLine, ...]:
    """Every time that a person read a book: the one that goes on, then the latest."""
    own = _readings().where(Reading.account_id == actor.id, Reading.book_id == book_id).order_by(*_LATEST_FIRST)
    return tuple(_line(row, actor) for row in await db.execute(own.limit(reading_rules.MOST)))


async def show_readings(db: AsyncSession, actor: Actor, book_id: int) -> ReadingList:
    """The same with the book. Raises NotFound for an unknown one."""
    book = await show_name(db, book_id)
    readings = await list_own_readings(db, actor, book_id)
    total = await count_readings(db, actor, book_id)
    return ReadingList(readings=readings, total=total, book=book, url=reading_rules.readings_url(book_id))


async def show_reading(db: AsyncSession, actor: Actor, book_id: int, reading_id: int) -> ReadingLine:
    """One time that a person read a book. Raises NotFound."""
    own = _readings().where(Reading.account_id == actor.id, Reading.book_id == book_id, Reading.id == reading_id)
    row = (await db.execute(own)).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return _line(row, actor)


async def list_own(
    db: AsyncSession, actor: Actor, after: int, limit: int
) -> tuple[tuple[ReadingLine, ...], int | None]:
    """A person's readings beyond the one with the id `after`, and where to go on; None when these are the last."""
    own = _with_deleted().where(Reading.account_id == actor.id, Reading.id > after).order_by(Reading.id).limit(limit)
    rows = (await db.execute(own)).all()
    return tuple(_line(row, actor) for row in rows), rows[-1].id if len(rows) == limit else None


def _readings() -> AnySelect:
    return _with_deleted().where(Book.deleted_at.is_(None))


def _with_deleted() -> AnySelect:
    return (
        select(
            Reading.id, Reading.account_id, Reading.book_id, Reading.outcome, Reading.started_on, Reading.started_as,
            Reading.finished_on, Reading.finished_as, Reading.page, Reading.percent, Reading.progressed_at,
            Reading.note, Reading.version, Book.title, Book.pages,
        )
        .join(Book, Book.id == Reading.book_id)
    )  # fmt: skip


def _line(row: AnyRow, actor: Actor) -> ReadingLine:
    started = reading_rules.stored_when(row.started_on, row.started_as)
    finished = reading_rules.stored_when(row.finished_on, row.finished_as)
    return ReadingLine(
        id=row.id,
        book=book_name(row.book_id, row.title),
        pages=row.pages,
        outcome=row.outcome,
        started=started.iso if started else None,
        finished=finished.iso if finished else None,
        started_words=started.words if started else "",
        finished_words=finished.words if finished else "",
        when_words=reading_rules.when_words(started, finished, row.outcome),
        page=row.page,
        percent=rules.progress(row.page, row.percent, row.pages),
        progress=reading_rules.as_typed(row.page, row.percent),
        progress_words=rules.progress_words(row.page, row.percent, row.pages),
        progressed_at=row.progressed_at,
        note=row.note if row.account_id == actor.id else None,
        url=f"{reading_rules.readings_url(row.book_id)}/{row.id}",
        version=row.version,
    )
