"""What a person may ask of the catalogue."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationInfo, WithJsonSchema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.books import rules
from bookapp.books.languages import language_code
from bookapp.core.fields import Blank, Cursor, Limit, Version, Whole, is_json, limit_or
from bookapp.core.text import typed

Title = Annotated[str, *typed(1, 500)]
Name = Annotated[str, *typed(1, 200)]
SubjectName = Annotated[str, *typed(1, 60)]
_Place = Annotated[str, *typed(1, 20)]


def _parts(value: object, info: ValidationInfo) -> object:
    """A form sends subjects as one line with commas; JSON sends a list."""
    if not isinstance(value, str) or is_json(info):
        return value
    return [part for part in (p.strip() for p in re.split(r"[,\n]", value)) if part]


def _distinct(values: list[str]) -> list[str]:
    return list({value.casefold(): value for value in values}.values())


Year = Annotated[int, Field(ge=-9999, le=9999), Whole]
Pages = Annotated[int, Field(ge=1, le=100_000), Whole]
# JSON Schema can say which signs an ISBN is made of and how long a language's code is; the rest are our rules.
Isbn = Annotated[
    str,
    *typed(1, 40),
    AfterValidator(rules.isbn13),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9Xx\s\-\u2010-\u2015]{10,40}$"}, mode="validation"),
]
Language = Annotated[
    str,
    *typed(1, 35),
    AfterValidator(language_code),
    WithJsonSchema({"type": "string", "minLength": 2, "maxLength": 35}, mode="validation"),
]
Subjects = Annotated[
    list[SubjectName],
    Field(max_length=20),
    BeforeValidator(_parts),
    AfterValidator(_distinct),
]
Position = Annotated[
    _Place,
    BeforeValidator(lambda v: format(Decimal(repr(v)), "f") if type(v) in (int, float) else v),
    WithJsonSchema({"anyOf": [TypeAdapter(_Place).json_schema(), {"type": "number"}]}, mode="validation"),
]
Description = Annotated[str, *typed(1, 20_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBook:
    """Add a book; the author is reused by name."""

    title: Title
    author: Name
    """The author's name; an author of that name is used, or made."""
    isbn: Isbn | None = None
    """An ISBN-10 or ISBN-13, with or without hyphens; its check digit has to fit."""
    year: Year | None = None
    """The year of publication; years before ours are negative."""
    language: Language | None = None
    """A language's code or English name: en, deu, French."""
    pages: Pages | None = None
    description: Description | None = None
    subjects: Subjects | None = None
    """In a form, one line with commas."""
    series: Name | None = None
    """The name of the series that it belongs to."""
    series_position: Position | None = None
    """The place in the series: 2, 0.5, 1-3."""


class EditBook(TypedDict, total=False):
    """Change what is given, leave the rest. `version` says which version was read."""

    title: Title
    author: Name
    isbn: Isbn | None
    year: Year | None
    language: Language | None
    pages: Pages | None
    description: Description | None
    subjects: Subjects | None
    series: Name | None
    series_position: Position | None
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


class EditAuthor(TypedDict, total=False):
    """Rename an author."""

    name: Name
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


Sort = Literal["newest", "popular", "rating", "title", "author", "year", "relevance"]


def _storable(value: str) -> str:
    # A name with NUL or a lone surrogate is nobody's name, and PostgreSQL refuses even to compare it.
    return "".join(c for c in value if c != "\x00" and not 0xD800 <= ord(c) < 0xE000)


Typed = Annotated[str, AfterValidator(_storable)]
YearAsked = Annotated[int, Field(ge=-9999, le=9999)]


BOOKS_ON_A_PAGE, AUTHORS_ON_A_PAGE = 40, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FindBooks:
    """Which books to list, and from where on."""

    q: Annotated[str, Field(max_length=1000)] = ""
    """Words to search for in titles, authors, series and subjects; typing errors are forgiven."""
    author: Annotated[Annotated[Typed, Field(max_length=200)] | None, Blank] = None
    """An author, by number or by name."""
    subject: Annotated[Annotated[Typed, Field(max_length=60)] | None, Blank] = None
    """A subject, by number or by name."""
    series: Annotated[Annotated[Typed, Field(max_length=200)] | None, Blank] = None
    """A series, by number or by name."""
    decade: Annotated[YearAsked | None, Blank] = None
    """The first year of a decade, such as 1990; years before ours are negative."""
    year: Annotated[YearAsked | None, Blank] = None
    """The year of publication; years before ours are negative."""
    language: Annotated[Annotated[Typed, Field(max_length=35)] | None, Blank] = None
    """A language, such as en."""
    sort: Annotated[Sort | None, Blank] = None
    """What comes first; without it the best matches of a search, and the newest otherwise."""
    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(BOOKS_ON_A_PAGE)] = BOOKS_ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindCover:
    """How large a cover should be; `v` only makes the address of each picture its own."""

    size: Annotated[
        rules.Size,
        BeforeValidator(lambda value: value or "large", json_schema_input_type=rules.Size | Literal[""]),
    ] = "large"
    v: str = ""
    """Part of a cover's own address, which a browser may keep for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAuthors:
    """Which authors to list, and from where on."""

    q: Annotated[str, Field(max_length=200)] = ""
    """The beginning of a name, or words of it."""
    sort: Annotated[Literal["name", "books"] | None, Blank] = None
    """By name, or those with most books first."""
    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(AUTHORS_ON_A_PAGE)] = AUTHORS_ON_A_PAGE
    """How many to answer at once."""
