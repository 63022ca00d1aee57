"""What rooms above this one do when an account changes: `app.py` plugs it in, since this room does not know them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Each is called in the transaction of the change."""

    move_dates: Callable[[AsyncSession, Actor, str, str], Awaitable[None]]
    """A person's clock is another one: from the zone of that name to that one."""
