"""Asking for recommendations, and saying that it is enough."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, NotFound
from bookapp.core.events import Changed, announce
from bookapp.suggestions import rules
from bookapp.suggestions.ask_queries import NO_ASK
from bookapp.suggestions.commands import Wish
from bookapp.suggestions.models import Ask


async def ask(db: AsyncSession, actor: Actor, command: Wish) -> int:
    """Write down a wish and return its id. Raises Conflict when too many of the person's are open."""
    await hold(db, actor, absent=NO_ASK)
    still_open = select(func.count()).select_from(Ask).where(Ask.account_id == actor.id, Ask.closed_at.is_(None))
    if (await db.scalar(still_open) or 0) >= rules.MOST_ASKS:
        raise Conflict(f"{rules.MOST_ASKS} of your wishes are open. Close one first.")
    row = Ask(account_id=actor.id, text=command.text, created_at=clock.now(), version=1)
    db.add(row)
    await db.flush()
    _announce(db)
    return row.id


async def close(db: AsyncSession, actor: Actor, ask_id: int) -> None:
    """Say that it is enough: nobody else sees the wish any more, and what was recommended stays. Raises NotFound."""
    row = await _find(db, actor, ask_id)
    if row.closed_at is None:
        row.closed_at, row.version = clock.now(), row.version + 1
        await db.flush()
        _announce(db)


async def delete_ask(db: AsyncSession, actor: Actor, ask_id: int) -> None:
    """Take a wish away; what was recommended stays. Raises NotFound."""
    await db.delete(await _find(db, actor, ask_id))
    await db.flush()
    _announce(db)


async def _find(db: AsyncSession, actor: Actor, ask_id: int) -> Ask:
    row = await db.scalar(select(Ask).where(Ask.account_id == actor.id, Ask.id == ask_id).with_for_update())
    if row is None:
        raise NotFound(NO_ASK)
    return row


def _announce(db: AsyncSession) -> None:
    announce(db, Changed("asks-changed"))
