"""What a person may ask of public advice."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from bookapp.advice import rules
from bookapp.core.fields import Blank, Cursor, Limit, Version, Whole, limit_or
from bookapp.core.text import typed

Reason = Annotated[str, *typed(1, 1000)]
BookId = Annotated[int, Field(ge=1, le=2**63 - 1), Whole]


@dataclass(frozen=True, slots=True, kw_only=True)
class SayPraise:
    """Recommend a book to everybody here. What you say is public, with your name beside it."""

    reason: Reason
    """Why: what you would say to a friend."""
    version: Version | None = None
    """The version that you read; when it is no longer current, nothing is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePair:
    """Say which book to try for whoever liked this one; when somebody said so before, your voice is added."""

    other: Annotated[str, *typed(1, 500)] | None = None
    """The title of the other book; or its number, when no book has such a title."""
    other_id: BookId | None = None
    """The other book by its number, instead of `other`."""
    reason: Reason | None = None
    """What the two have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteForPair:
    """Say so, too."""

    reason: Reason | None = None
    """What the two books have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPraise:
    """Which page of what readers say for a book."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(rules.PRAISE_ON_A_PAGE)] = rules.PRAISE_ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPairs:
    """Which page of what readers would read after a book."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(rules.PAIRS_ON_A_PAGE)] = rules.PAIRS_ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRecommended:
    """Which page of what is recommended here."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(rules.RECOMMENDED_ON_A_PAGE)] = rules.RECOMMENDED_ON_A_PAGE
    """How many to answer at once."""
