"""Calibre's catalogue in CSV: the books of a computer, so all of them are owned."""

import re
from collections.abc import Mapping
from typing import Final

from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import kind_of
from bookapp.imports.formats.row import LONGEST_KEY, LONGEST_TITLE, Row
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.told import EntryTold

NAME: Final = "calibre"
TITLE: Final = "Calibre"
SAMPLE_COLUMNS: Final = (
    "authors", "author_sort", "rating", "library_name", "timestamp", "formats", "size", "isbn", "identifiers",
    "comments", "tags", "series", "series_index", "languages", "title", "cover", "title_sort", "publisher", "pubdate",
    "id", "uuid",
)  # fmt: skip
_UNDATED = re.compile(r"0?101-01-01")
"""How Calibre writes that it does not know when a book was published."""
_WORD = re.compile(r"\w+")


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is Calibre's; everybody chooses which of them it has."""
    return {"title", "authors"} <= columns and len(
        columns & {"author_sort", "title_sort", "uuid", "timestamp", "library_name", "series_index"}
    ) >= 2


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells; columns of one's own (`#read`) are kept as they are. Raises `Unreadable`."""
    row = Row(cells)
    book = _book(row)
    formats = row.text("formats")
    row.keep("formats")
    # A path on somebody's own computer tells nothing here.
    row.drop("cover")
    entry = EntryTold(
        quarters=_stars(row),
        is_owned=True,
        added_at=row.moment("timestamp"),
        detail=row.detail(format=_format(formats)),
    )
    return row.told(row.line("uuid", most=LONGEST_KEY), book, entry)


def _stars(row: Row) -> int | None:
    """Its catalogue writes stars; its database, and files made from that, twice as many."""
    text = row.text("rating")
    twice = values.integer(text, 6, 10)
    return values.quarters(f"{text}/10") if twice else row.stars("rating")


def _format(formats: str) -> str | None:
    """Files to read are a digital copy; files to hear an audio one."""
    if not formats:
        return None
    kind = kind_of(formats)
    return "audio" if kind == "audio" or re.search(r"m4b|mp3", formats.casefold()) else "digital"


def _book(row: Row) -> BookTold:
    title = row.line("title", most=LONGEST_TITLE)
    if sorted(_WORD.findall(row.text("title_sort"))) != sorted(_WORD.findall(title)):
        row.keep("title_sort")
    series = row.line("series")
    place = row.line("series_index", most=20)
    if place and not series:
        row.drop("series_index")  # it is 1.0 for every book without a series
    return BookTold(
        title=title,
        authors=_authors(row),
        isbns=_isbns(row),
        edition_year=None if _UNDATED.match(row.text("pubdate")) else row.year("pubdate"),
        language=row.language("languages"),
        publisher=row.line("publisher") or None,
        description=row.markdown("comments"),
        subjects=row.subjects("tags"),
        series=values.clipped_name(series) or None,
        series_position=place.removesuffix(".0") if series and place else None,
    )


def _authors(row: Row) -> tuple[str, ...]:
    """The authors, parted by commas here and by `&` in how they are sorted."""
    text, sorted_ = row.text("authors"), row.text("author_sort")
    if " & " in text:
        found = values.names(text, ("&",))
    elif sorted_ and "&" not in sorted_ and text.count(",") == 1 and text == sorted_:
        found = (values.person(text),)
    else:
        found = values.names(text)
    if sorted(_WORD.findall(sorted_)) != sorted(_WORD.findall(text)):
        row.keep("author_sort")
    return found


def _isbns(row: Row) -> tuple[str, ...]:
    """The ISBN, and those among the identifiers; what identifies the book elsewhere is kept as it is."""
    identifiers = values.parts(row.text("identifiers"), ",")
    found = [*row.isbns("isbn")]
    others = []
    for identifier in identifiers:
        kind, _, number = identifier.partition(":")
        isbn = values.isbn(number) if kind.strip().casefold() == "isbn" else None
        if isbn:
            found.append(isbn)
        else:
            others.append(identifier)
    if others:
        row.note("identifiers", ", ".join(others))
    return tuple(dict.fromkeys(found))
