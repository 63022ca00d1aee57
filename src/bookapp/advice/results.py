"""What public advice answers: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime

from bookapp.books.results import BookLine, BookName
from bookapp.circles.results import PersonRef


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who says so, and why."""

    who: PersonRef
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PraiseShown:
    """That a person recommends a book to everybody here, and why."""

    id: int
    who: PersonRef
    reason: str
    at: datetime
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PraiseList:
    """What readers say for one book, the newest first."""

    book: BookName
    praise: tuple[PraiseShown, ...]
    own: PraiseShown | None
    """What you said yourself."""
    next: str | None
    total: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended(BookLine):
    """A book that readers recommend to everybody here."""

    voices: int
    """How many do."""
    praise: tuple[Voice, ...]
    """What the latest of them say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendedList:
    """One page of what is recommended here: newly praised books and those of several voices come first."""

    books: tuple[Recommended, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairShown:
    """Whoever liked the one book should try `book`."""

    id: int
    book: BookLine
    votes: int
    voices: tuple[Voice, ...]
    """The first who say so, those with a reason before the others."""
    i_voted: bool
    my_reason: str | None
    """What you said the two have in common."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairList:
    """What readers would read after one book; what most of them say comes first."""

    book: BookName
    pairs: tuple[PairShown, ...]
    next: str | None
    total: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAdvice:
    """What a person advised everybody, as it goes into their own file."""

    key: int
    at: datetime
    book_id: int
    title: str
    other_id: int | None
    """The second book of a pair."""
    other_title: str | None
    reason: str | None
