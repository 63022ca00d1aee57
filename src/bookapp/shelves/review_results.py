"""What is answered about reviews: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime

from bookapp.books.results import BookName
from bookapp.circles.results import PersonRef
from bookapp.circles.visibility import Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewShown:
    """What somebody says about a book."""

    id: int
    who: PersonRef
    book: BookName
    is_own: bool
    """Whether it is that of the person who asks."""
    text: str | None
    """As it was typed; for who wrote it alone."""
    html: str
    """As it is shown: sanitised."""
    is_spoiler: bool
    """Whether it tells how the story goes; pages fold it then."""
    stars: float | None
    """What the writer gave the book, if that may be seen."""
    visibility: Visibility | None
    """What was chosen for this review, null for who sees the book on the shelf; for who wrote it alone."""
    seen_by: Visibility | None
    """Who sees it therefore; for who wrote it alone."""
    created_at: datetime
    changed_at: datetime
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReview:
    """A person's own review of a book, or that there is none yet."""

    book: BookName
    review: ReviewShown | None
    seen_by: Visibility
    """Who would see it without a choice of its own."""
    url: str
    version: int | None
    """That of the review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewList:
    """One page of the reviews of a book or of a person, the newest first."""

    reviews: tuple[ReviewShown, ...]
    next: str | None
    total: int
    book: BookName | None
    """The book that all of them are about."""
    who: PersonRef | None
    """The person who wrote all of them."""
    url: str
