"""What scanning answers: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.books.results import BookLine
from bookapp.jobs.results import JobShown
from bookapp.openlibrary.cover_rules import State
from bookapp.openlibrary.drafts import Draft

Came = Literal["added", "found", "known", "duplicate", "unknown", "wrong"]
"""What came of an ISBN: put where it was to be put; found, and nothing was to be done; on one's shelf already; twice in
what was sent; not in the catalogue; no ISBN at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IsbnShown:
    """What is known of an ISBN."""

    isbn: str
    """Thirteen digits, whichever spelling was asked for."""
    book: BookLine | None
    draft: Draft | None
    """The book as somebody outside describes it, when it is not here: to be looked at, and added."""
    source: Literal["catalogue", "open library"] | None
    remark: str | None
    """Why nothing could be found out, in a sentence."""
    url: str


@dataclass(frozen=True, slots=True)
class ShelfChoice:
    """A shelf that books can be put on: one of the four, or one that the person made."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLine:
    """One ISBN of those that were sent."""

    isbn: str | None
    """Thirteen digits; null when what was sent is no ISBN."""
    sent: str
    state: Came
    says: str
    """What came of it, in a sentence."""
    book: BookLine | None
    shelf: str | None
    """The shelf that it was put on by this, to be taken back; null when it was not."""
    is_owned: bool
    """Whether it was marked as one's own by this."""
    url: str | None
    """Where the ISBN is looked up alone, and its book can be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanShown:
    """What came of the ISBNs that were sent, in their order."""

    items: tuple[ScanLine, ...]
    shelf: str | None
    is_owned: bool
    shelves: tuple[ShelfChoice, ...]
    """Where books can be put."""
    is_online: bool
    """Whether books that are not here are looked up outside."""
    most: int
    """How many can be sent at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverSearch:
    """Whether Open Library has a cover for a book, as far as anybody asked."""

    book: BookLine
    state: State
    """there: the book has one; off: this place asks nobody; waiting: it is being asked for; unknown: there is nothing
    to ask by; none, silent: what came of the last question; new: nobody asked lately."""
    says: str
    """The same, in a sentence."""
    tried_at: datetime | None
    """When it was asked for last."""
    url: str
    is_offered: bool
    """Whether a POST to `url` has it asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFetching:
    """The covers that are fetched every night, and what came of the last time."""

    is_online: bool
    """Whether anybody outside is asked at all."""
    most: int
    """So many books are asked for in one night."""
    job: JobShown | None
    """The last night's work, or the one going on."""
    found: int
    none: int
    """Books of which Open Library has no cover that can be used."""
    silent: int
    """Books to which it did not answer."""
