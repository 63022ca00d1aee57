"""What the instance says of itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.jobs.results import JobShown


@dataclass(frozen=True, slots=True)
class Alive:
    """The process answers."""

    status: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The database answers too, and has the schema of this release."""

    status: str
    database: str
    schema: str


@dataclass(frozen=True, slots=True)
class About:
    """What runs here."""

    version: str
    books: int
    authors: int
    python: str
    database: str
    licence: str
    guest_edits: str


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup that the place made by itself."""

    name: str
    made_at: datetime
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class BackupList:
    """The backups that the place made by itself, the newest first."""

    often: Literal["off", "daily", "weekly"]
    kept: int
    """How many are kept."""
    items: tuple[BackupFile, ...]
    job: JobShown | None
    """The newest job that makes or made one."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, and what it does."""

    key: str
    does: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the pages."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The look that was chosen."""

    theme: str
    view: str


@dataclass(frozen=True, slots=True)
class DocsField:
    """One thing that a route reads: where it stands (path, query, header, body), and what may stand there."""

    name: str
    where: str
    what: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class DocsAnswer:
    """One status that a route answers, and what comes with it."""

    status: str
    words: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsOperation:
    """One method of one address. `curl` is a command that works as it stands."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    old: bool
    who: str
    fields: tuple[DocsField, ...]
    answers: tuple[DocsAnswer, ...]
    errors: tuple[DocsAnswer, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class DocsRoom:
    """The addresses of one room."""

    name: str
    words: str
    operations: tuple[DocsOperation, ...]


@dataclass(frozen=True, slots=True)
class DocsObject:
    """One object of the answers, as an example in JSON."""

    name: str
    words: str
    example: str


@dataclass(frozen=True, slots=True)
class Docs:
    """All addresses, for people; `/openapi.json` says the same for programs."""

    version: str
    rooms: tuple[DocsRoom, ...]
    objects: tuple[DocsObject, ...]


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """Something changed; its number, and the name of what."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What changed for you. `last` is the number to go on from."""

    events: tuple[HeardEvent, ...]
    last: int
