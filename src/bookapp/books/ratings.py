"""The ratings that readers here gave, as far as everyone may see them, counted into those that an import brought."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.models import Book
from bookapp.books.queries import find_book
from bookapp.core.events import CATALOGUE, announce


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
