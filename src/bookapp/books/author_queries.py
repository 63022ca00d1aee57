"""Reading authors."""

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.commands import AUTHORS_ON_A_PAGE, FindAuthors, FindBooks
from bookapp.books.finding import Order, page_of
from bookapp.books.models import Author
from bookapp.books.queries import list_books
from bookapp.books.results import AuthorLine, AuthorList, AuthorShown
from bookapp.core.errors import NotFound
from bookapp.core.paging import Int32, address, write_cursor
from bookapp.core.sql import AnyColumn, AnyRow
from bookapp.core.text import fold

ORDERS = {
    "name": Order((Author.sort_key, Author.id), (str, int), False),
    "books": Order((Author.book_count, Author.id), (Int32, int), True),
}
COUNTED = 1000


async def list_authors(db: AsyncSession, question: FindAuthors) -> AuthorList:
    """One page of the authors who have books here. `q` is the beginning of a name, first or last name first.

    Raises Invalid for a cursor of another list.
    """
    sort = question.sort or "name"
    order = ORDERS[sort]
    found = [Author.book_count > 0]
    start = fold(question.q)[:200]
    if start:
        # A range, not LIKE: it uses the index on both databases.
        found.append(or_(_begins(Author.sort_key, start), _begins(Author.written_key, start)))
    columns = select(Author.id, Author.name, Author.book_count, Author.version, Author.sort_key).where(*found)
    rows = (await db.execute(page_of(columns, order, question.cursor, question.limit))).all()
    following = None
    if len(rows) > question.limit:
        last = rows[question.limit - 1]
        place = [last.sort_key if sort == "name" else last.book_count, last.id]
        following = address(
            "/authors", q=question.q, sort=question.sort, limit=_said(question.limit), cursor=write_cursor(place)
        )
    few = select(Author.id).where(*found).limit(COUNTED).subquery()
    total = await db.scalar(select(func.count()).select_from(few)) or 0
    return AuthorList(
        authors=tuple(map(_line, rows[: question.limit])),
        next=following,
        total=total if total < COUNTED else None,
        q=question.q,
        sort=sort,
    )


def _begins(key: AnyColumn, start: str) -> ColumnElement[bool]:
    return and_(key >= start, key < start + "\U0010ffff")


def _said(limit: int) -> int | None:
    return None if limit == AUTHORS_ON_A_PAGE else limit


def _line(row: AnyRow) -> AuthorLine:
    return AuthorLine(row.id, row.name, row.book_count, rules.author_url(row.id), row.version)


async def show_author(db: AsyncSession, author_id: int) -> AuthorShown:
    """An author with the first of their books, the best known first. Raises NotFound."""
    row = (
        await db.execute(
            select(Author.id, Author.name, Author.book_count, Author.version).where(Author.id == author_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such author.")
    books = await list_books(db, FindBooks(author=str(author_id), sort="popular"))
    line = _line(row)
    return AuthorShown(
        id=line.id,
        name=line.name,
        book_count=line.book_count,
        url=line.url,
        version=line.version,
        books=books.books,
        next=books.next,
    )


async def find_author(db: AsyncSession, author_id: int) -> Author:
    """The row of an author, locked for a change. Raises NotFound."""
    author = (await db.execute(select(Author).where(Author.id == author_id).with_for_update())).scalar_one_or_none()
    if author is None:
        raise NotFound("There is no such author.")
    return author
