"""Who may see what: three words for people, and the one condition that every query on somebody's things has."""

from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, or_

from bookapp.accounts.queries import ACTIVE, IS_PERSON
from bookapp.circles.models import Tie
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyColumn

Visibility = Literal["me", "members", "everyone"]
ME, MEMBERS, EVERYONE = 0, 1, 2
"""How they are stored: whoever may see more has the smaller number to reach."""
WORDS: tuple[Visibility, ...] = ("me", "members", "everyone")
Somebody = AnyColumn | int | None
"""A column that holds the id of a person, or the id itself."""


def stored(word: Visibility) -> int:
    """The number that is stored for a word."""
    return WORDS.index(word)


def word(number: int) -> Visibility:
    """The word for a stored number."""
    return WORDS[number]


def visible(actor: Actor, owner: AnyColumn, seen_by: AnyColumn) -> ColumnElement[bool]:
    """What `actor` may see of the rows whose owner and stored visibility are these columns.

    Their own in any case; as a member what members may see, unless its owner blocks them; a guest what everyone may.
    """
    if actor.id is None:
        return seen_by >= EVERYONE
    return or_(owner == actor.id, seen_by >= EVERYONE, and_(seen_by >= MEMBERS, ~blocks(owner, actor.id)))


def blocks(who: Somebody, whom: Somebody) -> ColumnElement[bool]:
    """Whether the first person blocks the second."""
    return exists().where(Tie.account_id == who, Tie.other_id == whom, Tie.kind == "block")


def trusts(who: Somebody, whom: Somebody) -> ColumnElement[bool]:
    """Whether the first person trusts the second."""
    return exists().where(Tie.account_id == who, Tie.other_id == whom, Tie.kind == "trust")


def is_here() -> ColumnElement[bool]:
    """Whether an account is a person whom others can meet: nobody shut out, leaving, or brought by a data set."""
    return and_(ACTIVE, IS_PERSON)
