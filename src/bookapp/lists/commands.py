"""What a person may ask of the to-do list."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.core.fields import Blank, Cursor, Flag, Limit, Version, Whole, limit_or
from bookapp.core.text import typed
from bookapp.lists import rules
from bookapp.lists.results import Due, Show


def _date(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError(rules.WRONG_DATE)
    return rules.typed_date(value)


Name = Annotated[str, *typed(1, 200)]
Note = Annotated[str, *typed(1, 5000)]
Moment = Annotated[
    date,
    PlainValidator(_date, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "minLength": 10, "maxLength": 40, "pattern": "^[0-9]"}, mode="validation"),
]
"""ISO 8601, or day/month/year hours:minutes:seconds; without an offset, on the person's own clock."""
BookId = Annotated[int, Field(ge=1, le=2**63 - 1), Whole]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTask:
    """Add a task to your list."""

    name: Name
    """What is to be done."""
    note: Note | None = None
    due_date: Moment | None = None
    """ISO 8601; without an offset, in your time zone. A plain date is due at the end of that day."""
    creation_date: Moment | None = None
    """When it was first written down; now, unless it comes from another list."""
    completed: Flag | None = None
    book_id: BookId | None = None
    """The book that it is about."""


class EditTask(TypedDict, total=False):
    """Change what is given, leave the rest. `version` says which version was read."""

    name: Name
    note: Note | None
    due_date: Moment | None
    """ISO 8601; without an offset, in your time zone. A plain date is due at the end of that day."""
    creation_date: Moment
    completed: Flag
    book_id: BookId | None
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


TASKS_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FindTasks:
    """Which tasks to list, and from where on."""

    show: Annotated[
        Show,
        BeforeValidator(lambda value: value or "open", json_schema_input_type=Show | Literal[""]),
    ] = "open"
    """Those still to do, those done, or all."""
    due: Annotated[Due | None, Blank] = None
    """When they are due, by the calendar in your time zone; a week goes from Monday to Sunday."""
    book: Annotated[Annotated[int, Field(ge=1, le=2**63 - 1)] | None, Blank] = None
    """The book that they are about, by number."""
    q: Annotated[str, Field(max_length=200)] = ""
    """Words that stand in the name or the note."""
    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(TASKS_ON_A_PAGE)] = TASKS_ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFeed:
    """Which feed is meant: its address holds the key."""

    key: Annotated[str, Field(max_length=200)] = ""
    """The secret part of the address, which your page of tasks shows."""
