"""What is answered about people."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorShown:
    """What the pages say by which one comes in."""

    next: str = ""
    invite: str = ""
    needs_setup_code: bool = False
    is_first: bool = False
    registration: str = "open"
    invite_counts: bool | None = None
    """Whether the invitation that somebody comes with still counts; None when they come with none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountShown:
    """A person, as the viewer may see them; private fields are null for others."""

    id: int
    username: str
    url: str
    about: str | None
    member_since: datetime
    role: str
    email: str | None = None
    time_zone: str | None = None
    has_second_factor: bool | None = None
    delete_at: datetime | None = None
    is_me: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A program is signed in by this token, which is shown only now."""

    token: str
    username: str
    expires_at: datetime | None
    msg: str = "Logged in successfully!"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    """Nobody is signed in by that any more."""

    msg: str = "Logged out."


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A browser that is signed in."""

    id: int
    device: str
    address: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionList:
    """Where a person is signed in."""

    items: tuple[SessionLine, ...]
    username: str
    next: None = None
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine:
    """A key for programs, without the key."""

    id: int
    name: str
    prefix: str
    scope: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    is_expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade:
    """A new key, shown only now."""

    id: int
    name: str
    token: str
    scope: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenList:
    """The keys of a person."""

    items: tuple[TokenLine, ...]
    username: str
    next: None = None
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What is known of somebody who wants in; never shown."""

    id: int
    username: str
    email: str
    role: str
    password_hash: str | None
    is_disabled: bool
    has_factor: bool
    leaving: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAsked:
    """Whether this browser is halfway in: its password was right, the code is missing."""

    is_waiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorShown:
    """A person's second factor. While it is off, what an authenticator app needs to set it up."""

    username: str
    is_on: bool
    since: datetime | None = None
    codes_left: int = 0
    """Recovery codes that still open."""
    secret: str | None = None
    """For apps that cannot read the picture; offered for an hour, stored when a code confirms it."""
    link: str | None = None
    """The same, as the picture holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesMade:
    """New recovery codes, shown only now."""

    username: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetDoor:
    """What the page for a forgotten password says; the same whether or not there is such an account."""

    sends_mail: bool
    asked: bool = False
    msg: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceShown:
    """The form that a link opens, if it still does."""

    token: str = ""
    is_alive: bool = True
    username: str | None = None
