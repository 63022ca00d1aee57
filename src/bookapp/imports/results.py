"""What imports answer: frozen, finished, the same for the page and for JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.books.results import BookLine

State = Literal["queued", "running", "done", "failed", "cancelled"]
Step = Literal["look", "put"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the rows of a file."""

    read: int = 0
    new: int = 0
    known: int = 0
    """On your shelves already, just so."""
    changed: int = 0
    failed: int = 0
    doubtful: int = 0
    """Waiting for you to say which book they are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLine:
    """A row that could not be read."""

    number: int
    line: int
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """An import in a list."""

    id: int
    state: State
    step: Step
    """look: nothing is put in yet; put: it is, or is about to be."""
    step_words: str
    """What is being done with it, or was, as people say it."""
    format: str | None
    format_title: str | None
    file_name: str
    size: int
    counts: Counts
    created_at: datetime
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportShown(ImportLine):
    """An import on its own page."""

    state_words: str
    saying: str
    """What it does just now."""
    done: int
    total: int | None
    """How many rows there are, as far as anybody knows; a guess until it is done."""
    percent: int | None
    reason: str | None
    """Why it failed, or is tried again."""
    remarks: tuple[str, ...]
    """What could not be understood in rows that were put in all the same: the first of them."""
    remark_count: int
    first_failed: tuple[FailedLine, ...]
    options: Mapping[str, str | bool | None]
    job_url: str | None
    errors_url: str | None
    """The rows that failed, as a file to correct and send again; None when there are none."""
    matches_url: str | None
    """Where to say which books the doubtful rows are about; None when none is doubtful."""
    confirmation_url: str | None
    """A POST there puts in what was looked at; None when there is nothing to be put in."""
    cancellation_url: str | None
    """A POST there stops it; None when there is nothing to be stopped."""
    retry_url: str | None
    """A POST there goes on where it ended; None when that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportList:
    """One page of a person's imports, the newest first."""

    items: tuple[ImportLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchShown:
    """A row of a file that may be about a book that is here."""

    number: int
    line: int
    title: str
    author: str
    isbn: str
    """As the file has it; empty without one."""
    reason: str
    candidates: tuple[BookLine, ...]
    """The likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchList:
    """One page of the doubtful rows of an import."""

    items: tuple[MatchShown, ...]
    next: str | None
    total: int
    import_id: int
    file_name: str
    step: Step
    url: str
    """A POST there settles rows."""
    import_url: str
    version: int
