"""Which format a file has: by the names of its columns, in any order, never by its name or by a column's place."""

import csv
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from bookapp.core.errors import AppError
from bookapp.imports.formats import (
    bookapp,
    booklogr,
    bookwyrm,
    calibre,
    catalogue,
    goodreads,
    hardcover,
    isbns,
    jelu,
    librarything,
    openlibrary_personal,
    openreads,
    storygraph,
)
from bookapp.imports.formats.plain import clipped, line
from bookapp.imports.told import RowTold

DELIMITERS: Final = (",", ";", "\t", "|")
MOST_COLUMNS: Final = 300
LONGEST_COLUMN: Final = 100
_NAMED = 12
_HEADER_LINES = 5
"""In one of so many lines the names of the columns have to stand; spreadsheets put one of their own before them."""


class Format(Protocol):
    """What a module of a format has. One that never quotes cells says `QUOTED = False`."""

    @property
    def NAME(self) -> str: ...  # noqa: N802, D102  # a module's constants
    @property
    def TITLE(self) -> str: ...  # noqa: N802, D102
    @property
    def SAMPLE_COLUMNS(self) -> tuple[str, ...]: ...  # noqa: N802, D102
    def fits(self, columns: frozenset[str]) -> bool:
        """Whether a file with columns of these names, in small letters, has this format."""

    def read(self, cells: Mapping[str, str]) -> RowTold:
        """What a row tells. Raises `Unreadable`."""


class UnknownFormat(AppError):
    """A file that nobody here can read. `detail` says what it is, and what could be read instead."""

    status, title = 422, "That file cannot be read"


FORMATS: Final[tuple[Format, ...]] = (
    bookapp,
    catalogue,
    storygraph,
    hardcover,
    librarything,
    bookwyrm,
    openreads,
    jelu,
    booklogr,
    openlibrary_personal,
    calibre,
    goodreads,
)
"""The most particular first: what a later one would take too, an earlier one knows better."""


BY_NAME: Final[dict[str, Format]] = {found.NAME: found for found in (*FORMATS, isbns)}


def titles() -> str:
    """The formats that are known, as people call them."""
    return ", ".join(found.TITLE for found in BY_NAME.values())


def title_of(name: str) -> str:
    """What people call a format; one that is not known any more stays what it is."""
    return BY_NAME[name].TITLE if name in BY_NAME else name


def folded(columns: Iterable[str]) -> frozenset[str]:
    """Names of columns as `fits` wants them."""
    return frozenset(name.strip().casefold() for name in columns if name.strip())


def format_of(columns: Iterable[str]) -> Format | None:
    """The format that has these columns."""
    names = folded(columns)
    return next((found for found in FORMATS if found.fits(names)), None)


def header_of(lines: list[tuple[int, str]]) -> tuple[int, str, tuple[str, ...], Format | None]:
    """The header among the first lines with text: its line's number, the delimiter, the columns and the format.

    Without a format, the columns are those of the first line, as the delimiter parts it that it has most of.
    """
    guesses: list[tuple[int, int, str, tuple[str, ...]]] = []
    for place, (number, text) in enumerate(lines[:_HEADER_LINES]):
        for delimiter in DELIMITERS:
            columns = columns_of(text, delimiter)
            found = format_of(columns)
            if found is not None:
                return number, delimiter, columns, found
            guesses.append((-place, len(columns), delimiter, columns))
    _, _, delimiter, columns = max(guesses, default=(0, 0, ",", ()), key=lambda guess: guess[:2])
    return lines[0][0] if lines else 0, delimiter, columns, None


def columns_of(text: str, delimiter: str) -> tuple[str, ...]:
    """The names in a header, each only once; a name that comes again has its number."""
    try:
        names = next(csv.reader((text,), delimiter=delimiter), [])
    except csv.Error:
        return ()
    found: dict[str, None] = {}
    for place, name in enumerate(names[:MOST_COLUMNS], start=1):
        plain = clipped(line(name), LONGEST_COLUMN) or f"Column {place}"
        found[plain if plain not in found else f"{plain} ({place})"] = None
    return tuple(found)


def unknown(columns: tuple[str, ...]) -> UnknownFormat:
    """What to say of a table with such columns: what it has, what comes nearest to it, and what that would need."""
    names = folded(columns)
    if len(names) < 2:
        return UnknownFormat(
            f"This is no table of books that is known here: its first line is “{clipped(', '.join(columns), 80)}”. "
            f"Known are files of {titles()}."
        )
    shown = ", ".join(columns[:_NAMED]) + (f" and {len(columns) - _NAMED} more" if len(columns) > _NAMED else "")
    nearest = max(FORMATS, key=lambda one: len(folded(one.SAMPLE_COLUMNS) & names) / len(one.SAMPLE_COLUMNS))
    missing = [name for name in nearest.SAMPLE_COLUMNS if name.strip().casefold() not in names]
    hint = ""
    if len(missing) < len(nearest.SAMPLE_COLUMNS):
        lacking = ", ".join(missing[:_NAMED]) + (" and more" if len(missing) > _NAMED else "")
        hint = f" It comes nearest to {nearest.TITLE}, whose files have these columns besides: {lacking}."
    return UnknownFormat(f"No format with these columns is known here: {shown}.{hint} Known are files of {titles()}.")
