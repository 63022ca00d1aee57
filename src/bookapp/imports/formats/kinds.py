"""What other places call the four shelves and the kinds of copies."""

import re
from typing import Final

from bookapp.shelves.reading_results import Outcome
from bookapp.shelves.results import State

_STATES: Final[dict[str, State]] = {
    "want": "want",
    "want to read": "want",
    "to read": "want",
    "to be read": "want",
    "tbr": "want",
    "wishlist": "want",
    "wish list": "want",
    "planned": "want",
    "for later": "want",
    "reading": "reading",
    "currently reading": "reading",
    "in progress": "reading",
    # Who pauses means to go on.
    "paused": "reading",
    "on hold": "reading",
    "read": "read",
    "have read": "read",
    "already read": "read",
    "finished": "read",
    "completed": "read",
    "read but unowned": "read",
    "stopped": "stopped",
    "stopped reading": "stopped",
    "did not finish": "stopped",
    "didn't finish": "stopped",
    "dnf": "stopped",
    "abandoned": "stopped",
    "unfinished": "stopped",
}
OUTCOMES: Final[dict[State, Outcome]] = {"reading": "reading", "read": "finished", "stopped": "stopped"}
"""How a reading ended for a book that stands on that shelf."""
_KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("audio", re.compile(r"audio|\bmp3\b|cassette|hörbuch|narrated")),
    ("digital", re.compile(r"e-?book|kindle|digital|epub|\bpdf\b|\bmobi\b|\bazw3?\b|nook|electronic")),
    ("hardcover", re.compile(r"hard ?(?:cover|back)|hardbound|library binding|relié|gebunden")),
    ("paperback", re.compile(r"paper ?back|soft ?(?:cover|back)|broché|poche|taschenbuch")),
)


def state_of(text: str) -> State | None:
    """Which of the four shelves a word of another place means; None for one of the person's own, or none."""
    return _STATES.get(" ".join(re.split(r"[\s_-]+", text.strip().casefold())))


def kind_of(text: str) -> str | None:
    """Which kind of copy it is: paperback, hardcover, digital or audio, else in the file's own words."""
    folded = text.casefold()
    return next((kind for kind, words in _KINDS if words.search(folded)), None) or (text.strip() or None)
