"""What an administrator may ask for."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.books.commands import Typed
from bookapp.core.fields import Blank, Cursor, Limit, Version, Whole, limit_or
from bookapp.core.text import typed

ON_A_PAGE = 50
Role = Literal["member", "admin"]


def _otherwise(default: Any, kind: Any) -> BeforeValidator:
    """An empty field means the default; JSON may say null for it."""
    return BeforeValidator(lambda value: default if value in ("", None) else value, json_schema_input_type=kind | None)


_Note = Annotated[str, *typed(0, 100)]
_Days = Annotated[int, Field(ge=1, le=90), Whole]
_Uses = Annotated[int, Field(ge=1, le=100), Whole]
Words = Annotated[Typed, Field(max_length=200)]
Place = Annotated[Cursor | None, Blank]
Many = Annotated[Limit, limit_or(ON_A_PAGE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAccounts:
    """Which accounts to list, the newest first."""

    q: Words = ""
    """Part of a name or of an e-mail address."""
    role: Annotated[Role | None, Blank] = None
    state: Annotated[Literal["active", "disabled", "leaving"] | None, Blank] = None
    cursor: Place = None
    """Where the list goes on: from `next` of the page before."""
    limit: Many = ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPlace:
    """From where on to list, the newest first."""

    cursor: Place = None
    """Where the list goes on: from `next` of the page before."""
    limit: Many = ON_A_PAGE
    """How many to answer at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDoubles:
    """What may be there twice among the newest; or, with words, what they find."""

    q: Words = ""
    """What to search for."""
    cursor: Place = None
    """Where the list goes on: from `next` of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOther:
    """With which other one to merge."""

    q: Words = ""
    """What to search for; without it, what looks alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAudit:
    """Which entries of the audit log to list, the newest first."""

    what: Words = ""
    """What was done, such as `password changed`."""
    person: Words = ""
    """Who did it, or to whom it was done."""
    cursor: Place = None
    """Where the list goes on: from `next` of the page before."""
    limit: Many = ON_A_PAGE
    """How many to answer at once."""


class EditPerson(TypedDict, total=False):
    """Change what is given, leave the rest. `version` says which version was read."""

    role: Role
    """`admin` may do what this part of the place does."""
    state: Literal["active", "disabled"]
    """Who is disabled is signed out everywhere, at once, and cannot sign in; `active` takes that back."""
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeInvite:
    """Make a link by which somebody can register."""

    note: _Note | None = None
    """For whom it is; only administrators see that."""
    days: Annotated[_Days, _otherwise(7, _Days)] = 7
    """For how many days it counts."""
    most_uses: Annotated[_Uses, _otherwise(1, _Uses)] = 1
    """How many people can register by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeInto:
    """Say which one stays."""

    into: Annotated[int, Field(ge=1, le=2**63 - 1), Whole]
    """The number of the one that stays."""
