"""What Open Library gives a person of their own: reading log, ratings, notes, reviews and lists, each in its file.

The key of a row is the number of its work, `OL361393W`, as the catalogue knows it that was taken from there. The older
reading log, notes, reviews and lists tell nothing else of a book: then only such a catalogue can say which one it is.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import state_of
from bookapp.imports.formats.row import LONGEST_ROLE, LONGEST_SHELF, LONGEST_TITLE, Row
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.results import State
from bookapp.shelves.told import DetailTold, EntryTold

NAME: Final = "openlibrary"
TITLE: Final = "Open Library"
SAMPLE_COLUMNS: Final = (
    "Work ID", "Title", "Authors", "First Publish Year", "Edition ID", "Edition Count", "Bookshelf", "My Ratings",
    "Ratings Average", "Ratings Count", "Has Ebook", "Subjects", "Subject People", "Subject Places", "Subject Times",
)  # fmt: skip
"""Of the reading log, the one that tells most."""
_TELLS = frozenset({"bookshelf", "rating", "note", "review value"})
_OTHERS: Final = ("Edition Count", "Ratings Average", "Ratings Count", "Has Ebook")
"""What Open Library counts over everybody: nothing that a person told."""
_BETWEEN: Final = (" | ", "|")
_ID = re.compile(r"OL[0-9]{1,12}[WM]", re.ASCII)
_PACES: Final = frozenset({"slow", "medium", "fast"})


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of Open Library's own."""
    if "primary author" in columns:  # LibraryThing's works have numbers too
        return False
    return {"list name", "entry"} <= columns or ("work id" in columns and bool(_TELLS & columns))


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row of any of the five tells. Raises `Unreadable`."""
    row = Row(cells)
    key = _key(row)
    entry = EntryTold(
        state=_state(row),
        quarters=row.stars("My Ratings", "Rating"),
        shelves=tuple(name for name in [row.line("List Name", most=LONGEST_SHELF)] if name),
        note=row.long("Note"),
    )
    if entry.quarters is not None:
        entry = replace(entry, rated_at=row.moment("Created On"))
    entry = replace(entry, detail=_review(row))
    row.drop(*_OTHERS)
    return row.told(key, _book(row), entry, untitled=True)


def _key(row: Row) -> str:
    """The number of the work, or of the edition when the row has no work. Raises `Unreadable` without either."""
    for name in ("Work ID", "Edition ID", "Entry"):
        found = _ID.search(row.text(name).upper())
        if found is not None:
            return found[0]
        row.keep(name)
    if row.text("Entry"):
        raise values.Unreadable("This entry of the list is no book: it has no number of a work or an edition.")
    raise values.Unreadable("The row has no number of a work, such as OL361393W.")


def _state(row: Row) -> State | None:
    text = row.text("Bookshelf")
    state = state_of(text)
    if state is None:
        row.keep("Bookshelf")
    return state


def _review(row: Row) -> DetailTold:
    """One answer about a book; a work has a row for each. Mood and pace have places here, the others are kept."""
    category, answer = row.line("Review Category"), row.line("Review Value", most=LONGEST_ROLE)
    folded = category.casefold()
    if folded == "mood" and answer:
        return DetailTold(moods=(answer,))
    if folded == "pace" and answer.casefold() in _PACES:
        return DetailTold(pace=answer.casefold())
    if category or answer:
        # The answer stands in the name, so that several to one question stand beside one another.
        row.note(f"{category}: {answer}", row.text("Created On") or answer)
    return DetailTold()


def _book(row: Row) -> BookTold:
    """The book, as far as the row tells of it."""
    others = row.text("Author(s)")
    return BookTold(
        title=row.line("Title", most=LONGEST_TITLE),
        authors=row.names("Authors", separators=_BETWEEN) or values.names(others, "|" if "|" in others else ","),
        year=row.year("First Publish Year"),
        subjects=row.subjects("Subjects", separators=_BETWEEN),
    )
