"""What a person may ask about reviews."""

from dataclasses import dataclass
from typing import Annotated

from bookapp.circles.visibility import Visibility
from bookapp.core.fields import Blank, Cursor, Flag, Limit, Version, limit_or
from bookapp.core.text import typed

ReviewText = Annotated[str, *typed(1, 20_000)]
REVIEWS_ON_A_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReview:
    """Say what you think of a book; what you said before is replaced."""

    text: ReviewText
    """Plain or Markdown. `>!like this!<` or `||like this||` hides a few words until they are wanted."""
    is_spoiler: Flag | None = None
    """Whether all of it tells how the story goes."""
    visibility: Visibility | None = None
    """Who may read it; null for whoever sees the book on your shelf."""
    version: Version | None = None
    """The version that you read; when it is no longer current, nothing is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindReviews:
    """How many, and from where on."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(REVIEWS_ON_A_PAGE)] = REVIEWS_ON_A_PAGE
    """How many to answer at once."""
