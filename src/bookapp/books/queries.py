"""Reading the catalogue. Every page costs the same number of statements, however many rows it shows."""

import random
from typing import Any

from sqlalchemy import and_, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules, similar
from bookapp.books.commands import FindBooks
from bookapp.books.edition_queries import list_editions
from bookapp.books.facets import chosen_values, count_among, count_everything, list_url
from bookapp.books.finding import HERE, ORDERS, Order, filters, narrowed, page_of, words_asked
from bookapp.books.lines import facts_of, line_of, lines
from bookapp.books.models import Author, Book, BookChange, Contribution
from bookapp.books.results import BookLine, BookList, BookName, BookShown, Change, FieldChange
from bookapp.core.errors import NotFound
from bookapp.core.paging import Int32, Value, read_cursor, write_cursor
from bookapp.core.sql import AnyRow
from bookapp.search.queries import Understood, next_window, understand, window

BESIDE = 12
"""How many neighbours (in the series, by the author) a book's page shows."""
HISTORY = 20
RANKED = (float, Int32, int)
"""What a cursor of a search holds: relevance, number of ratings, id."""


async def list_books(db: AsyncSession, question: FindBooks) -> BookList:
    """One page of the catalogue, searched, filtered and sorted as asked.

    Raises Invalid for a cursor that belongs to another list.
    """
    understood = await understand(db, words_asked(question))
    if understood is not None:
        return await _search(db, question, understood)
    is_isbn = bool(question.q) and not words_asked(question)
    sort = question.sort if question.sort in ORDERS else "newest"
    order = ORDERS[sort]
    statement = lines().where(*filters(question)).add_columns(*_keys(order))
    rows = (await db.execute(page_of(statement, order, question.cursor, question.limit))).all()
    following = None
    if len(rows) > question.limit:
        following = list_url(question, cursor=write_cursor(_place(rows[question.limit - 1], order)))
    if filters(question):
        ids = select(Book.id).where(narrowed(question)).order_by(*order.by())
        facets, total = await count_among(db, ids, question)
    else:
        facets, counted = await count_everything(db)
        total = counted
    return BookList(
        books=tuple(map(line_of, rows[: question.limit])),
        next=following,
        total=total,
        facets=facets,
        q=question.q if is_isbn else "",
        sort=sort,
        chosen=await chosen_values(db, question),
        searched_for=question.q if is_isbn else "",
        did_you_mean=None,
    )


def _keys(order: Order) -> list[Any]:
    return [column.label(f"key_{i}") for i, column in enumerate(order.columns)]


def _place(row: AnyRow, order: Order) -> list[Value]:
    return [getattr(row, f"key_{i}") for i in range(len(order.columns))]


async def _search(db: AsyncSession, question: FindBooks, understood: Understood) -> BookList:
    """A page of what was searched: ranked inside a window of matches, then on to the next window."""
    only = select(Book.id).where(narrowed(question)) if filters(question) else None
    after, place = _where(question)
    found = window(db.get_bind().dialect.name, understood, after=after, only=only)
    order = _ranked(found, question.sort)
    statement = lines().add_columns(*_keys(order)).join(found, found.c.id == Book.id)
    if place:
        statement = statement.where(order.beyond(place))
    rows = (await db.execute(statement.order_by(*order.by()).limit(question.limit + 1))).all()
    following: list[Value] | None = None
    if len(rows) > question.limit:
        following = [after, *_place(rows[question.limit - 1], order)]
    else:
        beyond = await db.scalar(next_window(found))
        following = None if beyond is None else [beyond]
    facets, total = await count_among(db, select(found.c.id), question)
    return BookList(
        books=tuple(map(line_of, rows[: question.limit])),
        next=None if following is None else list_url(question, cursor=write_cursor(following)),
        total=total if after == 0 else None,
        facets=facets,
        q=question.q,
        sort=question.sort or "relevance",
        chosen=await chosen_values(db, question),
        searched_for=understood.searched_for,
        did_you_mean=understood.did_you_mean,
    )


def _ranked(found: Any, sort: str | None) -> Order:
    if sort in ORDERS:
        return ORDERS[sort]
    return Order((found.c.relevance, Book.rating_count, Book.id), RANKED, True)


def _where(question: FindBooks) -> tuple[int, tuple[Value, ...]]:
    """The window and the place in it where a page of a search begins."""
    if not question.cursor:
        return 0, ()
    kinds = ORDERS[question.sort].kinds if question.sort in ORDERS else RANKED
    after, *place = read_cursor(question.cursor, (int,), (int, *kinds))
    return max(0, int(after)), tuple(place)


