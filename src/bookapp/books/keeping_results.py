"""All that the catalogue knows of a book, for whoever takes it along."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptEdition:
    """An ISBN under which a book was published."""

    isbn: str
    publisher: str | None
    year: int | None
    language: str | None
    pages: int | None
    format: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBook:
    """A book with everything about it."""

    id: int
    key: str
    """By which another place of this kind knows it again: the same in each file, and never that of another book."""
    title: str
    authors: tuple[str, ...]
    year: int | None
    language: str | None
    pages: int | None
    isbn: str | None
    description: str | None
    subjects: tuple[tuple[str, int], ...]
    """Names and weights, the heaviest first."""
    series: str | None
    series_position: str | None
    rating_average: float | None
    """Of the wide world, without the readers here: so is `rating_count`."""
    rating_count: int
    average: float | None
    """Of all together."""
    cover: str | None
    """The hash of its cover, when somebody uploaded one."""
    editions: tuple[KeptEdition, ...]
    sources: tuple[tuple[str, str], ...]
    """Other catalogues, and their keys for it."""
