"""A person's shelves as StoryGraph exports them: 23 columns, with moods, warnings and every time of reading."""

from collections.abc import AsyncIterator, Iterable

from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.shelves.detail_results import KeptDetail
from bookapp.shelves.taking_queries import Taken
from bookapp.transfer import shelf_tables
from bookapp.transfer.goodreads import SHELVES
from bookapp.transfer.shelf_tables import ShelfRow, words

COLUMNS = (
    "Title", "Authors", "Contributors", "ISBN/UID", "Format", "Read Status", "Date Added", "Last Date Read",
    "Dates Read", "Read Count", "Moods", "Pace", "Character- or Plot-Driven?", "Strong Character Development?",
    "Loveable Characters?", "Diverse Characters?", "Flawed Characters?", "Star Rating", "Review", "Content Warnings",
    "Content Warning Description", "Tags", "Owned?",
)  # fmt: skip
_DRIVES = {"character": "Character", "plot": "Plot", "mix": "A mix"}
_VERDICTS = {"yes": "Yes", "no": "No", "complicated": "It's complicated"}
_TRAITS = ("development", "loveable", "diverse", "flawed")


def pieces(db: Database, actor: Actor) -> AsyncIterator[bytes]:
    """The file of `actor`, piece by piece."""
    return shelf_tables.pieces(db, actor, COLUMNS, _cells)


def _cells(row: ShelfRow) -> list[object]:
    entry, book, detail = row.entry, row.book, row.entry.detail or KeptDetail()
    finished = next((one.finished for one in reversed(row.ended) if one.finished), None)
    return [
        book.title,
        words(book.authors),
        "",
        book.isbn or "",
        detail.format or "",
        SHELVES[entry.shelf],
        row.day(entry.added_at),
        finished.iso.replace("-", "/") if finished else "",
        ", ".join(dates for one in row.taken if (dates := _dates(one))),
        row.read_count,
        words(detail.moods),
        detail.pace or "",
        _DRIVES.get(detail.traits.get("drive", ""), ""),
        *(_VERDICTS.get(detail.traits.get(trait, ""), "") for trait in _TRAITS),
        "" if entry.stars is None else _stars(entry.stars),
        row.review,
        _warnings(detail.warnings),
        detail.warning_note or "",
        words([*entry.tags, *entry.own_shelves]),
        "Yes" if entry.is_owned or detail.copies else "No",
    ]


def _dates(one: Taken) -> str:
    """From when to when, each as exactly as it is known."""
    started, finished = (when.iso.replace("-", "/") if when else "" for when in (one.started, one.finished))
    return f"{started}-{finished}" if started else finished


def _stars(stars: float) -> str:
    return f"{stars:.2f}" if (stars * 4) % 2 else f"{stars:.1f}"


def _warnings(warnings: Iterable[tuple[str, str]]) -> str:
    found: dict[str, list[str]] = {}
    for level, what in warnings:
        found.setdefault(level.capitalize(), []).append(what)
    # What parts one warning from the next can stand in none.
    parted = {level: words(what.replace(";", " ") for what in some) for level, some in found.items()}
    return "; ".join(f"{level}: {some}" if level else some for level, some in parted.items())
