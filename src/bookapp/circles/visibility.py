"""Who may see what: three words for people, and the one condition that every query on somebody's things has."""

from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, or_

from bookapp.circles.models import Tie
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyColumn

Visibility = Literal["me", "members", "everyone"]
ME, MEMBERS, EVERYONE = 0, 1, 2
"""How they are stored: whoever may see more has the smaller number to reach."""
WORDS: tuple[Visibility, ...] = ("me", "members", "everyone")


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
    blocks = exists().where(Tie.account_id == owner, Tie.other_id == actor.id, Tie.kind == "block")
    return or_(owner == actor.id, seen_by >= EVERYONE, and_(seen_by >= MEMBERS, ~blocks))
