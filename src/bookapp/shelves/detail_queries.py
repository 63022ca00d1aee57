"""Reading how a book felt to its readers."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.circles.visibility import is_here, visible
from bookapp.core.actor import Actor
from bookapp.shelves import detail_rules
from bookapp.shelves.detail_results import BookFelt
from bookapp.shelves.models import Detail, Entry

MOST_ASKED = 500
"""The words of so many readers are counted: those who came last to the book."""


async def show_felt(db: AsyncSession, actor: Actor, book_id: int) -> BookFelt:
    """What readers say of a book in single words, as far as `actor` may see their entries."""
    rows = await db.execute(
        select(Detail.moods, Detail.pace, Detail.warnings)
        .join(Entry, (Entry.account_id == Detail.account_id) & (Entry.book_id == Detail.book_id))
        .join(Account, Account.id == Detail.account_id)
        .where(Detail.book_id == book_id, visible(actor, Entry.account_id, Entry.seen_by), is_here())
        .order_by(Entry.added_at.desc(), Entry.account_id)
        .limit(MOST_ASKED)
    )
    return detail_rules.felt(rows)
