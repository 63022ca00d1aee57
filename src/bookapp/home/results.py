"""What the start page and the dashboard show."""

from dataclasses import dataclass
from typing import Literal

from bookapp.accounts.results import AccountShown
from bookapp.advice.results import PairShown, PraiseShown, Recommended
from bookapp.books.recent import RecentChange
from bookapp.books.results import BookLine, BookShown
from bookapp.lists.results import TaskLine
from bookapp.recommender.results import RecommendedBook
from bookapp.shelves.detail_results import BookFelt
from bookapp.shelves.results import BookReaders, MyBook, ReadingNow, ShelfList
from bookapp.shelves.review_results import ReviewShown
from bookapp.suggestions.results import HitRates, SuggestionLine


@dataclass(frozen=True, slots=True)
class RouteLine:
    """One address of this instance, for a client that looks around."""

    path: str
    methods: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The start page; for a JSON client above all the list of routes."""

    name: str
    version: str
    routes: tuple[RouteLine, ...]
    total: int
    recommended: tuple[Recommended, ...]
    """What readers recommend to everybody here, with who does and why."""
    best: tuple[BookLine, ...]
    """What readers rated highest."""
    newest: tuple[BookLine, ...]
    reader: "ReaderStrip | None"
    """What concerns you today; null for guests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderStrip:
    """What concerns a person today, in a few words."""

    reading: tuple[ReadingNow, ...]
    due: tuple[TaskLine, ...]
    for_you: tuple[RecommendedBook, ...]
    """Computed for you, each with its true reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPage(BookShown):
    """A book with what its readers do with it and say about it, as far as the one who asks may see."""

    mine: MyBook | None
    """What is yours about it; null for guests."""
    readers: BookReaders
    felt: BookFelt
    """How it felt to its readers, and of what they warn."""
    praise: tuple[PraiseShown, ...]
    """Why readers recommend it to everybody, the latest first."""
    own_praise: PraiseShown | None
    pairs: tuple[PairShown, ...]
    """What readers would read after it."""
    reviews: tuple[ReviewShown, ...]
    """The latest reviews."""
    review_count: int
    likely: tuple[str, ...]
    """To whom you are likely to recommend it; nobody for guests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage(AccountShown):
    """A person, with as much of their reading as the one who asks may see."""

    shelves: ShelfList
    reviews: tuple[ReviewShown, ...]
    review_count: int
    tie: Literal["trust", "block"] | None
    """What you are to them; they do not learn it."""
    hits: HitRates | None
    """How well you two choose books for each other; null where there is no such pair."""
    may_tie: bool
    """Whether you may trust or block them: not yourself, and not as a guest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """What concerns a person today."""

    welcome: str
    username: str
    reading: tuple[ReadingNow, ...]
    """What stands on your shelf of what you read, with how far you are."""
    inbox: tuple[SuggestionLine, ...]
    """What others recommend to you, the latest first."""
    news: int
    """Of how many that you recommended you have not looked what came of them."""
    for_you: tuple[RecommendedBook, ...]
    """Computed for you, each with its true reasons."""
    due: tuple[TaskLine, ...]
    """What is overdue and what falls due within a week, the first few."""
    overdue: int
    """How many tasks are overdue in all."""
    changes: tuple[RecentChange, ...]
