"""What a file tells of a person and one book, as clean values: made by the formats, taken by `put_entries`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bookapp.shelves.reading_results import Outcome
from bookapp.shelves.reading_rules import When
from bookapp.shelves.results import State


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTold:
    """One time of reading; dates may be a year or a month, or unknown."""

    outcome: Outcome
    started: When | None = None
    finished: When | None = None
    page: int | None = None
    percent: int | None = None
    progressed_at: datetime | None = None
    """When they got so far."""
    note: str | None = None
    is_end_told: bool = field(default=True, compare=False)
    """Whether the file says how it ended; where it does not, `outcome` is what the shelf makes likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTold:
    """A review, as Markdown."""

    text: str
    is_spoiler: bool = False
    written_at: datetime | None = None
    changed_at: datetime | None = None
    visibility: int | None = None
    """As it is stored (`circles.visibility`); None for what the entry says. So for the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteTold:
    """A passage copied out."""

    text: str
    page: int | None = None
    written_at: datetime | None = None
    visibility: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailTold:
    """The columns of `Detail`, each None or empty where nothing is told."""

    moods: tuple[str, ...] = ()
    pace: str | None = None
    traits: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[tuple[str, str], ...] = ()
    warning_note: str | None = None
    format: str | None = None
    copies: int | None = None
    is_favorite: bool = False
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTold:
    """All that is told of one book. None, False and empty mean that nothing is told, never that something is to go."""

    state: State | None = None
    state_at: datetime | None = None
    quarters: int | None = None
    rated_at: datetime | None = None
    shelves: tuple[str, ...] = ()
    """Names of own shelves, made where there are none yet."""
    is_placed_for_now: bool = False
    """Whether the file names no shelf at all, and `shelves` are for a book that stands nowhere here either."""
    tags: tuple[str, ...] = ()
    are_words_mixed: bool = False
    """Whether the file has one list for own shelves and tags, and no commas in it: a word that is here as either of
    them is no news."""
    note: str | None = None
    is_owned: bool = False
    visibility: int | None = None
    added_at: datetime | None = None
    review: ReviewTold | None = None
    readings: tuple[ReadingTold, ...] = ()
    quotes: tuple[QuoteTold, ...] = ()
    detail: DetailTold = field(default_factory=DetailTold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What a file tells of one book that is here."""

    book_id: int
    told: EntryTold
    before: Mapping[str, str] | None = None
    """What `Came.told` was the last time that the same file told of the book; None for the first time."""
    overwrite: bool = False
    """Whether what the file tells anew replaces what is here."""
    is_new: bool = False
    """Whether this transaction made the book, so that nobody can have anything to do with it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What became of it."""

    book_id: int
    outcome: Literal["new", "known", "changed"]
    """The person had nothing to do with the book before; nothing changed; something did."""
    told: dict[str, str]
    """A digest of each thing that the file told, to be kept until it tells again."""
    remarks: tuple[str, ...] = ()
    """What of it could not be put in, as sentences."""
