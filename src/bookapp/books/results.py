"""What the catalogue answers: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class AuthorName:
    """An author, as named beside a book."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class BookName:
    """A book, as named beside what is about it."""

    id: int
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """Which series a book belongs to, and where in it."""

    id: int
    name: str
    position: str | None


@dataclass(frozen=True, slots=True)
class Rating:
    """What readers gave, 0.5 to 5 stars on average."""

    average: float | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """A book in a list."""

    id: int
    title: str
    author: AuthorName
    authors: tuple[AuthorName, ...]
    year: int | None
    language: str | None
    pages: int | None
    isbn: str | None
    subjects: tuple[str, ...]
    series: SeriesPlace | None
    rating: Rating
    cover_url: str
    cover_drawn: bool
    """True when nobody uploaded a cover, and `cover_url` answers a drawing."""
    created_by: str
    url: str
    version: int


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value that a list can be narrowed to. `count` says how many of the books found have it."""

    value: str
    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """What a list can be narrowed by. `complete` is False when only the best matches were counted."""

    author: tuple[FacetValue, ...]
    subject: tuple[FacetValue, ...]
    decade: tuple[FacetValue, ...]
    language: tuple[FacetValue, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookList:
    """One page of the catalogue. `total` is None when more were found than are worth counting."""

    books: tuple[BookLine, ...]
    next: str | None
    total: int | None
    facets: Facets
    q: str
    sort: str
    chosen: tuple[FacetValue, ...]
    """The filters in force; the `url` of each leads to the list without it."""
    searched_for: str
    """What was really searched: differs from `q` when a typing error was mended."""
    did_you_mean: str | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field said before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a book's history."""

    at: datetime
    who: str
    what: Literal["added", "edited", "deleted", "restored", "cover", "imported"]
    version: int
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarBook(BookLine):
    """A book that is like another."""

    because: tuple[str, ...]
    """What the two share, as people say it: "in the same series", "also about fantasy and magic"."""


@dataclass(frozen=True, slots=True)
class SimilarList:
    """The books that are like the one with this id, the most similar first."""

    id: int
    title: str
    url: str
    books: tuple[SimilarBook, ...]


@dataclass(frozen=True, slots=True)
class EditionShown:
    """An ISBN under which a book was published. What nobody told is null."""

    isbn: str
    publisher: str | None
    year: int | None
    language: str | None
    pages: int | None
    format: str | None
    """As its publisher calls it: Paperback, Audio CD."""


@dataclass(frozen=True, slots=True)
class EditionList:
    """The first editions of a book, the newest first; `total` says how many there are."""

    editions: tuple[EditionShown, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookShown(BookLine):
    """A book on its own page."""

    description: str | None
    created_at: datetime
    editions: tuple[EditionShown, ...]
    """Under which other ISBNs it was published, the newest first, up to 50."""
    edition_count: int
    in_series: tuple[BookLine, ...]
    more_by_author: tuple[BookLine, ...]
    similar: tuple[SimilarBook, ...]
    """The first that are like it, besides those of its series and its author."""
    history: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class AuthorLine:
    """An author in a list."""

    id: int
    name: str
    book_count: int
    url: str
    version: int


@dataclass(frozen=True, slots=True)
class AuthorList:
    """One page of the authors."""

    authors: tuple[AuthorLine, ...]
    next: str | None
    total: int | None
    q: str
    sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorShown:
    """An author on a page of their own, with the first of their books."""

    id: int
    name: str
    book_count: int
    url: str
    version: int
    books: tuple[BookLine, ...]
    next: str | None
