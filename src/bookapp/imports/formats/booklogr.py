"""BookLogr's CSV export."""

import json
from collections.abc import Mapping
from typing import Any, Final

from bookapp.circles.visibility import ME
from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import OUTCOMES, state_of
from bookapp.imports.formats.row import LONGEST_TEXT, LONGEST_TITLE, Row
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.reading_rules import MOST_PAGES
from bookapp.shelves.results import State
from bookapp.shelves.told import EntryTold, QuoteTold, ReadingTold

NAME: Final = "booklogr"
TITLE: Final = "BookLogr"
SAMPLE_COLUMNS: Final = (
    "title", "isbn", "description", "reading_status", "current_page", "total_pages", "author", "rating", "notes",
)  # fmt: skip
_NOTHING: Final = frozenset({"none", "null"})
"""How an empty cell looks in its older files."""
LONGEST_QUOTE, MOST_QUOTES = 5_000, 200


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of BookLogr's."""
    return {"title", "reading_status", "current_page", "total_pages"} <= columns


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`."""
    row = Row(cells, nothing=_NOTHING)
    state = _state(row)
    notes, quotes = _notes(row)
    entry = EntryTold(
        state=state, quarters=row.stars("rating"), note=notes, readings=_readings(row, state), quotes=quotes
    )
    title, series, position = values.title_and_series(row.line("title", most=LONGEST_TITLE))
    book = BookTold(
        title=title,
        authors=row.authors("author"),
        isbns=row.isbns("isbn"),
        pages=row.integer("total_pages"),
        description=row.long("description"),
        series=series,
        series_position=position,
    )
    return row.told(values.row_key(next(iter(book.isbns), book.title), *book.authors[:1]), book, entry)


def _state(row: Row) -> State | None:
    text = row.text("reading_status")
    state = state_of(text)
    if state is None:
        row.keep("reading_status")
    return state


def _readings(row: Row, state: State | None) -> tuple[ReadingTold, ...]:
    """How far somebody is; that a finished book stands at some page says nothing more."""
    page = row.integer("current_page", least=1, most=MOST_PAGES)
    if page is None or state not in ("reading", "stopped"):
        if page is not None:
            row.keep("current_page")
        return ()
    return (ReadingTold(outcome=OUTCOMES[state], page=page),)


def _notes(row: Row) -> tuple[str | None, tuple[QuoteTold, ...]]:
    """The notes of a book: those with a page are quotes. What is not in the known form is kept as it is."""
    text = row.text("notes")
    try:
        found = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return row.long("notes"), ()  # somebody's own column, or plain words
    if not isinstance(found, list):
        row.keep("notes")
        return None, ()
    notes: list[str] = []
    quotes: list[QuoteTold] = []
    for one in found:
        content, page, told = _note(one)
        if not content or len(content) > (LONGEST_TEXT if page is None else LONGEST_QUOTE):
            row.keep("notes")
        elif page is None:
            notes.append(content)
        elif len(quotes) < MOST_QUOTES:
            quotes.append(
                QuoteTold(
                    text=content,
                    page=page,
                    written_at=values.moment(str(told.get("created_on") or "")),
                    visibility=None if told.get("visibility") == "public" else ME,
                )
            )
    together = "\n\n".join(notes)
    if len(together) > LONGEST_TEXT or len(quotes) >= MOST_QUOTES:
        row.keep("notes")
    return values.clipped(together, LONGEST_TEXT) or None, tuple(quotes)


def _note(one: Any) -> tuple[str, int | None, Mapping[str, Any]]:
    """The words of one note, and its page when it is a quote."""
    if not isinstance(one, Mapping):
        return (values.tidy(one) if isinstance(one, str) else ""), None, {}
    content, page = one.get("content") or one.get("note") or one.get("text"), one.get("quote_page")
    return values.tidy(str(content or "")), values.integer(str(page or ""), 1, MOST_PAGES), one
