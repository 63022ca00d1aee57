"""Decisions about recommendations that need no database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookapp.suggestions.results import State, Welcome

MOST_AT_ONCE = 20
"""To so many people one may recommend a book at once."""
MOST_A_DAY = 60
"""So many recommendations one person may send in a day, counted for each who gets one."""
MOST_WAITING = 5
"""So many of a day may wait with one person for one sender."""
MOST_ASKS = 5
"""So many wishes of one person may be open at once."""
DAY = timedelta(days=1)
LINK_LASTS = timedelta(days=30)
A_HIT = 16
"""Quarter stars: four stars."""
OPEN: tuple[State, ...] = ("sent", "seen", "saved", "reading")
"""Nothing final came of it yet."""
WAITING: tuple[State, ...] = ("sent", "seen")
"""Nobody decided about it yet."""
_STEPS: tuple[State, ...] = ("sent", "seen", "saved", "reading", "finished")
_BY_SHELF: dict[str, State] = {"want": "saved", "reading": "reading", "read": "finished"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a receiver stands to a sender, as far as it decides what may be sent."""

    name: str
    welcome: Welcome
    trusts: bool
    """The receiver trusts the sender."""
    is_blocked: bool
    """The sender blocks the receiver. The other way round nothing may be said."""
    has_open: bool
    """This book was recommended to them by this sender, and nothing final came of it."""
    waiting: int
    """How many of the sender's of this day wait with them."""


def refusal(one: Standing, *, asked: bool = False) -> str | None:
    """Why nothing can be sent to somebody, or None. Who asked for it is welcome to get it."""
    if one.is_blocked:
        return f"You block {one.name}. End that first."
    if not asked and one.welcome == "nobody":
        return f"{one.name} takes no recommendations at the moment."
    if not asked and one.welcome == "trusted" and not one.trusts:
        return f"{one.name} takes recommendations from people they trust only."
    if one.has_open:
        return f"You already recommended this book to {one.name}."
    if one.waiting >= MOST_WAITING:
        return f"{MOST_WAITING} of your recommendations of today wait with {one.name} already. Give them some time."
    return None


def moved(state: State, shelf: str | None) -> State:
    """The state of a recommendation when its book came onto that shelf: it goes on, and never back."""
    after = _BY_SHELF.get(shelf or "")
    if after is None or state not in _STEPS:
        return state
    return max(state, after, key=_STEPS.index)


def accepted(state: State) -> State:
    """The state when the receiver takes it. What is read stays read."""
    return moved("seen" if state == "declined" else state, "want")


def names(people: Collection[str]) -> str:
    """Several people in a sentence."""
    *most, last = people
    return f"{', '.join(most)} and {last}" if most else last


def is_alive(until: datetime | None, now: datetime) -> bool:
    """Whether a link still opens."""
    return until is not None and now < until


def box_url(box: str) -> str:
    """The address of a box."""
    return "/suggestions" if box == "inbox" else f"/suggestions?box={box}"


def suggestion_url(suggestion_id: int) -> str:
    """The address of a recommendation."""
    return f"/suggestions/{suggestion_id}"


def link_url(token: str) -> str:
    """The address that somebody outside gets, below where the application is reached."""
    return f"/suggestions/by-link?token={token}"


def ask_url(ask_id: int) -> str:
    """The address of a wish."""
    return f"/asks/{ask_id}"
