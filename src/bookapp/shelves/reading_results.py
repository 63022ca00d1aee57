"""What is answered about readings: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.books.results import BookName

Outcome = Literal["reading", "finished", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLine:
    """One time that a person read a book."""

    id: int
    book: BookName
    pages: int | None
    """How many the book has."""
    outcome: Outcome
    started: str | None
    """As exactly as it is known: 2024, 2024-05 or 2024-05-12."""
    finished: str | None
    """The same; when it was stopped, for one that was."""
    started_words: str
    """"May 2024"; empty when it is not known."""
    finished_words: str
    when_words: str
    """Both in one: "May to 12 July 2024"."""
    page: int | None
    percent: int | None
    progress: str | None
    """As a form takes it: "120" or "45%"."""
    progress_words: str
    """"page 120 of 474"; empty when nobody knows."""
    progressed_at: datetime | None
    note: str | None
    """For the reader alone."""
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingList:
    """Every time that a person read a book, the latest first."""

    readings: tuple[ReadingLine, ...]
    total: int
    book: BookName
    url: str
    next: None = None
