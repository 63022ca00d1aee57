"""Decisions about jobs that need no database."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bookapp.jobs.results import State

HELD = timedelta(seconds=60)
"""For so long nobody else takes a job whose worker is not heard of; every step prolongs it."""
TURN = 15.0
"""Seconds after which a job that can be gone on with lets others that wait have their turn."""
BACKOFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
"""How long to wait after the first failure at one place, the second, and the third."""
MOST_TRIES = len(BACKOFF) + 1
"""So often a job is begun without getting on before it counts as failed."""
MOST_OPEN = 50
"""So many jobs of one person may wait or run at once."""
ON_A_PAGE = 30
KEPT = timedelta(days=90)
"""How long jobs are remembered after they ended."""
OURS = "Something went wrong on our side. What is in stays in."
DIED = f"It was begun {MOST_TRIES} times, and each time the work broke off at the same place."
ENDED = frozenset({"done", "failed", "cancelled"})
_WORDS = {"queued": "waiting", "running": "at work", "done": "done", "failed": "failed", "cancelled": "stopped"}


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after it was begun `tries` times at one place; None when that was often enough."""
    return BACKOFF[max(tries, 1) - 1] if tries < MOST_TRIES else None


def state_words(state: State, begin_at: datetime, now: datetime, *, is_unwanted: bool, tries: int) -> str:
    """The state as people say it."""
    if state == "running" and is_unwanted:
        return "stopping"
    if state == "queued" and begin_at > now:
        again = "tried again" if tries else "begins"
        return f"{again} in {long((begin_at - now).total_seconds() + 1)}"
    return _WORDS[state]


def is_retried(state: State, begin_at: datetime, now: datetime) -> bool:
    """Whether it can be begun again: it ended too early, or waits for its next try."""
    return state in ("failed", "cancelled") or (state == "queued" and begin_at > now)


def long(seconds: float) -> str:
    """How long that is, in words: two units at most."""
    whole = max(int(seconds), 0)
    units = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
    said = []
    for name, size in units:
        many, whole = divmod(whole, size)
        if many:
            said.append(f"{many} {name}{'' if many == 1 else 's'}")
        elif said:
            break  # "1 day" says enough; "1 day 4 seconds" says it worse
    return " ".join(said[:2]) or "less than a second"


def percent(done: int, total: int | None, state: State) -> int | None:
    """How much is done in hundredths; 100 only at the end, since totals may be guesses. None when nobody knows."""
    if state == "done":
        return 100
    return None if not total else max(0, min(99, done * 100 // total))


def about_url(payload: Mapping[str, Any]) -> str | None:
    """The page of what a job is about: the payload's `url`, if it is an address of this place."""
    url = payload.get("url")
    return url if isinstance(url, str) and url.startswith("/") and not url.startswith("//") else None


OWN, ALL = "/jobs", "/admin/jobs"
"""Where people find their jobs, and those who look after the place everybody's."""


def job_url(job_id: int, place: str = OWN) -> str:
    """The address of a job."""
    return f"{place}/{job_id}"
