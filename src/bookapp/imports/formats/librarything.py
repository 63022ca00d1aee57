"""LibraryThing's tab-separated export, and the same rows out of its JSON (`librarything_json`)."""

import re
from collections.abc import Mapping
from typing import Final

from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import kind_of
from bookapp.imports.formats.row import (
    LONGEST_FORMAT,
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_ROLE,
    LONGEST_SHELF,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_SUBJECTS,
    Row,
)
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.reading_rules import MOST, When
from bookapp.shelves.results import State
from bookapp.shelves.rules import MOST_SHELVES
from bookapp.shelves.told import EntryTold, ReadingTold, ReviewTold

NAME: Final = "librarything"
TITLE: Final = "LibraryThing"
QUOTED: Final = False
"""Its tab-separated files never quote a cell: a title may begin with a quotation mark."""
SAMPLE_COLUMNS: Final = (
    "Book Id", "Title", "Sort Character", "Primary Author", "Primary Author Role", "Secondary Author",
    "Secondary Author Roles", "Publication", "Date", "Review", "Rating", "Comment", "Private Comment", "Summary",
    "Media", "Physical Description", "Weight", "Height", "Thickness", "Length", "Dimensions", "Page Count", "LCCN",
    "Acquired", "Date Started", "Date Read", "Barcode", "BCID", "Tags", "Collections", "Languages",
    "Original Languages", "LC Classification", "ISBN", "ISBNs", "Subjects", "Dewey Decimal", "Dewey Wording",
    "Other Call Number", "Copies", "Source", "Entry Date", "From Where", "OCLC", "Work id", "Lending Patron",
    "Lending Status", "Lending Start", "Lending End",
)  # fmt: skip
_STATES: Final[dict[str, State]] = {
    "currently reading": "reading",
    "read but unowned": "read",
    "have read": "read",
    "read": "read",
    "to read": "want",
    "wishlist": "want",
}
"""What the collections mean that everybody has there; where a book is in several, the first of these counts."""
_OWNED: Final = "your library"
_FAVORITES: Final = "favorites"
_SHELVED: Final = frozenset({"wishlist"})
"""To want to own is not to want to read: the shelf keeps what the state would lose."""
_LINE_END = "[return]"
"""How it writes a line end within a cell."""
_PUBLICATION = re.compile(r"(?P<publisher>[^()]*?)\s*\((?P<year>[^()]*)\)(?P<rest>.*)", re.DOTALL)
_PAGES = re.compile(r"\s*[0-9]+ (?:pages|p\.)\s*", re.IGNORECASE)
_SERIES = re.compile(r"(?P<name>.+?)\s*\((?P<position>[0-9][0-9.\-–]{0,18})\)")


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of LibraryThing's."""
    return {"title", "primary author"} <= columns and bool({"book id", "work id", "collections"} & columns)


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`."""
    row = Row({name: text.replace(_LINE_END, "\n") for name, text in cells.items()})
    has_collections = any(name.strip().casefold() == "collections" for name in cells)
    collections = _collections(row)
    named = frozenset(name.casefold() for name in collections)
    readings = _readings(row, named)
    quarters, review, format_ = row.stars("Rating"), row.markdown("Review"), kind_of(row.text("Media"))
    owned = (_OWNED in named) if has_collections else not named
    entry = EntryTold(
        state=_state(named, readings),
        quarters=quarters,
        shelves=tuple(name for name in collections if _is_shelf(name))[:MOST_SHELVES],
        tags=row.tags("Tags"),
        note=_note(row),
        is_owned=owned,
        added_at=row.moment("Entry Date"),
        review=ReviewTold(text=review) if review else None,
        readings=readings,
        detail=row.detail(format=format_, copies=row.integer("Copies", most=1000), is_favorite=_FAVORITES in named),
    )
    return row.told(row.line("Book Id", most=LONGEST_KEY), _book(row), entry)


def _collections(row: Row) -> tuple[str, ...]:
    name = "Collections"
    separator = "|" if "|" in row.text(name) else ","
    return row.words(name, separators=separator, most=LONGEST_SHELF, count=MOST_SHELVES)


def _is_shelf(name: str) -> bool:
    folded = name.casefold()
    return folded in _SHELVED or folded not in {*_STATES, _OWNED, _FAVORITES}


def _state(named: frozenset[str], readings: tuple[ReadingTold, ...]) -> State | None:
    """A date says that a book was read, whatever the collections say, unless it is being read again."""
    if "currently reading" in named:
        return "reading"
    if any(reading.outcome == "finished" for reading in readings):
        return "read"
    said = next((state for name, state in _STATES.items() if name in named), None)
    return said or ("reading" if readings else None)


def _readings(row: Row, named: frozenset[str]) -> tuple[ReadingTold, ...]:
    """The pairs of dates, in their order; what has no end yet is being read."""
    started, finished = _dates(row, "Date Started"), _dates(row, "Date Read")
    pairs = [
        (started[i] if i < len(started) else None, finished[i] if i < len(finished) else None)
        for i in range(max(len(started), len(finished)))
    ]
    is_read = bool({"read but unowned", "have read", "read"} & named)
    return tuple(
        row.reading("finished" if end or is_read else "reading", begin, end, "Date Started", "Date Read")
        for begin, end in pairs[:MOST]
        if begin or end
    )


def _dates(row: Row, name: str) -> list[When | None]:
    """Dates in brackets, one or several; those that cannot be understood are kept as they are."""
    texts = values.parts(row.text(name), "|;,[]")
    found = [values.when(text) for text in texts]
    if None in found:
        row.when(name)
        row.keep(name)
    return found


def _note(row: Row) -> str | None:
    """The private comment, and the public one about the copy, which has no place of its own here."""
    private, public = row.long("Private Comment"), row.long("Comment")
    both = "\n\n".join(part for part in (private, public) if part)
    if len(both) > LONGEST_TEXT:
        row.keep("Comment")
        return private
    return both or None


def _book(row: Row) -> BookTold:
    title, series, position = values.title_and_series(row.line("Title", most=LONGEST_TITLE))
    authors, contributors = _people(row)
    publisher, year = _publication(row)
    if not series:
        series, position = _series(row)
    _drop_repetitions(row, title)
    return BookTold(
        title=title,
        authors=authors,
        contributors=contributors,
        isbns=row.isbns("ISBN", "ISBNs"),
        edition_year=row.year("Date") or year,
        language=row.language("Languages"),
        pages=_pages(row),
        publisher=publisher,
        format=values.clipped(row.text("Media"), LONGEST_FORMAT) or None,
        subjects=(row.subjects("Subjects", separators="|") + row.subjects("Genre", separators="|"))[:MOST_SUBJECTS],
        series=series,
        series_position=position,
    )


def _people(row: Row) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The authors, and the others with what they did. The roles stand in the order of the names."""
    authors = [values.person(row.text("Primary Author"))]
    contributors = []
    role = row.line("Primary Author Role", most=LONGEST_ROLE)
    if role and role.casefold() != "author":
        contributors.append((authors[0], role))
    names = row.text("Secondary Author").split("|")
    roles = row.text("Secondary Author Roles", "Secondary Author Role").split("|")
    for place, text in enumerate(names[:50]):
        name = values.person(text)
        role = values.clipped(values.line(roles[place]), LONGEST_ROLE) if place < len(roles) else ""
        if name and role.casefold() in ("", "author"):
            authors.append(name)
        elif name:
            contributors.append((name, role))
    return tuple(dict.fromkeys(name for name in authors if name)), tuple(dict.fromkeys(contributors))


def _publication(row: Row) -> tuple[str | None, int | None]:
    """Publisher and year of `Ace Books (2000), Edition: 1, 304 pages`; what else it says is kept as it is."""
    text = row.text("Publication")
    found = _PUBLICATION.fullmatch(text)
    if found is None:
        row.keep("Publication")
        return None, None
    rest = [part for part in found["rest"].split(",") if part.strip() and not _PAGES.fullmatch(part)]
    if rest or len(found["publisher"]) > LONGEST_NAME:
        row.keep("Publication")
    return values.clipped_name(found["publisher"]) or None, values.year(found["year"])


def _pages(row: Row) -> int | None:
    """The longest of the page counts: `xii; 345` are 345 pages, and twelve before them."""
    text = row.text("Page Count")
    numbers = [int(number) for number in re.findall(r"(?<![0-9])[0-9]{1,5}(?![0-9])", text)]
    if text and not text.isdecimal():
        row.keep("Page Count")
    return max(numbers, default=0) or None


def _series(row: Row) -> tuple[str | None, str | None]:
    """The first series of the JSON export, such as `Discworld (4)`."""
    first, *others = values.parts(row.text("Series"), "|") or [""]
    if others or len(first) > LONGEST_NAME:
        row.keep("Series")
    found = _SERIES.fullmatch(first)
    if found:
        return values.clipped_name(found["name"]), found["position"]
    return values.clipped_name(first) or None, None


def _drop_repetitions(row: Row, title: str) -> None:
    """Say no more of what LibraryThing makes out of the rest by itself."""
    if row.text("Sort Character") not in ("", "0", "1"):
        row.keep("Sort Character")
    if not row.text("Summary").startswith(f"{title} by "):
        row.keep("Summary")
