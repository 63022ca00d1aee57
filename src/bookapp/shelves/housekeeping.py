"""What happens to the ratings of people who leave."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.rating_actions import recount
from bookapp.circles.visibility import EVERYONE
from bookapp.shelves.models import Entry


async def forget_ratings(db: AsyncSession, people: Iterable[int]) -> None:
    """Let the ratings of these people count no more for everybody; their rows go with their accounts, after this."""
    theirs = (Entry.account_id.in_(list(people)), Entry.seen_by == EVERYONE, Entry.quarters.is_not(None))
    await recount(
        db,
        select(Entry.book_id, (-func.count()).label("more"), (-func.sum(Entry.quarters)).label("quarters"))
        .where(*theirs)
        .group_by(Entry.book_id),
    )
