"""What is answered about ties between people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["trust", "block"]


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody, as named beside what they did."""

    id: int
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TieShown:
    """What you are to somebody: you trust them, you block them, or neither. Nobody else learns it."""

    person: PersonRef
    tie: Kind | None
    since: datetime | None
    url: str
    """A PUT to its `trust` or `block` makes the tie, a DELETE ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleShown:
    """The people you trust, and those you block."""

    trusted: tuple[TieShown, ...]
    blocked: tuple[TieShown, ...]
    total: int
    name: str
    """Whom you looked for."""
    found: TieShown | None
    """That person, when there is one of that name."""
