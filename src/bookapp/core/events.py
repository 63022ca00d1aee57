"""Say what changed, by name; people hear it only after the commit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Changed:
    """Something changed. `people` are those whom it concerns; None means everybody, so it is no secret."""

    name: str
    people: frozenset[int] | None = None
    about: int | None = None
    """The id of what changed, for rooms above that have something to do then; people are told the name alone."""
    books: frozenset[int] = frozenset()
    """The same for a change of many books at once: `about` is None then."""

    @property
    def about_all(self) -> frozenset[int]:
        """The ids of all that changed, be it one or many."""
        return self.books if self.about is None else self.books | {self.about}


Listener = Callable[[AsyncSession, Changed], Awaitable[None]]
"""Hears each change inside its transaction, and may change and announce more: so news goes up to rooms that stand
above the one where it happened."""


CATALOGUE = Changed("books-changed")
"""What everybody sees of the books changed: answers kept for all readers are no longer true."""

SESSION = "session-changed"


def session_changed(person: int) -> Changed:
    """A session or a key of `person` has ended: what is open by it must be closed."""
    return Changed(SESSION, frozenset({person}))


PRESENCE = "presence-changed"


def presence_changed(person: int) -> Changed:
    """`person` is not here any more for others, or is again: what they said begins or ends to count.

    Announce it once for each change, when the account's row is locked: what is counted moves by differences.
    """
    return Changed(PRESENCE, frozenset({person}), about=person)


def announce(db: AsyncSession, change: Changed) -> None:
    """Keep `change` on the session, to be heard when its transaction has committed."""
    changes = db.info.setdefault("changes", [])
    if change not in changes:
        changes.append(change)


def changes_of(db: AsyncSession) -> tuple[Changed, ...]:
    """What was announced on this session."""
    return tuple(db.info.get("changes", ()))
