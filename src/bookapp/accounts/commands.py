"""What a person may ask of their account."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.accounts import rules
from bookapp.core.fields import Flag, Version, Whole
from bookapp.core.text import typed


def _checked(wrong: Callable[[str], str | None]) -> AfterValidator:
    def check(value: str) -> str:
        if (reason := wrong(value)) is not None:
            raise ValueError(reason)
        return value

    return AfterValidator(check)


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be the name of a time zone, such as Europe/Berlin")
    return name


def _storable(value: object) -> object:
    # Nothing is cut off or normalised: a password is compared exactly. What no keyboard can send is refused.
    if not isinstance(value, str) or "\x00" in value or any(0xD800 <= ord(c) < 0xE000 for c in value):
        raise ValueError("must be text")
    return value


Username = Annotated[
    str,
    *typed(1, 20),
    _checked(rules.wrong_username),
    WithJsonSchema({"type": "string", "pattern": rules.USERNAME}, mode="validation"),
]
Email = Annotated[
    str,
    *typed(1, 120),
    _checked(rules.wrong_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 120}, mode="validation"),
]
Password = Annotated[
    str,
    BeforeValidator(_storable),
    StringConstraints(min_length=1, max_length=rules.MOST_PASSWORD),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": rules.MOST_PASSWORD}, mode="validation"),
]
Zone = Annotated[
    str,
    *typed(1, 64),
    AfterValidator(_known_zone),
    WithJsonSchema({"type": "string", "maxLength": 64}, mode="validation"),
]
Code = Annotated[str, *typed(1, 40)]
Way = Annotated[str, Field(max_length=2000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Make an account."""

    username: Username
    """3 to 20 letters, digits, dots, hyphens and underscores."""
    email: Email
    password: Password
    """At least 15 characters; several words are easy to remember."""
    code: Code | None = None
    """The set-up code that the server printed, for the first account from another machine."""
    invite: Code | None = None
    """The last part of an invitation's link."""
    time_zone: Zone | None = None
    next: Way | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Sign in."""

    username: Annotated[str, *typed(1, 120)]
    """The username, or the e-mail address."""
    password: Password
    remember: Flag = False
    """Stay signed in on this browser for a month."""
    code: Code | None = None
    """From the authenticator app, or a recovery code, when a second factor is set up."""
    next: Way | None = None


class EditAccount(TypedDict, total=False):
    """Change what is given, leave the rest."""

    username: Username
    email: Email
    about: Annotated[str, *typed(1, 1000)] | None
    time_zone: Zone
    password: Password | None
    """The one you have; needed to change the e-mail address, by which a lost password is found again."""
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Choose another password; every other browser is signed out."""

    password: Password
    """The one you have."""
    new_password: Password
    """The one you want."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAccount:
    """Leave; the account is gone two weeks later, and signing in before that takes it back."""

    password: Password


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeToken:
    """Make a key for a program."""

    name: Annotated[str, *typed(1, 60)]
    scope: Literal["read", "write"] = "read"
    """What it may do; `write` may read as well."""
    days: Annotated[int, Field(ge=1, le=3650), Whole] | None = 90
    """How long it lives; null for ever."""
    password: Password | None = None
    """The one you have, when a program asks: a token alone makes no further ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForWay:
    """Where to go on after signing in, and by which invitation somebody comes."""

    next: Way = ""
    invite: Annotated[str, Field(max_length=100)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCode:
    """Finish signing in with the second factor."""

    code: Code
    """From the authenticator app, or a recovery code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmFactor:
    """Switch the second factor on, once the authenticator app shows codes."""

    code: Code
    """The six digits that the app shows now."""
    password: Password
    """The one you have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveAgain:
    """Type the password once more, for what matters for safety."""

    password: Password
    """The one you have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReset:
    """Ask for a link by which a forgotten password is replaced."""

    username: Annotated[str, *typed(1, 120)]
    """The username, or the e-mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhetherAsked:
    """Whether the form for a link was sent a moment ago."""

    asked: Literal["", "1"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskByLink:
    """What stands in the link."""

    token: Annotated[str, Field(max_length=100)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseByLink:
    """Choose a new password with a link."""

    token: Annotated[str, *typed(1, 100)]
    """The last part of the link."""
    new_password: Password
    """The one you want."""
