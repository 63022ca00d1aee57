"""A person's shelves as Goodreads exports them: its 24 columns, in its spelling.

It has whole stars, one date for all times of reading, and one kind of shelves: halves and quarters are rounded, the
last date counts, and tags stand among the shelves.
"""

from collections.abc import AsyncIterator

from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.imports.formats.titles import title_and_series
from bookapp.transfer import shelf_tables
from bookapp.transfer.shelf_tables import Digits, ShelfRow, words

COLUMNS = (
    "Book Id", "Title", "Author", "Author l-f", "Additional Authors", "ISBN", "ISBN13", "My Rating", "Average Rating",
    "Publisher", "Binding", "Number of Pages", "Year Published", "Original Publication Year", "Date Read",
    "Date Added", "Bookshelves", "Bookshelves with positions", "Exclusive Shelf", "My Review", "Spoiler",
    "Private Notes", "Read Count", "Owned Copies",
)  # fmt: skip
SHELVES = {"want": "to-read", "reading": "currently-reading", "read": "read", "stopped": "did-not-finish", None: ""}
_BINDINGS = {"paperback": "Paperback", "hardcover": "Hardcover", "digital": "ebook", "audio": "Audiobook"}
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def pieces(db: Database, actor: Actor) -> AsyncIterator[bytes]:
    """The file of `actor`, piece by piece."""
    return shelf_tables.pieces(db, actor, COLUMNS, _cells)


def _cells(row: ShelfRow) -> list[object]:
    entry, book, detail = row.entry, row.book, row.entry.detail
    edition, ended = row.edition, row.ended
    finished = next((one.finished for one in reversed(ended) if one.finished), None)
    binding = detail.format if detail else None
    copies = detail.copies if detail else None
    return [
        book.id,
        _title(row),
        book.authors[0],
        last_first(book.authors[0]),
        words(book.authors[1:]),
        Digits(isbn10(book.isbn)),
        Digits(book.isbn or ""),
        whole_stars(entry.stars),
        "" if book.average is None else f"{book.average:.2f}",
        (edition.publisher if edition else None) or "",
        _BINDINGS.get(binding or "", binding) or (edition.format if edition else None) or "",
        book.pages,
        (edition.year if edition else None) or book.year,
        book.year,
        finished.iso.replace("-", "/") if finished else "",
        row.day(entry.added_at),
        words([*entry.own_shelves, *entry.tags]),
        "",
        SHELVES[entry.shelf],
        row.review,
        "true" if row.said and row.said.is_spoiler else "",
        entry.note or "",
        row.read_count,
        copies or int(entry.is_owned),
    ]


def _title(row: ShelfRow) -> str:
    """The title with the series in brackets, where it can be told apart from the title again."""
    book = row.book
    told = f"{book.title} ({book.series}, #{book.series_position})"
    return told if title_and_series(told) == (book.title, book.series, book.series_position) else book.title


def last_first(name: str) -> str:
    """A name as a library sorts it: Austen, Jane."""
    words = name.split()
    ends = 1
    while ends < len(words) - 1 and words[-ends].strip(".,").casefold() in _SUFFIXES:
        ends += 1
    return f"{' '.join(words[-ends:])}, {' '.join(words[:-ends])}" if len(words) > ends else name


def whole_stars(stars: float | None) -> int:
    """Stars as Goodreads has them: to the nearest whole one, halves up, at least one; 0 for none."""
    return 0 if stars is None else max(1, int(stars + 0.5))


def isbn10(isbn: str | None) -> str:
    """The ISBN-10 of an ISBN-13; empty where there is none. Source: ISO 2108, weights 10..2 modulo 11."""
    if isbn is None or not isbn.startswith("978"):
        return ""
    digits = isbn[3:12]
    check = -sum((10 - place) * int(digit) for place, digit in enumerate(digits)) % 11
    return digits + ("X" if check == 10 else str(check))
