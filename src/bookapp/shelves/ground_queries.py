"""What reviews and quotes stand on: who sees what has no choice of its own, and whose is shown at all."""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import ACTIVE
from bookapp.circles.visibility import MEMBERS, visible
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyColumn
from bookapp.shelves.models import Entry, Reader


async def find_seen_by(db: AsyncSession, actor: Actor, book_id: int) -> int:
    """Who sees what a person says about a book and has no choice of its own: who sees the book on their shelf."""
    seen_by = await db.scalar(select(Entry.seen_by).where(Entry.account_id == actor.id, Entry.book_id == book_id))
    if seen_by is None:
        seen_by = await db.scalar(select(Reader.visibility).where(Reader.account_id == actor.id))
    return MEMBERS if seen_by is None else seen_by


def seen(actor: Actor, owner: AnyColumn, seen_by: AnyColumn) -> ColumnElement[bool]:
    """What `actor` may see of these rows, whose owner's account is joined: nobody's who is shut out or leaving."""
    return and_(visible(actor, owner, seen_by), or_(owner == actor.id, ACTIVE))
