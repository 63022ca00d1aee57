"""Reading what a person said of some books, for the tables in which they take their shelves along."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.actor import Actor
from bookapp.shelves.models import Reading, Review
from bookapp.shelves.reading_results import Outcome
from bookapp.shelves.reading_rules import When, stored_when


@dataclass(frozen=True, slots=True)
class Taken:
    """One time of reading."""

    outcome: Outcome
    started: When | None
    finished: When | None


@dataclass(frozen=True, slots=True)
class Said:
    """A review as it is drawn."""

    html: str
    is_spoiler: bool


async def list_said(db: AsyncSession, actor: Actor, ids: Sequence[int]) -> dict[int, Said]:
    """What the person says of these books in reviews, by the books' ids."""
    own = (Review.account_id == actor.id, Review.book_id.in_(ids))
    rows = await db.execute(select(Review.book_id, Review.html, Review.is_spoiler).where(*own))
    return {row.book_id: Said(row.html, row.is_spoiler) for row in rows}


async def list_taken(db: AsyncSession, actor: Actor, ids: Sequence[int]) -> dict[int, list[Taken]]:
    """When the person read these books, by the books' ids, in the order in which it was written down."""
    own = (Reading.account_id == actor.id, Reading.book_id.in_(ids))
    rows = await db.execute(
        select(
            Reading.book_id,
            Reading.outcome,
            Reading.started_on,
            Reading.started_as,
            Reading.finished_on,
            Reading.finished_as,
        )
        .where(*own)
        .order_by(Reading.id)
    )
    found: dict[int, list[Taken]] = {}
    for row in rows:
        started = stored_when(row.started_on, row.started_as)
        finished = stored_when(row.finished_on, row.finished_as)
        found.setdefault(row.book_id, []).append(Taken(row.outcome, started, finished))
    return found
