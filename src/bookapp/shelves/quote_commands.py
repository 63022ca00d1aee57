"""What a person may ask about quotes."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.circles.visibility import Visibility
from bookapp.core.fields import Blank, Cursor, Limit, Version, Whole, limit_or
from bookapp.core.text import typed

Passage = Annotated[str, *typed(1, 5000)]
Page = Annotated[int, Field(ge=1, le=100_000), Whole]
QUOTES_ON_A_PAGE, MOST_QUOTES = 20, 200
"""So many on a page, and so many one person may copy out of one book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddQuote:
    """Copy a passage out of a book."""

    text: Passage
    page: Page | None = None
    visibility: Visibility | None = None
    """Who may read it; null for whoever sees the book on your shelf."""


class EditQuote(TypedDict, total=False):
    """Change what is given, leave the rest. `version` says which version was read."""

    text: Passage
    page: Page | None
    visibility: Visibility | None
    """Who may read it; null for whoever sees the book on your shelf."""
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindQuotes:
    """How many, and from where on."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(QUOTES_ON_A_PAGE)] = QUOTES_ON_A_PAGE
    """How many to answer at once."""
