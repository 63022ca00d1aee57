"""What happened in the catalogue lately, and whose changes these are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book, BookChange
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyRow, AnySelect


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChange:
    """One change of one book."""

    at: datetime
    who: str
    what: str
    book_id: int
    title: str
    url: str
    is_here: bool
    """Whether the book is still there to be looked at."""


async def list_recent(db: AsyncSession, limit: int) -> tuple[RecentChange, ...]:
    """The newest changes of the whole catalogue."""
    rows = await db.execute(_changes().order_by(BookChange.id.desc()).limit(limit))
    return tuple(map(_change, rows))


async def list_own(
    db: AsyncSession, actor: Actor, after: int, limit: int
) -> tuple[tuple[RecentChange, ...], int | None]:
    """A person's own changes beyond the one with the key `after`, and where to go on; None when these are the last."""
    own = _changes().where(BookChange.actor_id == actor.id, BookChange.id > after).order_by(BookChange.id).limit(limit)
    rows = (await db.execute(own)).all()
    return tuple(map(_change, rows)), rows[-1].key if len(rows) == limit else None


def _changes() -> AnySelect:
    return select(
        BookChange.id.label("key"), BookChange.at, BookChange.actor_name, BookChange.what, Book.id, Book.title,
        Book.deleted_at,
    ).join(Book, Book.id == BookChange.book_id)  # fmt: skip


def _change(row: AnyRow) -> RecentChange:
    return RecentChange(
        at=row.at,
        who=row.actor_name,
        what=row.what,
        book_id=row.id,
        title=row.title,
        url=f"/books/{row.id}",
        is_here=row.deleted_at is None,
    )
