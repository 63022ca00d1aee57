"""The outcome: what became of a recommended book goes back to whoever recommended it, if its reader tells that."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.circles.visibility import MEMBERS, blocks
from bookapp.core import clock
from bookapp.core.events import Changed, announce
from bookapp.shelves.models import Entry
from bookapp.suggestions import rules
from bookapp.suggestions.models import Suggestion, SuggestionChoice


async def follow(db: AsyncSession, person_id: int, book_id: int) -> None:
    """Let what was recommended to a person go on as far as their shelf and rating of that book do.

    Only what members may see of it, only what happened since it was recommended, and nothing to whom they block.
    """
    entry = await _told(db, person_id, book_id)
    if entry is None:
        return
    received = (
        Suggestion.to_id == person_id,
        Suggestion.book_id == book_id,
        Suggestion.from_id.is_not(None),
        Suggestion.state != "declined",
        # Never what was sent by somebody who was blocked then.
        or_(Suggestion.to_hid.is_(False), Suggestion.seen_at.is_not(None)),
        ~blocks(person_id, Suggestion.from_id),
    )
    rows = await db.scalars(
        select(Suggestion)
        .where(*received)
        .order_by(Suggestion.id)
        .with_for_update(of=Suggestion)
        .execution_options(populate_existing=True)
    )
    if senders := {row.from_id for row in rows if _goes_on(row, entry)}:
        await db.flush()
        announce(db, Changed("suggestions-changed", frozenset(sender for sender in senders if sender is not None)))


async def _told(db: AsyncSession, person_id: int, book_id: int) -> Entry | None:
    """The person's entry, if they tell what becomes of recommendations and members may see it."""
    tells = select(SuggestionChoice.tells_outcome).where(SuggestionChoice.account_id == person_id).scalar_subquery()
    own = (Entry.account_id == person_id, Entry.book_id == book_id, Entry.seen_by >= MEMBERS)
    return await db.scalar(select(Entry).where(*own, func.coalesce(tells, True)))


def _goes_on(row: Suggestion, entry: Entry) -> bool:
    """Let a recommendation follow the entry, and say whether that changed anything."""
    state = rules.moved(row.state, entry.state) if entry.state_at >= row.sent_at else row.state  # type: ignore[arg-type]  # the table checks it
    is_rated = state == "finished" and (entry.rated_at is None or entry.rated_at >= row.sent_at)
    quarters = entry.quarters if is_rated else row.quarters
    if (state, quarters) == (row.state, row.quarters):
        return False
    row.state, row.quarters = state, quarters
    row.seen_at = row.seen_at or clock.now()
    row.changed_at, row.is_news = clock.now(), True
    row.version += 1
    return True