async def show_line(db: AsyncSession, book_id: int) -> BookLine:
    """A book as one line of a list. Raises NotFound when it is not there or deleted."""
    row = (await db.execute(lines().where(Book.id == book_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such book.")
    return line_of(row)


async def show_name(db: AsyncSession, book_id: int) -> BookName:
    """A book's name and address. Raises NotFound when it is not there or deleted."""
    title = await db.scalar(select(Book.title).where(Book.id == book_id, HERE))
    if title is None:
        raise NotFound("There is no such book.")
    return rules.book_name(book_id, title)


async def _missing(db: AsyncSession, book_id: int) -> NotFound:
    if await db.scalar(select(Book.id).where(Book.id == book_id)) is None:
        return NotFound("There is no such book.")
    return NotFound("This book was deleted.", undo_url=f"{rules.book_url(book_id)}/restoration")


async def show_book(db: AsyncSession, book_id: int) -> BookShown:
    """A book with its neighbours and its history. Raises NotFound when it is not there or deleted."""
    row = (
        await db.execute(lines().where(Book.id == book_id).add_columns(Book.description, Book.created_at))
    ).one_or_none()
    if row is None:
        raise await _missing(db, book_id)
    beside = await _beside(db, row)
    published = await list_editions(db, book_id)
    return BookShown(
        **facts_of(row),
        description=row.description,
        created_at=row.created_at,
        editions=published.editions,
        edition_count=published.total,
        in_series=tuple(line for line in beside if _is_in(row.series_id, line)),
        more_by_author=tuple(line for line in beside if not _is_in(row.series_id, line)),
        similar=await similar.list_similar(
            db, book_id, similar.BESIDE, not_series=row.series_id, not_author=row.authors[0][0]
        ),
        history=await list_changes(db, book_id),
    )


def _is_in(series_id: int | None, line: BookLine) -> bool:
    return line.series is not None and line.series.id == series_id


async def _beside(db: AsyncSession, row: AnyRow) -> list[BookLine]:
    """The neighbours of a book: those of its series in order, then its author's best."""
    series = (
        select(Book.id)
        .where(HERE, Book.series_id == (row.series_id or 0), Book.id != row.id)
        .order_by(Book.series_sort, Book.id)
        .limit(BESIDE)
    )
    author = (
        select(Book.id)
        .join(Contribution, Contribution.book_id == Book.id)
        .where(HERE, Contribution.author_id == row.authors[0][0], Book.id != row.id)
        .where(or_(Book.series_id.is_(None), Book.series_id != (row.series_id or 0)))
        .order_by(Contribution.book_id)  # not by rating: an author of thousands would have to be sorted each time
        .limit(BESIDE)
    )
    # One list of ids: for two of them with OR between, PostgreSQL would walk over all books.
    ids = union(select(series.subquery().c.id), select(author.subquery().c.id))
    rows = await db.execute(
        lines().where(Book.id.in_(ids)).order_by(Book.series_sort, Book.rating_count.desc(), Book.id)
    )
    return list(map(line_of, rows))


async def list_changes(db: AsyncSession, book_id: int) -> tuple[Change, ...]:
    """The newest changes of a book."""
    rows = await db.execute(
        select(BookChange.at, BookChange.actor_name, BookChange.what, BookChange.version, BookChange.fields)
        .where(BookChange.book_id == book_id)
        .order_by(BookChange.id.desc())
        .limit(HISTORY)
    )
    return tuple(Change(row.at, row.actor_name, row.what, row.version, _fields(row.fields)) for row in rows)


def _fields(changed: dict[str, list[Any]]) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(name, _text(before), _text(after)) for name, (before, after) in changed.items())


def _text(value: object) -> str:
    if isinstance(value, list):
        return rules.subjects_line(map(str, value))
    return "" if value is None else str(value)


async def pick_random(db: AsyncSession, question: FindBooks) -> int:
    """The id of one book by chance, among those that the filters leave. Raises NotFound when these leave none."""
    start = random.randrange(rules.LARGEST_KEY)
    pick = select(Book.id).where(narrowed(question)).order_by(Book.random_key).limit(1)
    if question.q:
        understood = await understand(db, words_asked(question))
        if understood is not None:
            found = window(db.get_bind().dialect.name, understood, only=select(Book.id).where(narrowed(question)))
            pick = pick.where(Book.id.in_(select(found.c.id)))
    # Shuffled once, at the time of adding: a random offset would walk over half of a million rows.
    book_id = await db.scalar(pick.where(Book.random_key >= start)) or await db.scalar(pick)
    if book_id is None:
        raise NotFound("No book fits.")
    return book_id


async def list_best(db: AsyncSession, limit: int) -> tuple[BookLine, ...]:
    """The books that readers rated highest."""
    rows = await db.execute(lines().order_by(Book.score.desc(), Book.id.desc()).limit(limit))
    return tuple(map(line_of, rows))


async def list_newest(db: AsyncSession, limit: int) -> tuple[BookLine, ...]:
    """The books added last."""
    rows = await db.execute(lines().order_by(Book.id.desc()).limit(limit))
    return tuple(map(line_of, rows))


async def list_rows(
    db: AsyncSession, question: FindBooks, after: int, limit: int
) -> tuple[tuple[BookLine, ...], int | None]:
    """Books by id, for whoever goes through all in steps, as the CSV file does; and where the next step begins."""
    understood = await understand(db, words_asked(question))
    if understood is None:
        statement = lines().where(and_(*filters(question), Book.id > after)).order_by(Book.id).limit(limit)
        rows = tuple(map(line_of, await db.execute(statement)))
        return rows, rows[-1].id if len(rows) == limit else None
    only = select(Book.id).where(narrowed(question)) if filters(question) else None
    found = window(db.get_bind().dialect.name, understood, after=after, only=only)
    statement = lines().join(found, found.c.id == Book.id).order_by(Book.id)
    return tuple(map(line_of, await db.execute(statement))), await db.scalar(next_window(found))


async def find_book(db: AsyncSession, book_id: int, *, or_deleted: bool = False) -> Book:
    """The row of a book, locked for a change. Raises NotFound."""
    # By id alone: a condition on `deleted_at` would be checked again, after waiting for whoever just changed that.
    book = (await db.execute(select(Book).where(Book.id == book_id).with_for_update())).scalar_one_or_none()
    if book is None or (book.deleted_at is not None and not or_deleted):
        raise NotFound("There is no such book.")
    return book


async def find_cover(db: AsyncSession, book_id: int) -> tuple[str | None, str, str]:
    """The hash of a book's cover, its title and its author's name. Raises NotFound."""
    row = (
        await db.execute(
            select(Book.cover, Book.title, Author.name)
            .join(Author, Author.id == Book.author_id)
            .where(Book.id == book_id, HERE)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such book.")
    return row.cover, row.title, row.name
