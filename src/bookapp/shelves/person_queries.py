"""Asking whose shelves they are, and what that person chose about being seen."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ABSENT as NOBODY
from bookapp.accounts.rules import username_key
from bookapp.circles.visibility import EVERYONE, ME, MEMBERS, blocks, is_here, word
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.shelves import rules
from bookapp.shelves.models import Reader
from bookapp.shelves.results import ReadingSettings
from bookapp.shelves.rules import Choices


@dataclass(frozen=True, slots=True)
class Person:
    """Whose shelves they are."""

    id: int
    name: str
    choices: Choices
    reach: int
    """Things with this visibility or more of theirs are open to the one who asks."""


def choices_of(row: Reader | None) -> Choices:
    """What a person chose, out of their row, or without one."""
    if row is None:
        return Choices()
    return Choices(row.visibility, {state: getattr(row, state) for state in rules.STATES})


async def find_choices(db: AsyncSession, actor: Actor) -> Choices:
    """What the person chose about being seen."""
    return choices_of(await db.scalar(select(Reader).where(Reader.account_id == actor.id)))


async def find_person(db: AsyncSession, actor: Actor, username: str, *, absent: str = NOBODY) -> Person:
    """The person of that name, as `actor` meets them.

    Raises NotFound, with the words `absent`, as for those who are not here any more.
    """
    found = (
        await db.execute(
            select(Account.id, Account.username, Reader, blocks(Account.id, actor.id).label("is_blocked"))
            .outerjoin(Reader, Reader.account_id == Account.id)
            .where(Account.username_key == username_key(username), is_here())
        )
    ).one_or_none()
    if found is None:
        raise NotFound(absent)
    reach = ME if found.id == actor.id else EVERYONE if actor.id is None or found.is_blocked else MEMBERS
    return Person(found.id, found.username, choices_of(found.Reader), reach)


async def show_settings(db: AsyncSession, actor: Actor) -> ReadingSettings:
    """How the person wants to be seen as a reader."""
    row = await db.scalar(select(Reader).where(Reader.account_id == actor.id))
    choices = choices_of(row)
    shelves = {state: choices.shelves.get(state) for state in rules.STATES}
    return ReadingSettings(
        visibility=word(choices.default),
        is_counted=row is None or row.is_counted,
        url=rules.settings_url(actor.name),
        **{state: None if chosen is None else word(chosen) for state, chosen in shelves.items()},
    )
