"""What jobs answer: frozen, finished, the same for the page and for JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

State = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKnown:
    """A job as the work that does it knows it, at its last step."""

    id: int
    kind: str
    account_id: int | None
    """Whose it is; None for the place's own."""
    payload: Mapping[str, Any]
    place: Mapping[str, Any]
    """Where to go on; empty at the very beginning."""
    done: int
    total: int | None
    tries: int
    """How often it was begun since it last got on; 1 when nothing went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobShown:
    """A piece of long work, and how far it is."""

    id: int
    kind: str
    title: str
    state: State
    state_words: str
    """The state as people say it: "tried again in 20 seconds"."""
    saying: str
    """What it does just now."""
    done: int
    total: int | None
    """How much of how much; None while nobody knows."""
    percent: int | None
    reason: str | None
    """Why it failed, or is tried again."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    seconds: int | None
    """For how long it has been going on, or did; None before it began."""
    took: str
    """The same in words."""
    url: str
    about_url: str | None
    """The page of what it is about, when there is one."""
    cancellation_url: str | None
    """A POST there stops it; None when there is nothing to be stopped."""
    retry_url: str | None
    """A POST there begins it again where it ended; None when that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """One page of a person's jobs, the newest first."""

    items: tuple[JobShown, ...]
    next: str | None
