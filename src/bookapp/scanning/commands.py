"""What a person may ask when they scan."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from bookapp.books.commands import Name, Pages, Subjects, Title, Year
from bookapp.core.fields import Blank, Flag, Whole, is_json
from bookapp.core.text import clean
from bookapp.scanning import rules

_LONGEST_SLUG = 80


def _parts(value: object, info: ValidationInfo) -> object:
    """A form sends text; JSON sends that, or a list."""
    if isinstance(value, list) and is_json(info):
        if not all(isinstance(piece, str) for piece in value):
            raise ValueError("must be text, or a list of texts")
        value = "\n".join(re.sub(r"[\r\n]", " ", piece) for piece in value)
    if not isinstance(value, str):
        raise ValueError("must be text, or a list of texts")
    found = rules.parts(value)
    if not found:
        raise ValueError("must hold an ISBN")
    if len(found) > rules.MOST:
        raise ValueError(f"must be at most {rules.MOST} at once")
    return found


def _short(values: list[str]) -> list[str]:
    return [clean(value[: rules.LONGEST]) for value in values]


# JSON Schema says what has at least the look of an ISBN; what else is sent is answered as wrong, and not refused.
_SENT = {"type": "string", "minLength": 10, "maxLength": 60, "pattern": "^[0-9][0-9-]*[0-9Xx]$"}
Isbns = Annotated[
    list[str],
    BeforeValidator(_parts),
    AfterValidator(_short),
    WithJsonSchema(
        {"anyOf": [_SENT, {"type": "array", "minItems": 1, "maxItems": rules.MOST, "items": _SENT}]},
        mode="validation",
    ),
]
ShelfSlug = Annotated[str, Field(max_length=_LONGEST_SLUG, pattern=r"^[^\W_]+(?:-[^\W_]+)*$")]
BookId = Annotated[int, Field(ge=1, le=2**63 - 1), Whole]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanBooks:
    """Look many ISBNs up, and put the books where they belong."""

    isbns: Isbns
    """As a list, or as text: one on each line, or with commas between; at most 100."""
    shelf: ShelfSlug | None = None
    """Onto which shelf: want, reading, read, stopped, or one that you made; null to look them up only."""
    is_owned: Flag | None = None
    """Whether you own the books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindScanned:
    """What was sent before, and what was done with it: the page shows it again."""

    isbns: Annotated[str, Field(max_length=4000)] = ""
    """ISBNs with dots between."""
    done: Annotated[str, Field(max_length=500)] = ""
    shelf: Annotated[Annotated[str, Field(max_length=_LONGEST_SLUG)] | None, Blank] = None
    """The shelf that is chosen."""
    is_owned: Annotated[str, Field(max_length=5)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Undo what a scan did with a book."""

    book_id: BookId
    shelf: ShelfSlug | None = None
    """The shelf that it was put on; null for none."""
    is_owned: Flag | None = None
    """Whether it was marked as yours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFound:
    """Add the book that has this ISBN, and put it where the others go."""

    title: Title
    author: Name
    year: Year | None = None
    pages: Pages | None = None
    subjects: Subjects | None = None
    """In a form, one line with commas."""
    shelf: ShelfSlug | None = None
    """Onto which shelf: want, reading, read, stopped, or one that you made."""
    is_owned: Flag | None = None
