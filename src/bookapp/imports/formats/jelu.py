"""Jelu's CSV export: columns for Goodreads, and its own after them."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import state_of
from bookapp.imports.formats.row import LONGEST_TITLE, Row
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.reading_rules import MOST, When
from bookapp.shelves.results import State
from bookapp.shelves.told import EntryTold, ReadingTold

NAME: Final = "jelu"
TITLE: Final = "Jelu"
SAMPLE_COLUMNS: Final = (
    "Title", "Author", "ISBN", "Publisher", "Date Read", "Shelves", "Bookshelves", "read_dates", "tags", "authors",
    "isbn10", "isbn13", "owned", "dropped_dates", "currently_reading",
)  # fmt: skip
_MADE_UP: Final = date(1971, 1, 1)
"""Jelu notes a reading whose date nobody knows as one of 1970."""


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of Jelu's."""
    return {"title", "read_dates", "currently_reading"} <= columns


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`."""
    row = Row(cells)
    book = _book(row)
    finished, stopped = _dates(row, "read_dates"), _dates(row, "dropped_dates")
    begun = _dates(row, "currently_reading")
    latest = row.when("Date Read")
    if latest and latest not in (*finished, *stopped, *begun) and not _is_made_up(latest):
        # An old export has no list of the dates, so this is all that there is.
        finished = [latest, *finished]
    state = _state(row, finished, stopped, begun)
    entry = EntryTold(
        state=state,
        tags=_tags(row),
        is_owned=row.yes("owned"),
        readings=_readings(finished, stopped, begun if state == "reading" else []),
    )
    if begun and state != "reading":
        row.keep("currently_reading")
    return row.told(values.row_key(next(iter(book.isbns), book.title), *book.authors[:1]), book, entry)


def _dates(row: Row, name: str) -> list[When | None]:
    """The dates in a list of them, None for one that nobody knows; what cannot be understood is kept as it is."""
    found: list[When | None] = []
    for text in values.parts(row.text(name), ",;"):
        when = values.when(text)
        if when is None:
            row.keep(name)
        else:
            found.append(None if _is_made_up(when) else when)
    return found


def _is_made_up(when: When) -> bool:
    return when.first < _MADE_UP


def _state(row: Row, finished: list[When | None], stopped: list[When | None], begun: list[When | None]) -> State | None:
    """What the shelf says, which knows two of the four; else how the latest reading ended."""
    text = row.text("Shelves")
    said = state_of(text)
    if text and said is None:
        row.keep("Shelves")
    if said == "reading" or not (finished or stopped):
        return said or ("reading" if begun else None)
    if said:
        row.keep("Shelves")  # they want to read it again, which is no shelf here
    return "stopped" if _last(stopped) > _last(finished) else "read"


def _last(dates: list[When | None]) -> date:
    known = [when.first for when in dates if when]
    return max(known, default=_MADE_UP if dates else date.min)


def _readings(
    finished: list[When | None], stopped: list[When | None], begun: list[When | None]
) -> tuple[ReadingTold, ...]:
    """Jelu tells when a reading ended, and of one that goes on when it began."""
    found = [ReadingTold(outcome="finished", finished=when) for when in finished]
    found += [ReadingTold(outcome="stopped", finished=when) for when in stopped]
    found += [ReadingTold(outcome="reading", started=when) for when in begun]
    return tuple(found[:MOST])


def _tags(row: Row) -> tuple[str, ...]:
    """The tags; the bookshelves are the same ones without their spaces, for Goodreads."""
    tags, shelves = row.tags("tags"), row.text("Bookshelves")
    if not tags:
        return row.tags("Bookshelves", separators=" ")
    if {shelf.casefold() for shelf in shelves.split()} - {tag.replace(" ", "").casefold() for tag in tags}:
        row.keep("Bookshelves")
    return tags


def _book(row: Row) -> BookTold:
    title, series, position = values.title_and_series(row.line("Title", most=LONGEST_TITLE))
    first, authors = row.line("Author"), row.names("authors")
    return BookTold(
        title=title,
        authors=tuple(dict.fromkeys(name for name in (first, *authors) if name)),
        isbns=row.isbns("isbn13", "ISBN", "isbn10"),
        publisher=row.line("Publisher") or None,
        series=series,
        series_position=position,
    )
