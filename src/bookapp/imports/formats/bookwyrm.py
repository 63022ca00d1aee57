"""BookWyrm's CSV export, in its older and its newer form."""

from collections.abc import Mapping
from typing import Final

from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import OUTCOMES, state_of
from bookapp.imports.formats.row import LONGEST_SHELF, LONGEST_TEXT, LONGEST_TITLE, Row
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.results import State
from bookapp.shelves.told import EntryTold, ReadingTold, ReviewTold

NAME: Final = "bookwyrm"
TITLE: Final = "BookWyrm"
SAMPLE_COLUMNS: Final = (
    "title", "author_text", "remote_id", "openlibrary_key", "finna_key", "libris_key", "inventaire_id",
    "librarything_key", "goodreads_key", "bnf_id", "viaf", "wikidata", "asin", "aasin", "isfdb", "isbn_10", "isbn_13",
    "oclc_number", "pages", "start_date", "finish_date", "stopped_date", "rating", "review_name", "review_cw",
    "review_content", "review_published", "shelf", "shelf_name", "shelf_date",
)  # fmt: skip
_STATES: Final[dict[str, State]] = {
    "to-read": "want",
    "reading": "reading",
    "read": "read",
    "stopped-reading": "stopped",
}
"""The four shelves that everybody has there, by their identifiers; whatever else there is, is somebody's own."""


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of BookWyrm's."""
    return {"title", "author_text", "remote_id"} <= columns


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. A book may have several rows, one for each shelf on which it stands. Raises `Unreadable`."""
    row = Row(cells)
    identifier = row.line("shelf", most=100)
    state = _STATES.get(identifier)
    readings = _readings(row, state)
    since = row.moment("shelf_date")
    name = row.line("shelf_name", most=LONGEST_SHELF) or identifier
    shelves = (name,) if state is None and name else ()
    if state is None and readings:
        state = state_of(readings[0].outcome)
    review = _review(row)
    entry = EntryTold(
        state=state,
        state_at=None if shelves else since,
        quarters=row.stars("rating"),
        shelves=shelves,
        added_at=since,
        review=review,
        readings=readings,
        detail=row.detail(warning_note=row.long("review_cw")),
    )
    return row.told(_key(row, identifier), _book(row), entry)


def _key(row: Row, identifier: str) -> str:
    """The book's address there. Who moves it from one of the four shelves to another has still the same row."""
    address = row.line("remote_id", most=500)
    key = values.row_key(address, None if identifier in _STATES else identifier) if address else ""
    if address and address not in key:
        row.keep("remote_id")
    if identifier not in _STATES and identifier not in key:
        row.keep("shelf")
    return key


def _review(row: Row) -> ReviewTold | None:
    """The review under its name. Whoever put a warning before it hid it, so it is a spoiler."""
    name, text = row.line("review_name", most=LONGEST_TITLE), row.markdown("review_content")
    if not (name or text):
        return None
    heading = f"**{name.replace('*', '')}**" if name else ""
    whole = "\n\n".join(part for part in (heading, text) if part)
    if len(whole) > LONGEST_TEXT:
        row.keep("review_content")
    return ReviewTold(
        text=values.clipped_markdown(whole, LONGEST_TEXT),
        is_spoiler=bool(row.text("review_cw")),
        written_at=row.moment("review_published"),
    )


def _readings(row: Row, state: State | None) -> tuple[ReadingTold, ...]:
    """The latest reading; the others are not in the file. Which of its ends is told says how it ended."""
    started, finished, stopped = row.when("start_date"), row.when("finish_date"), row.when("stopped_date")
    if not (started or finished or stopped):
        return ()
    if finished and stopped:
        row.keep("stopped_date")
    said = OUTCOMES.get(state) if state else None
    outcome = "finished" if finished else "stopped" if stopped else said or "reading"
    return (row.reading(outcome, started, finished or stopped, "start_date", "finish_date", "stopped_date"),)


def _book(row: Row) -> BookTold:
    title, series, position = values.title_and_series(row.line("title", most=LONGEST_TITLE))
    return BookTold(
        title=title,
        authors=row.names("author_text"),
        isbns=row.isbns("isbn_13", "isbn_10"),
        pages=row.integer("pages"),
        series=series,
        series_position=position,
    )
