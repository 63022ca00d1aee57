"""What a person may ask of imports."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.circles.visibility import Visibility
from bookapp.core.fields import Blank, Cursor, Flag, Limit, Whole, limit_or
from bookapp.core.text import typed

Doubtful = Literal["ask", "likeliest", "new"]
IMPORTS_ON_A_PAGE = 20
MATCHES_ON_A_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What holds for all rows of a file."""

    doubtful: Doubtful = "ask"
    """What becomes of rows that may be about a book that is here: they wait for you, or it is settled at once."""
    visibility: Visibility | None = None
    """Who sees what is put in; as you chose for your shelves, when not given."""
    overwrite: bool = False
    """Whether the file is right where it says something else than your shelves."""
    shelf: str | None = None
    """Where books go for which the file names no shelf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImport:
    """A file that is here, and how it is to be put in."""

    file_name: str
    token: str
    """What it is called in the data directory."""
    size: int
    format: str
    options: Options
    dry_run: bool
    total: int | None = None
    """How many records it has, as far as anybody can guess."""


def _or(default: str) -> BeforeValidator:
    return BeforeValidator(lambda value: default if value in (None, "") else value)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartImport:
    """How to bring a file along: in the query, or as fields beside it in the form."""

    name: Annotated[str | None, Field(max_length=500), Blank] = None
    """What the file is called, where it is the body itself."""
    dry_run: Annotated[Flag, _or("false")] = False
    """Look only: nothing is put in until you say so."""
    doubtful: Annotated[Doubtful, _or("ask")] = "ask"
    """What becomes of rows that may be about a book that is here: ask you, take the likeliest, or make a new one."""
    visibility: Annotated[Visibility | None, Blank] = None
    """Who sees what is put in: me, members or everyone; as you chose for your shelves, when not given."""
    overwrite: Annotated[Flag, _or("false")] = False
    """Let the file be right where it says something else than your shelves. Otherwise only what is missing is added."""
    shelf: Annotated[Annotated[str, *typed(1, 60)] | None, Blank] = None
    """Where books go for which the file names no shelf: want, reading, read, stopped, or a shelf of your own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindImports:
    """Which of your imports to list."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(IMPORTS_ON_A_PAGE)] = IMPORTS_ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindMatches:
    """Which of the doubtful rows to list."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(MATCHES_ON_A_PAGE)] = MATCHES_ON_A_PAGE
    """How many to answer at once."""


def _choice(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else value


Choice = Annotated[
    Annotated[int, Field(ge=1, le=2**63 - 1)] | Literal["new", "leave"],
    BeforeValidator(_choice),
]
"""The number of the book that it is, `new` for none of them, or `leave` to leave the row out."""


class ChooseMatch(TypedDict, total=False):
    """Say which book a doubtful row is about, or settle all of them at once."""

    number: Annotated[int, Field(ge=1, le=2**63 - 1), Whole]
    """Which row: the how many-th of the file."""
    book: Choice
    """Which book it is: its number, `new`, or `leave`."""
    all: Annotated[Literal["likeliest", "new", "leave"], BeforeValidator(lambda value: value)]
    """Instead of both: the same for all that are doubtful."""
