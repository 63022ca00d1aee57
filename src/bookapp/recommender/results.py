"""What the recommender answers: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.books.results import BookLine, BookName

BookTie = Literal["readers", "author", "series", "alike"]
"""How a book that you liked leads to another: many read both, or by the same author, of the same series, alike."""


@dataclass(frozen=True, slots=True)
class FitMade:
    """What a fit learned from, and how many rows came of it."""

    readers: int
    ratings: int
    books: int
    neighbors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FitKnown:
    """The generation in use."""

    id: int
    made_at: datetime
    readers: int
    ratings: int
    books: int
    neighbors: int
    change_id: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A book that you liked, and that speaks for another one."""

    book_id: int
    title: str
    url: str
    tie: BookTie


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendedBook(BookLine):
    """A book that may be something for you."""

    because: tuple[str, ...]
    """Why, as people say it: "because you liked Emma"."""
    reasons: tuple[Reason, ...]
    """The books that you liked and that brought it, the strongest first."""


@dataclass(frozen=True, slots=True)
class RecommendedShelf:
    """Some recommended books that have something in common."""

    name: str
    title: str
    books: tuple[RecommendedBook, ...]


@dataclass(frozen=True, slots=True)
class Muted:
    """An author or a subject of which you want nothing recommended."""

    kind: Literal["author", "subject"]
    key: int
    name: str
    url: str
    """A DELETE there takes it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations:
    """What may be something for you."""

    items: tuple[RecommendedBook, ...]
    shelves: tuple[RecommendedShelf, ...]
    """More of it, by what brought it."""
    rated: int
    """How many books you rated: what is recommended to you begins there."""
    muted: tuple[Muted, ...]
    adventure: int
    """-1 close to what you know, 0 as usual, 1 further out."""
    next: None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class DismissalShown:
    """A book that is not recommended to you for a while."""

    book_id: int
    title: str
    until: datetime
    url: str
    """A DELETE there takes it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissalLine:
    """A book that you put aside."""

    book: BookName
    at: datetime
    until: datetime
    url: str
    """A DELETE there takes it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissalList:
    """What you put aside and is not recommended to you yet, the newest first."""

    items: tuple[DismissalLine, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class TasteShown:
    """How far from what you know you want to be led: -1 close, 0 as usual, 1 further out."""

    adventure: int
