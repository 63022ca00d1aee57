"""Reading quotes: each list one statement for all its rows, and whoever may not see one is not told of it."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.books.models import Book
from bookapp.books.queries import show_name
from bookapp.books.rules import book_name, book_url
from bookapp.circles.queries import person_ref
from bookapp.circles.visibility import word
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.core.sql import AnyRow, AnySelect
from bookapp.shelves.ground_queries import seen
from bookapp.shelves.models import Quote
from bookapp.shelves.quote_commands import MOST_QUOTES, QUOTES_ON_A_PAGE, FindQuotes
from bookapp.shelves.quote_results import QuoteLine, QuoteList

ABSENT = "There is no such quote, or it is not for you to see."


async def find_quote(db: AsyncSession, actor: Actor, book_id: int, quote_id: int) -> Quote:
    """The row of one of a person's quotes, locked for a change. Raises NotFound."""
    own = select(Quote).where(Quote.account_id == actor.id, Quote.book_id == book_id, Quote.id == quote_id)
    row = (await db.scalars(own.with_for_update().execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return row


async def count_quotes(db: AsyncSession, actor: Actor, book_id: int) -> int:
    """How many passages a person copied out of a book."""
    own = (Quote.account_id == actor.id, Quote.book_id == book_id)
    return await db.scalar(select(func.count()).select_from(Quote).where(*own)) or 0


async def list_own_quotes(db: AsyncSession, actor: Actor, book_id: int) -> tuple[QuoteLine, ...]:
    """What a person copied out of a book themselves, as it stands in the book; what has no page comes last."""
    own = _quotes().where(Quote.account_id == actor.id, Quote.book_id == book_id)
    rows = await db.execute(own.order_by(Quote.page.is_(None), Quote.page, Quote.id).limit(MOST_QUOTES))
    return tuple(_line(row, actor) for row in rows)


async def show_quote(db: AsyncSession, actor: Actor, book_id: int, quote_id: int) -> QuoteLine:
    """A quote, for who may see it. Raises NotFound."""
    wanted = (Quote.book_id == book_id, Quote.id == quote_id, _seen(actor))
    row = (await db.execute(_quotes().where(*wanted))).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return _line(row, actor)


async def show_own_quote(db: AsyncSession, actor: Actor, book_id: int, quote_id: int) -> QuoteLine:
    """One of a person's own quotes. Raises NotFound."""
    quote = await show_quote(db, actor, book_id, quote_id)
    if not quote.is_own:
        raise NotFound(ABSENT)
    return quote


async def list_quotes(db: AsyncSession, actor: Actor, book_id: int, question: FindQuotes) -> QuoteList:
    """What people copied out of a book, the newest first. Raises NotFound, and Invalid for a foreign cursor."""
    book = await show_name(db, book_id)
    found = and_(Quote.book_id == book_id, _seen(actor))
    statement = _quotes().where(found).order_by(Quote.id.desc()).limit(question.limit + 1)
    if question.cursor:
        statement = statement.where(Quote.id < read_cursor(question.cursor, (int,))[0])
    rows = (await db.execute(statement)).all()
    url, following = f"{book.url}/quotes", None
    if len(rows) > question.limit:
        limit = None if question.limit == QUOTES_ON_A_PAGE else question.limit
        following = address(url, cursor=write_cursor([rows[question.limit - 1].id]), limit=limit)
    counted = select(func.count()).select_from(Quote).join(Account, Account.id == Quote.account_id).where(found)
    quotes = tuple(_line(row, actor) for row in rows[: question.limit])
    return QuoteList(quotes=quotes, next=following, total=await db.scalar(counted) or 0, book=book, url=url)


async def list_own(db: AsyncSession, actor: Actor, after: int, limit: int) -> tuple[tuple[QuoteLine, ...], int | None]:
    """A person's quotes beyond the one with the id `after`, and where to go on; None when these are the last."""
    own = _with_deleted().where(Quote.account_id == actor.id, Quote.id > after).order_by(Quote.id).limit(limit)
    rows = (await db.execute(own)).all()
    return tuple(_line(row, actor) for row in rows), rows[-1].id if len(rows) == limit else None


def _seen(actor: Actor) -> ColumnElement[bool]:
    return seen(actor, Quote.account_id, Quote.seen_by)


def _quotes() -> AnySelect:
    return _with_deleted().where(Book.deleted_at.is_(None))


def _with_deleted() -> AnySelect:
    return (
        select(
            Quote.id, Quote.account_id, Quote.book_id, Quote.text, Quote.page, Quote.visibility, Quote.seen_by,
            Quote.created_at, Quote.version, Account.username, Book.title,
        )
        .join(Account, Account.id == Quote.account_id)
        .join(Book, Book.id == Quote.book_id)
    )  # fmt: skip


def _line(row: AnyRow, actor: Actor) -> QuoteLine:
    is_own = row.account_id == actor.id
    return QuoteLine(
        id=row.id,
        who=person_ref(row.account_id, row.username),
        book=book_name(row.book_id, row.title),
        is_own=is_own,
        text=row.text,
        page=row.page,
        visibility=word(row.visibility) if is_own and row.visibility is not None else None,
        seen_by=word(row.seen_by) if is_own else None,
        created_at=row.created_at,
        url=f"{book_url(row.book_id)}/quotes/{row.id}",
        version=row.version,
    )
