"""The ratings that readers here gave, as far as everyone may see them, counted into those that an import brought."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.models import Book
from bookapp.books.queries import find_book
from bookapp.core.events import CATALOGUE, announce
from bookapp.core.sql import AnySelect


async def count_ratings(db: AsyncSession, book_id: int, quarters: int, count: int) -> None:
    """Let so many ratings more count for a book, whose sum in quarter stars is `quarters`; both may be negative.

    The book keeps its version: nobody edited it. Raises NotFound.
    """
    if quarters == 0 and count == 0:
        return
    book = await find_book(db, book_id, or_deleted=True)
    here = max(0, book.here_count + count)
    sum_here = max(0, book.here_quarters + quarters) if here else 0
    average, whole = rules.together(book.world_average, book.world_count, sum_here, here)
    await db.execute(
        update(Book)
        .where(Book.id == book_id)
        .values(
            here_quarters=sum_here,
            here_count=here,
            rating_average=average,
            rating_count=whole,
            score=rules.score(average, whole),
        )
    )
    announce(db, CATALOGUE)


async def recount(db: AsyncSession, differences: AnySelect) -> None:
    """Let ratings of many books count, or count no more, in two statements.

    `differences` has one row for each book: its id, how many ratings more (or, negative, fewer), and their sum in
    quarter stars. It is asked for before they change, in the order of `count_ratings`: first the books are locked.
    """
    changed = differences.subquery()
    book_id, count, quarters = changed.columns
    locked = select(Book.id).where(Book.id.in_(select(book_id))).order_by(Book.id).with_for_update()
    if not (await db.scalars(locked)).all():
        return
    await db.execute(
        update(Book)
        .where(Book.id == book_id)
        .values(_counted(count, quarters))
        .execution_options(synchronize_session=False)
    )
    announce(db, CATALOGUE)


async def count_many(db: AsyncSession, differences: Mapping[int, tuple[int, int]]) -> None:
    """The same as `count_ratings` for many books, locked already: how many more, and their sum in quarter stars."""
    if not differences:
        return
    table = cast("Table", Book.__table__)
    await db.execute(
        update(table).where(table.c.id == bindparam("its_id")).values(_counted(bindparam("more"), bindparam("sum"))),
        [{"its_id": book_id, "more": more, "sum": quarters} for book_id, (more, quarters) in differences.items()],
    )
    announce(db, CATALOGUE)


def _counted(count: Any, quarters: Any) -> dict[str, Any]:
    """What the columns of a book hold when so many ratings more count, with that sum in quarter stars."""
    here = Book.here_count + count
    sum_here = case((here > 0, Book.here_quarters + quarters), else_=0)
    whole = Book.world_count + here
    stars = func.coalesce(Book.world_average, 0.0) * Book.world_count + sum_here / 4.0
    return {
        "here_count": here,
        "here_quarters": sum_here,
        "rating_count": whole,
        "rating_average": case((whole > 0, stars / whole)),
        "score": case((whole > 0, rules.drawn(stars, whole)), else_=0.0),
    }
