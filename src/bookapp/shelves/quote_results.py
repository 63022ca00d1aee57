"""What is answered about quotes: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime

from bookapp.books.results import BookName
from bookapp.circles.results import PersonRef
from bookapp.circles.visibility import Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """A passage that somebody copied out of a book."""

    id: int
    who: PersonRef
    book: BookName
    is_own: bool
    """Whether it is that of the person who asks."""
    text: str
    page: int | None
    visibility: Visibility | None
    """What was chosen for this quote, null for who sees the book on the shelf; for who copied it alone."""
    seen_by: Visibility | None
    """Who sees it therefore; for who copied it alone."""
    created_at: datetime
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteList:
    """One page of the passages that people copied out of a book, the newest first."""

    quotes: tuple[QuoteLine, ...]
    next: str | None
    total: int
    book: BookName
    url: str
