"""What the shelves answer: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.books.results import BookLine, BookName
from bookapp.circles.visibility import Visibility
from bookapp.shelves.detail_results import DetailShown, KeptDetail
from bookapp.shelves.quote_results import QuoteLine
from bookapp.shelves.reading_results import ReadingLine
from bookapp.shelves.review_results import ReviewShown

State = Literal["want", "reading", "read", "stopped"]
Sort = Literal["newest", "title", "author", "rating"]


@dataclass(frozen=True, slots=True)
class MineBook(BookName):
    """The book that it is about."""

    pages: int | None


@dataclass(frozen=True, slots=True)
class OwnShelf:
    """A shelf of a person's own, and whether the book stands on it."""

    slug: str
    name: str
    url: str
    book_url: str
    """A PUT there puts the book on it, a DELETE takes it off."""
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MyBook:
    """What a person has to do with a book; of others, nobody sees all of it."""

    book: MineBook
    state: State | None
    """On which of the four shelves it stands."""
    stars: float | None
    """0.25 to 5, in quarters."""
    stars_words: str
    visibility: Visibility | None
    """Who may see it, as it was chosen for this book alone; null for what its shelf says."""
    seen_by: Visibility
    """Who may see it, all told."""
    seen_by_shelf: Visibility
    """Who may see it when nothing is chosen for this book alone."""
    tags: tuple[str, ...]
    shelves: tuple[OwnShelf, ...]
    note: str | None
    """Seen by the person alone."""
    is_owned: bool
    url: str
    shelves_url: str
    version: int
    """0 when the person has nothing to do with the book yet."""
    detail: DetailShown
    """How it felt, what to be warned of, and which copy is theirs."""
    review: ReviewShown | None
    readings: tuple[ReadingLine, ...]
    quotes: tuple[QuoteLine, ...]


@dataclass(frozen=True, slots=True)
class ReaderName:
    """Somebody who has a book on a shelf."""

    username: str
    url: str
    state: State | None
    stars: float | None
    stars_words: str


@dataclass(frozen=True, slots=True)
class StateCount:
    """On how many people's shelves a book stands."""

    state: State
    title: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReaders:
    """Who reads a book here, as far as the one who asks may see it."""

    average: float | None
    """In stars, of the ratings that may be seen."""
    rating_count: int
    count: int
    """How many people have it."""
    states: tuple[StateCount, ...]
    readers: tuple[ReaderName, ...]
    """The first of the others, those whom one trusts and who rated it come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfBookLine(BookLine):
    """A book on somebody's shelf."""

    state: State | None
    stars: float | None
    stars_words: str
    tags: tuple[str, ...]
    placed_at: datetime
    """When it came onto the shelf."""
    is_owned: bool
    visibility: Visibility | None
    """Who may see it; told to the person alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLine:
    """One of a person's shelves, as far as the one who asks may see it."""

    slug: str
    name: str
    about: str | None
    kind: Literal["state", "own"]
    count: int
    covers: tuple[BookLine, ...]
    """The books that came last."""
    visibility: Visibility | None
    """Who may see it; told to the person alone."""
    chosen: Visibility | None
    """What was chosen for it alone, null for what holds for everything; told to the person alone."""
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfList:
    """A person's shelves."""

    username: str
    is_mine: bool
    total: int
    """How many books stand on them, each counted once."""
    shelves: tuple[ShelfLine, ...]
    own: tuple[ShelfLine, ...]
    """Those that the person made."""
    tags: tuple[str, ...]
    """The words that they use most."""
    url: str
    account_url: str
    settings_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfShown:
    """One page of the books on a shelf."""

    username: str
    is_mine: bool
    slug: str
    name: str
    about: str | None
    kind: Literal["state", "own", "all"]
    visibility: Visibility | None
    """Who may see it; told to the person alone."""
    books: tuple[ShelfBookLine, ...]
    next: str | None
    total: int
    q: str
    tag: str
    sort: Sort
    url: str
    shelves_url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingNow(BookLine):
    """A book that a person reads, and how far they are."""

    percent: int | None
    progress_words: str
    """As people say it: "page 120 of 474"; empty when nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettings:
    """How a person wants to be seen as a reader."""

    visibility: Visibility
    """Who sees whatever has no choice of its own."""
    want: Visibility | None
    reading: Visibility | None
    read: Visibility | None
    stopped: Visibility | None
    """Who sees what stands on a shelf; null for the same as `visibility`."""
    is_counted: bool
    """Whether their ratings may help to compute recommendations for others."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEntry:
    """What is kept of a person and a book, for the person to take along."""

    book_id: int
    book: str
    author: str
    isbn: str | None
    shelf: State | None
    stars: float | None
    rated_at: datetime | None
    tags: tuple[str, ...]
    own_shelves: tuple[str, ...]
    note: str | None
    is_owned: bool
    visibility: Visibility | None
    added_at: datetime
    shelved_at: datetime
    detail: KeptDetail | None
    """Null where nothing was said of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptShelf:
    """A shelf of a person's own, for them to take along."""

    name: str
    about: str | None
    visibility: Visibility | None
    created_at: datetime
