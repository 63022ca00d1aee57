"""What somebody rated counts for everybody as long as they are here: when they go it counts no more, and then again.

Plugged in by the application (`Database.listeners`), since accounts know nothing of shelves.
"""

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.books.rating_actions import recount
from bookapp.circles.visibility import EVERYONE
from bookapp.core.events import PRESENCE, Changed
from bookapp.shelves.models import Entry


async def hear(db: AsyncSession, change: Changed) -> None:
    """Let the ratings of somebody who came or went count from now on, or no more."""
    if change.name != PRESENCE or change.about is None:
        return
    is_here = await db.scalar(select(Account.id).where(Account.id == change.about, ACTIVE)) is not None
    more = literal(1 if is_here else -1)
    theirs = (Entry.account_id == change.about, Entry.seen_by == EVERYONE, Entry.quarters.is_not(None))
    await recount(
        db, select(Entry.book_id, more.label("more"), (more * Entry.quarters).label("quarters")).where(*theirs)
    )
