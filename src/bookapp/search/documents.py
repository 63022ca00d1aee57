"""What is handed in to be found, and how text becomes words."""

from dataclasses import dataclass

from bookapp.core.text import fold

LONGEST_WORD = 40
"""Words are compared by their first 40 characters."""


@dataclass(frozen=True, slots=True)
class Document:
    """One findable thing in its own words; `actions.index` folds them. `id` is positive: the book's key."""

    id: int
    title: str
    names: str
    more: str


def folded(text: str) -> str:
    """`text` as both indexes hold it: folded words between single spaces."""
    # A few signs (㎆, ™) only become capital letters while folding, and FTS5 ignores the case of those.
    return fold(text).lower()
