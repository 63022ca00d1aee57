"""What somebody advised counts as long as they are here. Plugged in by the application (`Database.listeners`)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.advice.actions import count_praise, hold_books
from bookapp.advice.models import Pair, PairVoice, Praise
from bookapp.advice.pair_actions import count_votes
from bookapp.core.events import PRESENCE, Changed


async def hear(db: AsyncSession, change: Changed) -> None:
    """Count anew what somebody advised who came or went."""
    if change.name != PRESENCE or change.about is None:
        return
    # Books before pairs, each in order, as everybody locks them here.
    praised = list(await db.scalars(select(Praise.book_id).where(Praise.account_id == change.about)))
    await hold_books(db, praised)
    await count_praise(db, praised)
    theirs = select(PairVoice.pair_id).where(PairVoice.account_id == change.about)
    pairs = await db.scalars(select(Pair.id).where(Pair.id.in_(theirs)).order_by(Pair.id).with_for_update())
    await count_votes(db, list(pairs))
