"""What a person takes along of the recommendations that they sent and got."""

from sqlalchemy import and_, or_
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.suggestions.lines_queries import line_of, suggestion_lines
from bookapp.suggestions.models import Suggestion
from bookapp.suggestions.results import SuggestionLine


async def list_own(
    db: AsyncSession, actor: Actor, after: int, limit: int
) -> tuple[tuple[SuggestionLine, ...], int | None]:
    """A person's recommendations beyond the one with the id `after`, and where to go on; None when these are the last.

    Also those that they took out of their boxes; never those that were kept away from them.
    """
    got = and_(Suggestion.to_id == actor.id, or_(Suggestion.to_hid.is_(False), Suggestion.seen_at.is_not(None)))
    own = suggestion_lines(actor).where(or_(got, Suggestion.from_id == actor.id), Suggestion.id > after)
    rows = (await db.execute(own.order_by(Suggestion.id).limit(limit))).all()
    now = clock.now()
    lines = tuple(line_of(row, actor, now, None) for row in rows)
    return lines, rows[-1].suggestion_id if len(rows) == limit else None
