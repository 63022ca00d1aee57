"""Openreads' CSV export."""

from collections.abc import Mapping
from typing import Final

from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import OUTCOMES, kind_of, state_of
from bookapp.imports.formats.row import LONGEST_FORMAT, LONGEST_TITLE, Row
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.reading_rules import MOST
from bookapp.shelves.results import State
from bookapp.shelves.told import EntryTold, ReadingTold, ReviewTold

NAME: Final = "openreads"
TITLE: Final = "Openreads"
SAMPLE_COLUMNS: Final = (
    "title", "subtitle", "author", "description", "status", "favourite", "deleted", "rating", "pages", "publisher",
    "publication_year", "isbn", "olid", "tags", "my_review", "notes", "book_format", "readings", "date_added",
    "date_modified",
)  # fmt: skip
_BETWEEN_TAGS = "|||||"
_MINUTE = 60_000
"""In milliseconds, as the app writes how long somebody read."""


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of Openreads'."""
    return {"title", "author", "status", "my_review", "book_format"} <= columns


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`, also for what lies in the bin there."""
    row = Row(cells)
    if row.yes("deleted"):
        raise values.Unreadable("This book lay in the bin of Openreads, so it is left out.")
    state = _state(row)
    quarters, review = _stars(row), row.long("my_review")
    entry = EntryTold(
        state=state,
        quarters=quarters,
        tags=row.tags("tags", separators=(_BETWEEN_TAGS,)),
        note=row.long("notes"),
        added_at=row.moment("date_added"),
        review=ReviewTold(text=review) if review else None,
        readings=_readings(row, state),
        detail=row.detail(format=kind_of(row.text("book_format")), is_favorite=row.yes("favourite")),
    )
    book = _book(row)
    return row.told(values.row_key(next(iter(book.isbns), book.title), *book.authors[:1]), book, entry)


def _state(row: Row) -> State | None:
    text = row.text("status")
    state = state_of(text)
    if state is None and text.casefold() != "unknown":
        row.keep("status")
    return state


def _stars(row: Row) -> int | None:
    """The rating: stars in the export, tenths of a star in the app itself and in files made from its backup."""
    text = row.text("rating")
    tenths = values.integer(text, 6, 50)
    return values.quarters(str(tenths / 10)) if tenths else row.stars("rating")


def _readings(row: Row, state: State | None) -> tuple[ReadingTold, ...]:
    """`start|finish|milliseconds` for each time; the last one ended as the book's status says."""
    texts = values.parts(row.text("readings"), ";")[:MOST]
    found: list[ReadingTold] = []
    for number, text in enumerate(texts, start=1):
        begin, end, time, *_ = [*text.split("|"), "", "", ""]
        started, finished = (values.when(begin) if begin else None), (values.when(end) if end else None)
        if (begin and started is None) or (end and finished is None) or time:
            row.keep("readings")
        is_last = number == len(texts)
        said = OUTCOMES.get(state) if state and is_last else None
        outcome = said or ("finished" if finished or not is_last else "reading")
        if outcome == "reading" and finished:
            outcome = "finished"
        minutes = (values.integer(time, 1, 10**12) or 0) // _MINUTE
        note = f"{minutes // 60} h {minutes % 60} min of reading" if minutes else None
        if started or finished or note:
            found.append(row.reading(outcome, started, finished, "readings", note=note))
    return tuple(found)


def _book(row: Row) -> BookTold:
    title, series, position = values.title_and_series(row.line("title", most=LONGEST_TITLE))
    return BookTold(
        title=title,
        authors=row.authors("author"),
        isbns=row.isbns("isbn"),
        edition_year=row.year("publication_year"),
        pages=row.integer("pages"),
        publisher=row.line("publisher") or None,
        format=values.clipped(row.text("book_format"), LONGEST_FORMAT) or None,
        description=row.long("description"),
        series=series,
        series_position=position,
    )
