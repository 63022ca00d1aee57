"""Saying how a book felt, and which copy is one's own."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.actor import Actor
from bookapp.shelves.bulk_rules import MOST_MOODS, NO_DETAIL
from bookapp.shelves.detail_commands import EditDetail
from bookapp.shelves.detail_rules import MOODS, warning_of
from bookapp.shelves.entry_actions import changing
from bookapp.shelves.models import Detail
from bookapp.shelves.told_rules import TRAITS

_PLAIN = ("pace", "warning_note", "format", "copies", "is_favorite")


async def edit_detail(db: AsyncSession, actor: Actor, book_id: int, command: EditDetail) -> None:
    """Change what `command` holds. Raises NotFound when there is no such book."""
    async with changing(db, actor, book_id) as change:
        own = select(Detail).where(Detail.account_id == actor.id, Detail.book_id == book_id)
        row = await db.scalar(own.with_for_update().execution_options(populate_existing=True))
        before = NO_DETAIL if row is None else {name: getattr(row, name) for name in NO_DETAIL}
        after = _edited(before, command)
        if after == before:
            return
        change.is_touched = True
        if row is None:
            db.add(Detail(account_id=actor.id, book_id=book_id, **after))
        elif after == NO_DETAIL:
            await db.delete(row)  # an entry on which nothing else hangs goes with it
        else:
            for name, value in after.items():
                setattr(row, name, value)
        await db.flush()


def _edited(before: Mapping[str, Any], command: EditDetail) -> dict[str, Any]:
    told = cast("Mapping[str, Any]", command)
    after = dict(before)
    ticked = [mood for mood in MOODS if told.get(f"mood_{mood}")]
    if "moods" in told or ticked:
        words = [*ticked, *told.get("moods", before["moods"])]
        after["moods"] = list({word.casefold(): word for word in reversed(words)}.values())[::-1][:MOST_MOODS]
    if "warnings" in told:
        after["warnings"] = [list(warning_of(text)) for text in told["warnings"]]
    traits = {name: told[name] if name in told else before["traits"].get(name) for name in TRAITS}
    after["traits"] = {name: answer for name, answer in traits.items() if answer}
    return after | {name: told[name] for name in _PLAIN if name in told}
