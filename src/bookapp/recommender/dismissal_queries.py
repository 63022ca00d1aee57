"""Reading what a person put aside: one statement for a page of it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book
from bookapp.books.rules import book_name
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.core.sql import AnyRow
from bookapp.recommender import rules
from bookapp.recommender.commands import PUT_ASIDE, FindDismissals
from bookapp.recommender.models import Dismissal
from bookapp.recommender.results import DismissalLine, DismissalList

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def list_dismissals(db: AsyncSession, actor: Actor, question: FindDismissals) -> DismissalList:
    """What a person does not want to see for a while, the newest first. Raises Invalid for a foreign cursor."""
    mine = and_(Dismissal.account_id == actor.id, Dismissal.until > clock.now(), Book.deleted_at.is_(None))
    statement = (
        select(Dismissal.book_id, Dismissal.at, Dismissal.until, Book.title)
        .join(Book, Book.id == Dismissal.book_id)
        .where(mine)
        .order_by(Dismissal.at.desc(), Dismissal.book_id.desc())
        .limit(question.limit + 1)
    )
    if question.cursor:
        at, book_id = _read(question.cursor)
        statement = statement.where(
            or_(Dismissal.at < at, and_(Dismissal.at == at, Dismissal.book_id < book_id)),
        )
    rows = (await db.execute(statement)).all()
    following = None
    if len(rows) > question.limit:
        limit = None if question.limit == PUT_ASIDE else question.limit
        following = address(rules.DISMISSALS_URL, cursor=_write(rows[question.limit - 1]), limit=limit)
    counted = select(func.count()).select_from(Dismissal).join(Book, Book.id == Dismissal.book_id).where(mine)
    return DismissalList(
        items=tuple(_line(row) for row in rows[: question.limit]), next=following, total=await db.scalar(counted) or 0
    )


def _line(row: AnyRow) -> DismissalLine:
    return DismissalLine(
        book=book_name(row.book_id, row.title), at=row.at, until=row.until, url=rules.dismissal_url(row.book_id)
    )


def _write(row: AnyRow) -> str:
    return write_cursor([(row.at - _EPOCH) // timedelta(microseconds=1), row.book_id])


def _read(cursor: str) -> tuple[datetime, int]:
    """Where the list goes on. Raises Invalid."""
    moment, book_id = read_cursor(cursor, (int, int))
    try:
        return _EPOCH + timedelta(microseconds=int(moment)), int(book_id)
    except OverflowError:
        raise Invalid({"cursor": ["Is not one of ours; start again without it"]}) from None
