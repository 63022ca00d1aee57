"""Decisions of the recommender that need no database: how candidates are ranked, and how a reason is said."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookapp.recommender.results import BookTie, Reason

TIES: tuple[BookTie, ...] = ("readers", "author", "series", "alike")
"""By the numbers that are stored as the kind of a row."""
POPULAR = 0.03
"""What the most popular book gets for that alone."""
AT_ONCE, OF_SERIES, OF_AUTHOR = 20, 3, 4
"""Among so many books at most so many of a series and of an author."""
NOT_NOW = timedelta(days=90)
FIT_HOUR = 3
"""At this hour of the day, in UTC, the recommender learns."""
_SAID: dict[BookTie, str] = {
    "readers": "because you liked {}",
    "series": "in the same series as {}, which you liked",
    "author": "by the author of {}, which you liked",
    "alike": "about the same things as {}, which you liked",
}
_ALIKE: dict[BookTie, str] = {
    "readers": "readers of this book read it too",
    "series": "in the same series",
    "author": "by the same author",
    "alike": "about the same things",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A book that may be recommended."""

    book_id: int
    score: float
    author_id: int
    series_id: int | None
    ratings: int


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a person's taste for adventure changes: how much popularity weighs, and what no readers tie together."""

    popular: float
    home: float


LEANINGS = {-1: Leaning(2 * POPULAR, 1.5), 0: Leaning(POPULAR, 1.0), 1: Leaning(0.0, 0.4)}


def rank(candidates: Iterable[Candidate], most_ratings: int, leaning: Leaning, limit: int) -> list[Candidate]:
    """The best candidates, each once: their scores with a little for popularity, and some variety."""
    distinct = {candidate.book_id: candidate for candidate in reversed(list(candidates))}.values()

    def place(candidate: Candidate) -> tuple[float, int, int]:
        share = candidate.ratings / max(most_ratings, 1)
        return -candidate.score - leaning.popular * share, -candidate.ratings, -candidate.book_id

    return varied(sorted(distinct, key=place), limit)


def varied(ordered: Sequence[Candidate], limit: int) -> list[Candidate]:
    """The first `limit`, where among each twenty no series and no author comes too often: the others come later."""
    chosen: list[Candidate] = []
    rest: Sequence[Candidate] = ordered
    while rest and len(chosen) < limit:
        series: Counter[int | None] = Counter()
        authors: Counter[int] = Counter()
        later: list[Candidate] = []
        page: list[Candidate] = []
        for i, candidate in enumerate(rest):
            if len(page) == AT_ONCE:
                later += rest[i:]
                break
            many = candidate.series_id is not None and series[candidate.series_id] >= OF_SERIES
            if many or authors[candidate.author_id] >= OF_AUTHOR:
                later.append(candidate)
                continue
            series[candidate.series_id] += 1
            authors[candidate.author_id] += 1
            page.append(candidate)
        chosen += page
        rest = later
    return chosen[:limit]


def said(reasons: Sequence[Reason], ratings: int) -> tuple[str, ...]:
    """Why a book is recommended, in words that are true."""
    titles: defaultdict[BookTie, list[str]] = defaultdict(list)
    for reason in reasons:
        titles[reason.tie].append(reason.title)
    if titles:
        return tuple(words.format(listed(titles[tie])) for tie, words in _SAID.items() if titles[tie])
    return filler(ratings)


def filler(ratings: int) -> tuple[str, ...]:
    """What is said of a book that nothing brought but its popularity."""
    if not ratings:
        return ("waiting for its first rating",)
    return ("many have rated it" if ratings >= 10 else "some have rated it",)


def alike(kind: int, shared: Sequence[str] = ()) -> tuple[str, ...]:
    """Why a book is like another one, by the kind of their row and the subjects that both are about."""
    if TIES[kind] == "alike" and shared:
        return (f"also about {listed(shared)}",)
    return (_ALIKE[TIES[kind]],)


def trusted(people: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """That people whom one trusts liked a book: their names, and their ratings in quarter stars."""
    if len(people) == 1:
        name, quarters = people[0]
        return (f"{name} gave it {quarters / 4:g} stars",)
    return (f"{listed([name for name, _quarters in people])} liked it",)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


DISMISSALS_URL = "/recommendations/dismissals"
"""The address of all that a person does not want to see for a while."""


def dismissal_url(book_id: int) -> str:
    """The address of one book that a person does not want to see for a while."""
    return f"{DISMISSALS_URL}/{book_id}"


def mute_url(kind: str, key: int) -> str:
    """The address of a muted author or subject."""
    return f"/recommendations/mutes/{kind}s/{key}"


def is_due(made_at: datetime | None, now: datetime) -> bool:
    """Whether it is time for the nightly fit: none was made since the last time that the hour came."""
    if made_at is None:
        return True
    hour = now.replace(hour=FIT_HOUR, minute=0, second=0, microsecond=0)
    return made_at < (hour if hour <= now else hour - timedelta(days=1))
