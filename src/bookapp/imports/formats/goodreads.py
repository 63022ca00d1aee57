"""Goodreads' library export, of every year: from 24 to 31 columns, some of which were given up or came later."""

import re
from collections.abc import Mapping
from typing import Final

from bookapp.core.text import plain_cell
from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import OUTCOMES, state_of
from bookapp.imports.formats.reviews import html_review
from bookapp.imports.formats.row import LONGEST_FORMAT, LONGEST_KEY, LONGEST_NAME, LONGEST_SHELF, Row, times
from bookapp.imports.formats.titles import clipped_name
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.reading_rules import MOST
from bookapp.shelves.results import State
from bookapp.shelves.rules import MOST_SHELVES
from bookapp.shelves.told import EntryTold, ReadingTold

NAME: Final = "goodreads"
TITLE: Final = "Goodreads"
SAMPLE_COLUMNS: Final = (
    "Book Id", "Title", "Author", "Author l-f", "Additional Authors", "ISBN", "ISBN13", "My Rating", "Average Rating",
    "Publisher", "Binding", "Number of Pages", "Year Published", "Original Publication Year", "Date Read", "Date Added",
    "Bookshelves", "Bookshelves with positions", "Exclusive Shelf", "My Review", "Spoiler", "Private Notes",
    "Read Count", "Owned Copies",
)  # fmt: skip
_TELLING = frozenset({"book id", "my rating", "exclusive shelf", "bookshelves", "author l-f", "isbn13", "read count"})
_COMPUTED: Final = ("Average Rating", "Author l-f", "Bookshelves with positions")
"""What Goodreads makes of other columns, or of other people."""
_EVERYBODYS: Final = frozenset({"read", "to-read", "currently-reading"})
_MENTION = re.compile(r"\[(?:b|bc|book|a|author|l|s|series|work|g|group|q|quote):([^|\[\]]{1,300})\|[^\[\]]{0,500}\]")


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of Goodreads', or written like one."""
    return {"title", "author"} <= columns and len(_TELLING & columns) > 1


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`."""
    row = Row({name: _unwritten(text) if text else "" for name, text in cells.items()})
    added, finished, rating = row.moment("Date Added"), row.when("Date Read"), row.stars("My Rating")
    state, shelves = _shelves(row, has_date=finished is not None)
    at = values.moment(finished.iso) if finished and state in ("read", "stopped") else added
    copies = row.integer("Owned Copies", most=999)
    row.drop(*_COMPUTED)
    entry = EntryTold(
        state=state,
        state_at=at,
        quarters=rating,
        rated_at=at if rating else None,
        shelves=shelves,
        are_words_mixed=True,
        note=row.markdown("Private Notes"),
        is_owned=copies is not None,
        added_at=added,
        review=html_review(row, "My Review", is_spoiler=row.yes("Spoiler"), written_at=at),
        readings=_readings(row, state),
        detail=row.detail(copies=copies),
    )
    return row.told(row.line("Book Id", most=LONGEST_KEY), _book(row), entry)


def _unwritten(text: str) -> str:
    """The cell without what only Goodreads, or a spreadsheet, makes something of: `[b:Emma|6969|…]` is Emma."""
    if "|" in text:
        text = _MENTION.sub(r"\1", text)
    return plain_cell(text) if text[:1] == "'" else text


def _shelves(row: Row, *, has_date: bool) -> tuple[State | None, tuple[str, ...]]:
    """On which of the four shelves the book stands, and on which of the person's own.

    Whoever made an exclusive shelf of their own keeps it; beside which of the four, its name says or the date.
    """
    exclusive = row.line("Exclusive Shelf", most=LONGEST_SHELF)
    names = row.words("Bookshelves", most=LONGEST_SHELF, count=MOST_SHELVES)
    if not exclusive:
        exclusive = next((name for name in names if name in _EVERYBODYS), "")
    state = state_of(exclusive)
    own = [name for name in names if name not in (exclusive, *_EVERYBODYS)]
    # A shelf that only says that the book was given up is our own fourth one.
    if exclusive and exclusive not in _EVERYBODYS and state != "stopped":
        own.insert(0, exclusive)
    return state or ("read" if has_date else None), tuple(own)[:MOST_SHELVES]


def _readings(row: Row, state: State | None) -> tuple[ReadingTold, ...]:
    """The one date that there is, and the other times without one."""
    finished = row.when("Date Read")
    count = row.integer("Read Count", most=100_000)
    if count is not None and count > MOST:
        row.remark(f"Read Count: only {MOST} of the {count:,} times are kept.")
    # Who reads it again has the date of the last time there.
    outcome = OUTCOMES["stopped" if state == "stopped" else "read"]
    known = (row.reading(outcome, None, finished, "Date Read"),) if finished else ()
    if state == "stopped" and count is not None:
        # The time that was given up is counted, too.
        return times(count - 1, known)
    return times(count, known)


def _book(row: Row) -> BookTold:
    title, series, position = values.title_and_series(row.text("Title"))
    # A comma within the first cell is part of the name: it is one author's.
    first = row.text("Author") or values.person(row.text("Author l-f"))
    authors = dict.fromkeys(name for name in (clipped_name(first), *row.names("Additional Authors")) if name)
    return BookTold(
        title=title,
        authors=tuple(authors),
        isbns=row.isbns("ISBN13", "ISBN"),
        year=row.year("Original Publication Year"),
        edition_year=row.year("Year Published"),
        pages=row.integer("Number of Pages"),
        publisher=row.line("Publisher", most=LONGEST_NAME) or None,
        format=row.line("Binding", most=LONGEST_FORMAT) or None,
        series=series,
        series_position=position,
    )
