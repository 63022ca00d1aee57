"""Reading what Open Library answered before."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.openlibrary.drafts import Draft, draft_again
from bookapp.openlibrary.models import LookUp

HIT, MISS = timedelta(days=90), timedelta(days=7)
"""How long an answer holds: a book stays what it is, and one that is missing may be added any day."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that still holds; without a draft, that there is no such book."""

    draft: Draft | None


async def find_kept(db: AsyncSession, isbn: str) -> Kept | None:
    """What was answered to an ISBN (thirteen digits), as long as that holds."""
    row = (await db.execute(select(LookUp.at, LookUp.answer).where(LookUp.isbn == int(isbn)))).one_or_none()
    if row is None or clock.now() - row.at >= (MISS if row.answer is None else HIT):
        return None
    return Kept(None if row.answer is None else draft_again(row.answer))
