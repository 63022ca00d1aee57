"""Decisions about readings that need no database: what a typed date or progress means, and how it is said."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bookapp.shelves.reading_results import Outcome

MOST = 100
"""So often one person may have read one book."""
MOST_PAGES = 100_000
FIRST_YEAR = 1900
WRONG_DATE = "must be a year, a month such as 2024-05, or a day such as 2024-05-12"
WRONG_PROGRESS = "must be a page such as 120, or a part such as 45%"
FUTURE = "This is still to come"
BEFORE = "That is before it was started"

Exact = Literal["day", "month", "year"]
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_PROGRESS = re.compile(r"(?:page |p\. ?)?([0-9]{1,6})( ?%)?")


@dataclass(frozen=True, slots=True)
class When:
    """A day, or some day of a month or a year, of which `first` is the first."""

    first: date
    exact: Exact

    @property
    def last(self) -> date:
        """The last day that it may have been."""
        if self.exact == "year":
            return self.first.replace(month=12, day=31)
        if self.exact == "month":
            return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        return self.first

    @property
    def iso(self) -> str:
        """As it is typed."""
        return self.first.isoformat()[: {"year": 4, "month": 7, "day": 10}[self.exact]]

    @property
    def words(self) -> str:
        """As people say it."""
        if self.exact == "year":
            return str(self.first.year)
        return f"{self.first:%B %Y}" if self.exact == "month" else f"{self.first.day} {self.first:%B %Y}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is: at a page, or at so many percent."""

    page: int | None
    percent: int | None


def typed_when(text: str) -> When:
    """What somebody typed as a date. Raises ValueError for anything else, and for years that nobody means."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(WRONG_DATE)
    year, month, day = found.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise ValueError(WRONG_DATE) from None
    if first.year < FIRST_YEAR:
        raise ValueError(f"must be in {FIRST_YEAR} or later")
    return When(first, "day" if day else "month" if month else "year")


def stored_when(first: date | None, exact: str | None) -> When | None:
    """A date out of its two columns."""
    if first is None:
        return None
    return When(first, "year" if exact == "year" else "month" if exact == "month" else "day")


def typed_progress(text: str) -> Progress:
    """What somebody typed as how far they are. Raises ValueError."""
    found = _PROGRESS.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(WRONG_PROGRESS)
    number, is_percent = int(found.group(1)), found.group(2)
    if number > (100 if is_percent else MOST_PAGES):
        raise ValueError("must be 100% or less" if is_percent else f"must be page {MOST_PAGES:,} or less")
    return Progress(None, number) if is_percent else Progress(number, None)


def as_typed(page: int | None, percent: int | None) -> str | None:
    """How far somebody is, as a form takes it."""
    return str(page) if page is not None else None if percent is None else f"{percent}%"


def wrong_progress(progress: Progress, pages: int | None) -> str | None:
    """What is wrong with how far somebody says to be in a book of so many pages."""
    if progress.page is not None and pages and progress.page > pages:
        return f"The book has {pages:,} pages here"
    return None


def wrong_dates(started: When | None, finished: When | None, outcome: Outcome, today: date) -> dict[str, list[str]]:
    """What is wrong with the dates of a reading, for each field; `today` on the reader's own calendar."""
    wrong = {
        name: [FUTURE]
        for name, when in (("started", started), ("finished", finished))
        if when is not None and when.first > today
    }
    if finished is not None and outcome == "reading":
        wrong["finished"] = [
            "Who still reads it has not finished: say that it is finished or stopped, or leave this empty"
        ]
    if not wrong and started is not None and finished is not None and finished.last < started.first:
        wrong["finished"] = [BEFORE]
    return wrong


def when_words(started: When | None, finished: When | None, outcome: Outcome) -> str:
    """When somebody read a book, in one line; empty when nobody knows."""
    if outcome == "reading":
        return f"since {started.words}" if started else ""
    verb = "stopped" if outcome == "stopped" else "finished"
    if started is None or finished is None:
        return f"{verb} {finished.words}" if finished else f"begun {started.words}" if started else ""
    if started == finished:
        return started.words
    begun = started.words
    if started.first.year == finished.first.year and started.exact != "year":
        begun = begun.removesuffix(f" {started.first.year}")
        if (started.exact, finished.exact) == ("day", "day") and started.first.month == finished.first.month:
            begun = str(started.first.day)
    return f"{begun} to {finished.words}"


def readings_url(book_id: int) -> str:
    """The address of every time that one read a book."""
    return f"/books/{book_id}/readings"
