"""What a person may ask of the catalogue."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.books import rules
from bookapp.core.text import text_of

Title = text_of(1, 500)
Name = text_of(1, 200)
SubjectName = text_of(1, 60)


def _parts(value: object) -> object:
    """A form sends subjects as one line with commas; JSON sends a list."""
    return (
        [part for part in (p.strip() for p in re.split(r"[,\n]", value)) if part] if isinstance(value, str) else value
    )


def _distinct(values: list[str]) -> list[str]:
    return list({value.casefold(): value for value in values}.values())


def _whole(value: object) -> object:
    # A form sends digits as text; True and 3.5 are not numbers of pages.
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,9}\s*", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


Whole = BeforeValidator(_whole, json_schema_input_type=int)
Year = Annotated[int, Whole, Field(ge=-9999, le=9999)]
Pages = Annotated[int, Whole, Field(ge=1, le=100_000)]
Isbn = Annotated[str, text_of(1, 40), AfterValidator(rules.isbn13)]
Language = Annotated[str, text_of(1, 35), AfterValidator(rules.language_code)]
Subjects = Annotated[
    list[SubjectName],  # type: ignore[valid-type]  # a pydantic type made by text_of
    BeforeValidator(_parts),
    Field(max_length=20),
    AfterValidator(_distinct),
]
Position = Annotated[str, BeforeValidator(lambda v: str(v) if isinstance(v, int | float) else v), text_of(1, 20)]
Version = Annotated[int, Whole, Field(ge=1, le=2**31 - 1)]
Description = text_of(1, 20_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBook:
    """Add a book; the author is reused by name."""

    title: Title  # type: ignore[valid-type]  # a pydantic type made by text_of
    author: Name  # type: ignore[valid-type]
    isbn: Isbn | None = None
    year: Year | None = None
    language: Language | None = None
    pages: Pages | None = None
    description: Description | None = None  # type: ignore[valid-type]
    subjects: Subjects | None = None
    series: Name | None = None  # type: ignore[valid-type]
    series_position: Position | None = None


class EditBook(TypedDict, total=False):
    """Change what is given, leave the rest. `version` says which version was read."""

    title: Title  # type: ignore[valid-type]
    author: Name  # type: ignore[valid-type]
    isbn: Isbn | None
    year: Year | None
    language: Language | None
    pages: Pages | None
    description: Description | None  # type: ignore[valid-type]
    subjects: Subjects | None
    series: Name | None  # type: ignore[valid-type]
    series_position: Position | None
    version: Version


class EditAuthor(TypedDict, total=False):
    """Rename an author."""

    name: Name  # type: ignore[valid-type]
    version: Version


Sort = Literal["newest", "popular", "rating", "title", "author", "year", "relevance"]


def _blank(value: Any) -> Any:
    return None if value == "" else value


def _storable(value: str) -> str:
    # A name with NUL or a lone surrogate is nobody's name, and PostgreSQL refuses even to compare it.
    return "".join(c for c in value if c != "\x00" and not 0xD800 <= ord(c) < 0xE000)


Blank = BeforeValidator(_blank)
Typed = Annotated[str, AfterValidator(_storable)]


BOOKS_ON_A_PAGE, AUTHORS_ON_A_PAGE = 40, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FindBooks:
    """Which books to list, and from where on."""

    q: Annotated[str, Field(max_length=1000)] = ""
    author: Annotated[Typed | None, Blank, Field(max_length=200)] = None
    subject: Annotated[Typed | None, Blank, Field(max_length=60)] = None
    decade: Annotated[int | None, Blank, Field(ge=-9999, le=9999)] = None
    year: Annotated[int | None, Blank, Field(ge=-9999, le=9999)] = None
    language: Annotated[Typed | None, Blank, Field(max_length=35)] = None
    sort: Annotated[Sort | None, Blank] = None
    cursor: Annotated[str | None, Blank, Field(max_length=500)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = BOOKS_ON_A_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAuthors:
    """Which authors to list, and from where on."""

    q: Annotated[str, Field(max_length=200)] = ""
    sort: Annotated[Literal["name", "books"] | None, Blank] = None
    cursor: Annotated[str | None, Blank, Field(max_length=500)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = AUTHORS_ON_A_PAGE
