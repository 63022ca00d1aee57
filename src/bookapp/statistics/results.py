"""What statistics answer: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime

from bookapp.advice.results import Recommended
from bookapp.books.results import BookLine
from bookapp.circles.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that was counted."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Plot:
    """Counts that are drawn: what they are of, and what they say, in words."""

    title: str
    description: str
    rows: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year in which somebody read."""

    year: int
    books: int
    pages: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearList:
    """The years in which a person read, the latest first."""

    username: str
    is_me: bool
    years: tuple[YearLine, ...]
    total: int
    plot: Plot
    this_year_url: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRead(BookLine):
    """A book that was finished in the year."""

    finished: str
    """When, as exactly as it is known: "12 March", "March", "some time in 2024"."""
    again: bool
    """Whether it had been read before."""
    stars: float | None
    """What the reader gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """How many books a person means to finish in the year, and how that goes."""

    books: int
    done: int
    expected: int | None
    """How many would be done by today; only the person is told, since others may not see every book."""
    words: str
    """"2 books ahead of your goal"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearShown:
    """A person's year in numbers: what the one who asks may see of it."""

    username: str
    title: str
    year: int
    is_me: bool
    books: int
    """How often a book was finished; one that was finished twice counts twice."""
    again: int
    """How many of these had been read before."""
    pages: int
    some_time: int
    """How many were finished at some time in the year, nobody knows when: these are in no month."""
    streak: int
    """The most months in a row with a finished book in each."""
    average_stars: float | None
    average_days: int | None
    """How long a book took, where both days are known; the first and the last one count."""
    first: BookRead | None
    last: BookRead | None
    longest: BookRead | None
    shortest: BookRead | None
    months: Plot
    subjects: Plot
    authors: Plot
    languages: Plot
    decades: Plot
    ratings: Plot
    goal: Goal | None
    so_far: Plot
    """The books finished by the end of each month."""
    read: tuple[BookRead, ...]
    """The latest of them."""
    seen_by: Visibility | None
    """Who sees the shelf of read books; told to the person alone."""
    settings_url: str | None
    url: str
    goal_url: str
    before_url: str
    after_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShown:
    """The numbers of the whole place: only what everyone may see."""

    books: int
    authors: int
    subjects: int
    ratings: int
    reviews: int
    by_decade: Plot
    by_subject: Plot
    by_author: Plot
    by_language: Plot
    added: Plot
    most_praised: tuple[Recommended, ...]
    counted_at: datetime
    """Where there are many books, numbers are up to ten minutes old."""
