"""Making and ending ties. The other one never hears of it."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.circles import queries
from bookapp.circles.models import Tie
from bookapp.circles.results import Kind
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid
from bookapp.core.events import Changed, announce


async def tie(db: AsyncSession, actor: Actor, username: str, kind: Kind) -> None:
    """Trust or block somebody; blocking ends trust. What is so already stays so.

    Raises NotFound, Invalid for oneself, and Conflict when somebody is to be trusted who is blocked.
    """
    assert actor.id is not None
    person = await queries.find_person(db, actor, username)
    if person.id == actor.id:
        raise Invalid({"username": [f"That is you: one can {kind} others only"]})
    await hold(db, actor)
    mine = select(Tie).where(Tie.account_id == actor.id, Tie.other_id == person.id)
    before = await db.scalar(mine)
    if before is None:
        db.add(Tie(account_id=actor.id, other_id=person.id, kind=kind, at=clock.now()))
    elif before.kind == kind:
        return
    elif kind == "trust":
        raise Conflict(f"You block {person.name}. End that first.")
    else:
        before.kind, before.at = kind, clock.now()
    await db.flush()
    _announce(db, actor)


async def untie(db: AsyncSession, actor: Actor, username: str, kind: Kind) -> None:
    """Trust or block somebody no more. Raises NotFound for who is not here."""
    person = await queries.find_person(db, actor, username)
    await hold(db, actor)
    await db.execute(delete(Tie).where(Tie.account_id == actor.id, Tie.other_id == person.id, Tie.kind == kind))
    _announce(db, actor)


def _announce(db: AsyncSession, actor: Actor) -> None:
    assert actor.id is not None
    announce(db, Changed("circle-changed", frozenset({actor.id})))
