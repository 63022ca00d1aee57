"""What a person may ask of the recommender."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from bookapp.core.fields import Blank, Cursor, Limit, Whole, limit_or
from bookapp.core.text import typed

SHOWN, PUT_ASIDE = 20, 20
"""So many recommendations on a page, and so many books that were put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRecommendations:
    """How much to recommend."""

    limit: Annotated[Limit, limit_or(SHOWN)] = SHOWN
    """How many books to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissBook:
    """Do not recommend a book to you for three months."""

    book_id: Annotated[int, Field(ge=1, le=2**63 - 1), Whole]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDismissals:
    """How many, and from where on."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(PUT_ASIDE)] = PUT_ASIDE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteThing:
    """Recommend nothing to you by an author, or about a subject."""

    kind: Literal["author", "subject"]
    name: Annotated[str, *typed(1, 200)]
    """As it stands beside the books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTaste:
    """Say how far from what you know you want to be led."""

    adventure: Annotated[int, Field(ge=-1, le=1), Whole]
    """-1 close to what you know, 0 as usual, 1 further out."""
