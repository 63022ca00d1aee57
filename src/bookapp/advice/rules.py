"""Decisions about public advice that need no database."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bookapp.books.rules import book_url

WORTH = timedelta(days=21)
"""By so much newer each further voice makes a praise."""
MOST_VOICES = 12
"""More voices than these lift a book no further, or the first favourite would stay on top for ever."""
VOICES_SHOWN = 3
"""So many people are named beside a book in a list; the rest are a number."""
CANDIDATES = 5
"""So many books are named when a title is not enough."""
PAIRS_ON_A_PAGE, PRAISE_ON_A_PAGE, RECOMMENDED_ON_A_PAGE = 24, 50, 24
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rank(last_at: datetime, voices: int) -> int:
    """Where a book stands among those that are recommended here; the largest comes first.

    It is the moment of the latest praise, in seconds, and every further voice counts as three weeks. So a new voice
    comes up at once, several voices stay longer, and the order does not depend on when somebody looks: a list can be
    gone through page by page, and kept.
    """
    further = min(voices, MOST_VOICES) - 1
    return (last_at - _EPOCH) // timedelta(seconds=1) + further * (WORTH // timedelta(seconds=1))


def which_one(found: Iterable[tuple[int, str, str]]) -> str:
    """What to say when several books (id, title, author) fit."""
    named = "; ".join(f"{title} by {author} is number {book_id}" for book_id, title, author in found)
    return f"Several books fit. Type the number of the one that you mean: {named}"


def praise_url(book_id: int) -> str:
    """The address of what readers say for a book."""
    return f"{book_url(book_id)}/praise"


def pairs_url(book_id: int) -> str:
    """The address of what readers would read after a book."""
    return f"{book_url(book_id)}/pairs"


def pair_url(pair_id: int) -> str:
    """The address of a pair."""
    return f"/pairs/{pair_id}"
