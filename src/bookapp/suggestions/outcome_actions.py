"""The outcome: what became of a recommended book goes back to whoever recommended it, if its reader tells that."""

from collections.abc import Collection

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.circles.visibility import MEMBERS, blocks
from bookapp.core import clock
from bookapp.core.events import Changed, announce
from bookapp.core.sql import AnySelect
from bookapp.shelves.models import Entry
from bookapp.suggestions import rules
from bookapp.suggestions.models import Suggestion, SuggestionChoice


async def follow(db: AsyncSession, people: Collection[int], books: Collection[int]) -> None:
    """Let what was recommended to people go on as far as their shelves and ratings of these books do.

    Only what members may see of it, only what happened since it was recommended, and nothing to whom they block.
    """
    rows = (await db.execute(_received(books).where(Suggestion.to_id.in_(await _concerned(db, people, books))))).all()
    if senders := {row.Suggestion.from_id for row in rows if _goes_on(row.Suggestion, row.Entry)}:
        await db.flush()
        announce(db, Changed("suggestions-changed", frozenset(sender for sender in senders if sender is not None)))


async def _concerned(db: AsyncSession, people: Collection[int], books: Collection[int]) -> Collection[int]:
    """Those of the people to whom any of the books was recommended: a merge concerns thousands, and few of them."""
    if len(people) == 1:
        return people
    rows = await db.scalars(select(Suggestion.to_id).where(Suggestion.book_id.in_(books)).distinct())
    return {person_id for person_id in rows if person_id is not None and person_id in people}


def _received(books: Collection[int]) -> AnySelect:
    """What was recommended to people who tell what becomes of it, locked, with the entry that members may see."""
    # Who chose nothing tells it.
    tells = (
        select(SuggestionChoice.tells_outcome)
        .where(SuggestionChoice.account_id == Suggestion.to_id)
        .correlate(Suggestion)
        .scalar_subquery()
    )
    return (
        select(Suggestion, Entry)
        .join(Entry, and_(Entry.account_id == Suggestion.to_id, Entry.book_id == Suggestion.book_id))
        .where(
            Suggestion.book_id.in_(books),
            Suggestion.from_id.is_not(None),
            Suggestion.state != "declined",
            # Never what was sent by somebody who was blocked then.
            or_(Suggestion.to_hid.is_(False), Suggestion.seen_at.is_not(None)),
            ~blocks(Suggestion.to_id, Suggestion.from_id),
            Entry.seen_by >= MEMBERS,
            func.coalesce(tells, True),
        )
        .order_by(Suggestion.id)
        .with_for_update(of=Suggestion)
        .execution_options(populate_existing=True)
    )


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
