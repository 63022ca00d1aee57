"""Meaning to read so many books in a year."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.events import Changed, announce
from bookapp.statistics import rules
from bookapp.statistics.commands import SetGoal
from bookapp.statistics.models import Goal


async def set_goal(db: AsyncSession, actor: Actor, year: int, command: SetGoal) -> None:
    """Mean to finish so many books in a year, instead of what was meant before. Raises NotFound."""
    await _hold(db, actor, year)
    goal = await db.get(Goal, (actor.id, year))
    if goal is None:
        db.add(Goal(account_id=actor.id, year=year, books=command.books))
    else:
        goal.books = command.books
    await db.flush()
    _announce(db, actor)


async def drop_goal(db: AsyncSession, actor: Actor, year: int) -> None:
    """Mean nothing for a year any more; that it was so already is fine. Raises NotFound."""
    await _hold(db, actor, year)
    await db.execute(delete(Goal).where(Goal.account_id == actor.id, Goal.year == year))
    _announce(db, actor)


async def _hold(db: AsyncSession, actor: Actor, year: int) -> None:
    """Lock the person's row, so that of two requests at once one finds the goal of the other."""
    if not rules.is_year(year):
        raise NotFound(rules.ABSENT)
    await hold(db, actor, absent=rules.ABSENT)


def _announce(db: AsyncSession, actor: Actor) -> None:
    assert actor.id is not None
    announce(db, Changed("goal-changed", frozenset({actor.id})))
