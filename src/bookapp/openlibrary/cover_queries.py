"""Reading which covers can be asked for outside, and by what."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book, Edition
from bookapp.core import clock
from bookapp.core.sql import AnySelect
from bookapp.openlibrary import cover_rules as rules
from bookapp.openlibrary.models import OutsideCover

_EDITION = select(func.min(Edition.isbn)).where(Edition.book_id == Book.id).scalar_subquery()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverKnown:
    """By what the cover of a book can be asked for, and what came of it before."""

    cover_id: int | None
    isbn: str | None
    """Thirteen digits: the book's own, else one of an edition."""
    has_cover: bool
    wanted_at: datetime | None = None
    tried_at: datetime | None = None
    outcome: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to ask by."""
        return self.cover_id is not None or self.isbn is not None


def without_cover() -> AnySelect:
    """The ids of books that have no cover, and something to ask for one by, with what is known of it beside."""
    is_known = or_(
        OutsideCover.cover_id.is_not(None), Book.isbn.is_not(None), exists().where(Edition.book_id == Book.id)
    )
    return (
        select(Book.id)
        .outerjoin(OutsideCover, OutsideCover.book_id == Book.id)
        .where(Book.deleted_at.is_(None), Book.cover.is_(None), is_known)
    )


def is_due() -> ColumnElement[bool]:
    """That nobody asked for it lately; a question without an answer counts for a day."""
    now = clock.now()
    silent = and_(OutsideCover.outcome == "silent", OutsideCover.tried_at < now - rules.SOON_AGAIN)
    return or_(OutsideCover.tried_at.is_(None), OutsideCover.tried_at < now - rules.AGAIN, silent)


async def find_known(db: AsyncSession, book_id: int) -> CoverKnown | None:
    """What is known of a book's cover; None when there is no such book, or it was deleted."""
    told = (OutsideCover.cover_id, OutsideCover.wanted_at, OutsideCover.tried_at, OutsideCover.outcome)
    row = (
        await db.execute(
            select(Book.cover, Book.isbn, _EDITION.label("edition"), *told)
            .outerjoin(OutsideCover, OutsideCover.book_id == Book.id)
            .where(Book.id == book_id, Book.deleted_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        return None
    return CoverKnown(
        cover_id=row.cover_id,
        isbn=row.isbn or (None if row.edition is None else f"{row.edition:013d}"),
        has_cover=row.cover is not None,
        wanted_at=row.wanted_at,
        tried_at=row.tried_at,
        outcome=row.outcome,
    )


async def list_wanted(db: AsyncSession, limit: int) -> list[int]:
    """The books whose cover somebody waits for, who has waited longest first."""
    waiting = select(OutsideCover.book_id).where(OutsideCover.wanted_at.is_not(None))
    return list(await db.scalars(waiting.order_by(OutsideCover.wanted_at, OutsideCover.book_id).limit(limit)))
