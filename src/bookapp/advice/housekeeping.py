"""What time does to advice: what people said goes with them, and what was counted of it, too."""

from collections.abc import Collection

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.advice.actions import count_praise, hold_books
from bookapp.advice.models import Pair, PairVoice, Praise
from bookapp.advice.pair_actions import count_votes
from bookapp.core.events import CATALOGUE, announce


async def forget_voices(db: AsyncSession, ids: Collection[int]) -> None:
    """Take away what these accounts advised, before they are deleted, and count what is left."""
    # Books before pairs, each in order, as everybody locks them here.
    praised = list(await db.scalars(select(Praise.book_id).where(Praise.account_id.in_(ids)).distinct()))
    await hold_books(db, praised)
    await db.execute(delete(Praise).where(Praise.account_id.in_(ids)))
    await count_praise(db, praised)
    theirs = select(PairVoice.pair_id).where(PairVoice.account_id.in_(ids))
    pairs = list(await db.scalars(select(Pair.id).where(Pair.id.in_(theirs)).order_by(Pair.id).with_for_update()))
    await db.execute(delete(PairVoice).where(PairVoice.account_id.in_(ids)))
    await count_votes(db, pairs)
    for start in range(0, len(pairs), 1000):
        unsaid = ~exists().where(PairVoice.pair_id == Pair.id)
        await db.execute(delete(Pair).where(Pair.id.in_(pairs[start : start + 1000]), unsaid))
    if praised or pairs:
        announce(db, CATALOGUE)
