"""What is answered to administrators. Nothing in it is anybody's private matter: no tasks, no notes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.jobs.results import JobShown

State = Literal["active", "disabled", "leaving"]
Kind = Literal["author", "book"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Somebody whose account ends soon."""

    id: int
    username: str
    delete_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How many there are of what, and what needs care."""

    accounts: int
    readers: int
    """Readers of data sets, from whom the recommender learns; nobody can sign in as one."""
    administrators: int
    disabled: int
    sessions: int
    invites: int
    books: int
    authors: int
    author_doubles: int
    """How many of the newest authors look like an older one."""
    book_doubles: int
    """How many of the newest books look like an older one."""
    looked_at: int
    """How many of the newest were looked at, of each."""
    leaving: tuple[Leaving, ...]
    """The accounts that are about to be deleted, the next ones first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """Somebody's account, as an administrator sees it."""

    id: int
    username: str
    url: str
    email: str
    role: str
    state: State
    created_at: datetime
    seen_at: datetime | None
    disabled_at: datetime | None
    delete_at: datetime | None
    sessions: int
    """In how many browsers they are signed in."""
    has_second_factor: bool
    is_me: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountList:
    """One page of the accounts."""

    items: tuple[AccountLine, ...]
    next: str | None
    total: int
    q: str
    role: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMade:
    """A link that lets somebody in. It is shown only now."""

    link: str
    what: Literal["invitation", "new password"]
    note: str
    expires_at: datetime
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteLine:
    """An invitation, without its link."""

    id: int
    prefix: str
    note: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    uses: int
    most_uses: int
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteList:
    """One page of the invitations."""

    items: tuple[InviteLine, ...]
    next: str | None
    registration: str
    """Who may register without one: everybody (`open`), nobody (`invite`), or nobody at all (`closed`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """Something that was done."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    details: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditList:
    """One page of the audit log."""

    items: tuple[AuditLine, ...]
    next: str | None
    what: str
    person: str
    kinds: tuple[str, ...]
    """Everything that `what` can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """An author or a book that may be there twice."""

    id: int
    name: str
    about: str
    """What tells it from others: how many books, or author, year and ISBN."""
    url: str
    merge_url: str
    """Where one says into which other one it goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One that was found, and an older one that looks like it."""

    one: Double
    older: Double | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleList:
    """What may be there twice. `looked_at` says among how many, the newest first; 0 for a search."""

    kind: Kind
    items: tuple[Pair, ...]
    next: str | None
    q: str
    looked_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one author or one book can be merged into."""

    kind: Kind
    one: Double
    others: tuple[Double, ...]
    q: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLine:
    """That two became one. A POST to `undo_url` makes them two again."""

    id: int
    at: datetime
    who: str
    kind: str
    from_id: int
    from_name: str
    into_id: int
    into_name: str
    into_url: str
    url: str
    undone_at: datetime | None
    undone_by: str | None
    remarks: tuple[str, ...]
    """What could not be brought back."""
    undo_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeList:
    """One page of the merges."""

    items: tuple[MergeLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that the place does by itself."""

    name: str
    what: str
    every_seconds: int
    done_at: datetime | None
    """None: not yet since it was installed."""
    milliseconds: int | None
    times: int
    last: int
    """How many things came of it the last time."""
    whole: int
    """And ever since."""
    trouble: str | None
    """What was in the way the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyJob:
    """Somebody's long work, or the place's own."""

    person: str | None
    """Whose it is; None for the place's own."""
    job: JobShown


@dataclass(frozen=True, slots=True, kw_only=True)
class JobList:
    """What the place does by itself, and one page of the long work that anybody asked for."""

    chores: tuple[Chore, ...]
    items: tuple[AnyJob, ...]
    next: str | None
