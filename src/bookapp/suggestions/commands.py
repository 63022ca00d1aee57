"""What a person may ask about recommendations."""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.core.fields import Blank, Cursor, Flag, Limit, Whole, is_json, limit_or
from bookapp.core.text import typed
from bookapp.lists.commands import Moment
from bookapp.suggestions.results import Box, Welcome
from bookapp.suggestions.rules import MOST_AT_ONCE

Id = Annotated[int, Field(ge=1, le=2**63 - 1), Whole]
Username = Annotated[str, *typed(1, 40)]
Reason = Annotated[str, *typed(1, 2000)]
Answer = Annotated[str, *typed(1, 1000)]
_ASKED_ID = Annotated[Annotated[int, Field(ge=1, le=2**63 - 1)] | None, Blank]


def _people(value: object, info: ValidationInfo) -> object:
    """One name, or a list; a form sends one line with commas."""
    if not isinstance(value, str):
        return value
    return [value] if is_json(info) else [part for part in (p.strip() for p in re.split(r"[,\n]", value)) if part]


def _distinct(values: list[str]) -> list[str]:
    return list({value.casefold(): value for value in values}.values())


def _with_offset(value: datetime) -> datetime:
    # In the first and the last year an offset may lead out of the calendar.
    if value.tzinfo is None or not MINYEAR < value.year < MAXYEAR:
        raise ValueError("must be a moment with an offset, such as 2026-05-12T08:30:00Z")
    return value


Instant = Annotated[
    datetime,
    AfterValidator(_with_offset),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="validation"),
]
_ONE: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 40}
People = Annotated[
    list[Username],
    Field(min_length=1, max_length=MOST_AT_ONCE),
    BeforeValidator(_people),
    AfterValidator(_distinct),
    WithJsonSchema(
        {"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1, "maxItems": MOST_AT_ONCE}]}, mode="validation"
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggest:
    """Recommend a book: to people here, or by a link to somebody outside."""

    book_id: Id
    to: People | None = None
    """A username, or up to twenty; in a form, one line with commas."""
    link: Flag | None = None
    """True for a secret link instead, which lasts thirty days and is shown once."""
    reason: Reason | None = None
    """Why it is for them."""
    because_id: Id | None = None
    """A book that they have read or rated, as far as you may see that: "because you liked"."""
    ask_id: Id | None = None
    """The wish that it answers; it goes to who asked."""


AcceptSuggestion = TypedDict(
    "AcceptSuggestion", {"as": Literal["want", "reading", "task"], "due_date": Moment | None}, total=False
)
AcceptSuggestion.__doc__ = "Take a recommendation: onto a shelf, or as a task with a date."


class DeclineSuggestion(TypedDict, total=False):
    """Decline a recommendation, with a word to who sent it."""

    answer: Answer | None
    """The sender reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThankFor:
    """Say something to who recommended it."""

    answer: Answer
    """The sender reads it."""


class SeeSuggestions(TypedDict, total=False):
    """Say what you have seen: everything in a box, or one recommendation."""

    box: Box
    """The inbox unless told otherwise."""
    until: Instant
    """Only what changed up to then: `until` of the list that you read."""
    id: Id
    """Only this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLink:
    """Put what a link recommends into your own inbox."""

    token: Annotated[str, *typed(1, 100)]
    """The last part of the link."""


class ChooseWelcome(TypedDict, total=False):
    """Say from whom you take recommendations, and what you tell them."""

    welcome: Welcome
    """Every member, those you trust, or nobody."""
    tells_outcome: Flag
    """Whether senders learn that you read it and how you liked it, when members may see that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Ask everybody here for a recommendation."""

    text: Annotated[str, *typed(1, 500)]
    """What you are looking for."""


SUGGESTIONS_ON_A_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSuggestions:
    """Which recommendations to list, and from where on."""

    box: Annotated[Box, BeforeValidator(lambda value: value or "inbox", json_schema_input_type=Box | Literal[""])] = (
        "inbox"
    )
    """What you got, or what you sent."""
    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(SUGGESTIONS_ON_A_PAGE)] = SUGGESTIONS_ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAsks:
    """From where on to list the wishes."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(SUGGESTIONS_ON_A_PAGE)] = SUGGESTIONS_ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSuggestion:
    """What a new recommendation begins with."""

    book: _ASKED_ID = None
    """The book, by number."""
    to: Annotated[str, Field(max_length=200)] = ""
    """A username."""
    ask: _ASKED_ID = None
    """The wish that it answers, by number."""
    q: Annotated[str, Field(max_length=200)] = ""
    """Words to find the book by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindLink:
    """Which link is meant."""

    token: Annotated[str, Field(max_length=200)] = ""
    """The secret part of its address."""
