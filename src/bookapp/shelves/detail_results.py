"""What is answered about how a book felt, and about a person's copy of it: frozen, finished."""

from dataclasses import dataclass, field
from typing import Literal

Pace = Literal["slow", "medium", "fast"]
Drive = Literal["character", "plot", "mix"]
Verdict = Literal["yes", "no", "complicated"]


@dataclass(frozen=True, slots=True)
class MoreTold:
    """Something that a file told and for which there is no other place."""

    name: str
    """What its column was called."""
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailShown:
    """How a book felt, what to be warned of, and which copy is one's own."""

    moods: tuple[str, ...] = ()
    pace: Pace | None = None
    drive: Drive | None = None
    """By what it is driven: its characters, its plot, or both."""
    development: Verdict | None = None
    """Whether its characters grow."""
    loveable: Verdict | None = None
    """Whether they are loveable. So for the next two."""
    diverse: Verdict | None = None
    flawed: Verdict | None = None
    warnings: tuple[str, ...] = ()
    """Such as "graphic: Death"."""
    warning_note: str | None = None
    format: str | None = None
    copies: int | None = None
    is_favorite: bool = False
    more: tuple[MoreTold, ...] = ()
    """What an import brought besides; for the person alone."""
    says: tuple[str, ...] = ()
    """The same in plain words, without warnings and whatever an import brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDetail:
    """What is kept of it for the person to take along, as it is stored."""

    moods: tuple[str, ...] = ()
    pace: str | None = None
    traits: dict[str, str] = field(default_factory=dict)
    warnings: tuple[tuple[str, str], ...] = ()
    """How much, and of what."""
    warning_note: str | None = None
    format: str | None = None
    copies: int | None = None
    is_favorite: bool = False
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WordCount:
    """A word that readers use of a book, and how many do."""

    word: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFelt:
    """How a book felt to its readers, as far as the one who asks may see it; what most say comes first."""

    moods: tuple[WordCount, ...]
    paces: tuple[WordCount, ...]
    warnings: tuple[WordCount, ...]
    """Of what they warn."""
