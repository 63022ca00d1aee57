"""Reading the rows that may be about a book that is here, each beside the books that it may be about."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.lines import line_of, lines
from bookapp.books.models import Book
from bookapp.books.results import BookLine
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.imports import rules
from bookapp.imports.commands import MATCHES_ON_A_PAGE, FindMatches
from bookapp.imports.models import Import, ImportRow
from bookapp.imports.queries import ABSENT
from bookapp.imports.results import MatchList, MatchShown


async def list_matches(db: AsyncSession, actor: Actor, import_id: int, question: FindMatches) -> MatchList:
    """One page of the doubtful rows of a person's import, as they stand in the file.

    Raises NotFound, and Invalid for a cursor that belongs to another list.
    """
    of = await db.scalar(select(Import).where(Import.id == import_id, Import.account_id == actor.id))
    if of is None:
        raise NotFound(ABSENT)
    doubtful = (ImportRow.import_id == of.id, ImportRow.state == "doubtful")
    found = select(ImportRow).where(*doubtful).order_by(ImportRow.number).limit(question.limit + 1)
    if question.cursor:
        found = found.where(ImportRow.number > read_cursor(question.cursor, (int,))[0])
    rows = (await db.scalars(found)).all()
    total = await db.scalar(select(func.count()).select_from(ImportRow).where(*doubtful))
    page, url = rows[: question.limit], f"{rules.import_url(of.id)}/matches"
    following = None
    if len(rows) > question.limit:
        many = None if question.limit == MATCHES_ON_A_PAGE else question.limit
        following = address(url, limit=many, cursor=write_cursor([page[-1].number]))
    books = await _list_books(db, {book_id for row in page for book_id in row.candidates})
    return MatchList(
        items=tuple(_match(row, books) for row in page),
        next=following,
        total=total or 0,
        import_id=of.id,
        file_name=of.file_name,
        step=of.step,  # type: ignore[arg-type]  # a constraint of the table says so
        url=url,
        import_url=rules.import_url(of.id),
        version=of.version,
    )


async def _list_books(db: AsyncSession, ids: set[int]) -> dict[int, BookLine]:
    if not ids:
        return {}
    return {row.id: line_of(row) for row in await db.execute(lines().where(Book.id.in_(ids)))}


def _match(row: ImportRow, books: dict[int, BookLine]) -> MatchShown:
    return MatchShown(
        number=row.number,
        line=row.line,
        title=row.title,
        author=row.author,
        isbn=rules.isbn_in(row.cells),
        reason=row.reason,
        candidates=tuple(books[book_id] for book_id in row.candidates if book_id in books),
    )
