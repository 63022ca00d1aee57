"""The outcome: what became of a recommended book goes back to whoever recommended it, if its reader tells that."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.circles.visibility import MEMBERS, blocks
from bookapp.core import clock
from bookapp.core.events import Changed, announce
from bookapp.core.sql import AnyRow, AnySelect
from bookapp.shelves.models import Entry
from bookapp.suggestions import rules
from bookapp.suggestions.models import Suggestion, SuggestionChoice


async def follow(db: AsyncSession, people: Collection[int], books: Collection[int]) -> None:
    """Let what was recommended to people go on as far as their shelves and ratings of these books do.

    Only what members may see of it, only what happened since it was recommended, and nothing to whom they block.
    """
    concerned = await _concerned(db, people, books)
    found = (await db.execute(_received(books).where(Suggestion.to_id.in_(concerned)))).all()
    if gone_on := [(row.from_id, told) for row in found if (told := _gone_on(row))]:
        # All columns of each, though few changed: so one statement does it for a thousand readers.
        await db.execute(update(Suggestion), [told for _sender, told in gone_on])
        announce(db, Changed("suggestions-changed", frozenset(sender for sender, _told in gone_on)))


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
        select(
            Suggestion.id,
            Suggestion.from_id,
            Suggestion.state,
            Suggestion.quarters,
            Suggestion.sent_at,
            Suggestion.seen_at,
            Suggestion.version,
            Entry.state.label("shelf"),
            Entry.state_at,
            Entry.quarters.label("rated"),
            Entry.rated_at,
        )
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
    )


def _gone_on(row: AnyRow) -> dict[str, Any] | None:
    """What a recommendation holds that follows the entry; None when that changes nothing."""
    state = rules.moved(row.state, row.shelf) if row.state_at >= row.sent_at else row.state
    is_rated = state == "finished" and (row.rated_at is None or row.rated_at >= row.sent_at)
    quarters = row.rated if is_rated else row.quarters
    if (state, quarters) == (row.state, row.quarters):
        return None
    now = clock.now()
    return {
        "id": row.id,
        "state": state,
        "quarters": quarters,
        "seen_at": row.seen_at or now,
        "changed_at": now,
        "is_news": True,
        "version": row.version + 1,
    }
