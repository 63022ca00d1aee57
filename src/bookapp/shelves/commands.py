"""What a person may ask of their shelves."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.circles.visibility import Visibility
from bookapp.core.fields import Blank, Cursor, Flag, Limit, Version, is_json, limit_or
from bookapp.core.text import typed
from bookapp.shelves import rules
from bookapp.shelves.results import Sort, State


def _quarters(value: object, info: ValidationInfo) -> object:
    """Stars as quarters: half steps from a form, since the page offers no others, and quarter steps from JSON."""
    if isinstance(value, str) and not is_json(info) and re.fullmatch(r"\s*[0-5](\.[0-9]{1,2})?\s*", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number of stars")
    quarters = value * rules.QUARTERS
    if not 1 <= quarters <= 5 * rules.QUARTERS:
        raise ValueError("must be between a quarter star and five")
    if quarters % (1 if is_json(info) else 2):
        raise ValueError(f"must be in steps of {'a quarter' if is_json(info) else 'half a'} star")
    return int(quarters)


def parts(value: object, info: ValidationInfo) -> object:
    """A form sends tags as one line with commas, and an empty one for none; JSON sends a list."""
    if is_json(info):
        return value
    if value is None:
        return []
    return [p.strip() for p in re.split(r"[,\n]", value) if p.strip()] if isinstance(value, str) else value


def one_tag(value: str) -> str:
    """A word without a comma. Raises ValueError."""
    if "," in value:
        raise ValueError("must not have a comma: that parts one tag from the next")
    return value


def distinct(values: list[str]) -> list[str]:
    """Each once, whatever its case."""
    return list({value.casefold(): value for value in values}.values())


Stars = Annotated[
    int,
    BeforeValidator(_quarters),
    WithJsonSchema({"type": "number", "minimum": 0.25, "maximum": 5, "multipleOf": 0.25}, mode="validation"),
]
Tag = Annotated[
    str,
    *typed(1, 40),
    AfterValidator(one_tag),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 40,
            "pattern": r"^[^\x00-\x1f\x7f-\x9f,]*[^\s\x00-\x1f\x7f-\x9f,][^\x00-\x1f\x7f-\x9f,]*$",
        },
        mode="validation",
    ),
]
Tags = Annotated[list[Tag], Field(max_length=rules.MOST_TAGS), BeforeValidator(parts), AfterValidator(distinct)]
Note = Annotated[str, *typed(1, 20_000)]
ShelfName = Annotated[str, *typed(1, 60)]
About = Annotated[str, *typed(1, 2000)]


class PutOnShelf(TypedDict, total=False):
    """Put the book on one of the four shelves."""

    __pydantic_config__ = ConfigDict(  # type: ignore[misc]  # where pydantic looks for it
        json_schema_extra={"anyOf": [{"required": ["state"]}, {"required": ["shelf"]}]}
    )

    state: State
    """Which shelf: wanted, being read, read, or stopped before the end."""
    shelf: State
    """The same by another name."""
    visibility: Visibility | None
    """Who may see it; null for what the shelf says. Not sent, it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateBook:
    """Rate the book."""

    stars: Stars
    """0.25 to 5, in steps of a quarter; the page has half steps."""


class EditEntry(TypedDict, total=False):
    """Change what is given, leave the rest."""

    note: Note | None
    """For yourself alone."""
    is_owned: Flag
    """Whether a copy is yours."""
    tags: Tags
    """In a form, one line with commas."""
    visibility: Visibility | None
    """Who may see it; null for what its shelf says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddShelf:
    """Make a shelf of your own."""

    name: ShelfName
    about: About | None = None
    visibility: Visibility | None = None
    """Who may see it; null for what you chose for everything."""


class EditShelf(TypedDict, total=False):
    """Change what is given, leave the rest. Another name makes another address."""

    name: ShelfName
    about: About | None
    visibility: Visibility | None
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


class EditReadingSettings(TypedDict, total=False):
    """Change what is given, leave the rest."""

    visibility: Visibility
    """Who sees whatever has no choice of its own."""
    want: Visibility | None
    """Who sees the books on that shelf; null for the same as `visibility`. So for the next three."""
    reading: Visibility | None
    read: Visibility | None
    stopped: Visibility | None
    is_counted: Flag
    """Whether your ratings may help to compute recommendations for others."""


BOOKS_ON_A_PAGE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOnShelf:
    """Which books of a shelf to list, and from where on."""

    q: Annotated[str, Field(max_length=200)] = ""
    """Words of the title or the author's name."""
    tag: Annotated[str, Field(max_length=60)] = ""
    """One of the person's tags."""
    sort: Annotated[
        Sort,
        BeforeValidator(lambda value: value or "newest", json_schema_input_type=Sort | Literal[""]),
    ] = "newest"
    """What comes first: what was put there last, or by title, author, or the person's rating."""
    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(BOOKS_ON_A_PAGE)] = BOOKS_ON_A_PAGE
    """How many to answer at once."""
