"""Decisions about imports that need no database."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bookapp.books.bulk import BookRecord
from bookapp.circles.visibility import stored
from bookapp.imports.commands import Options
from bookapp.imports.told import BookTold, RowTold

STEP, LEAST_STEP = 300, 100
"""Records in one transaction, at most and at least: what a step costs by itself is as much as thirty of them."""
_WAIT = 0.25
"""Seconds for which other writers may wait for a step."""
STEP_SIGNS = 4_000_000
"""Characters in one transaction, so that three hundred rows of a megabyte each do not fill the memory."""
MOST_KEPT = 50_000_000
"""Characters of rows that are kept for their person: a packed file may unpack to a thousand times its size."""
MOST_FAILED = 10_000
"""So many rows that cannot be read are no longer a few mistakes: it is the wrong file."""
MOST_OPEN = 5
"""Imports of one person that may be on the way, or wait for their person, at once."""
KEPT = timedelta(days=7)
"""How long a file is kept that is not put in yet."""
REMEMBERED = timedelta(days=90)
"""How long an import itself is remembered, with the rows that failed."""
REMARKS = 50
"""So many remarks about single cells are shown; the others are counted."""
UNKNOWN_AUTHOR = "Unknown"
SHELF = "Imported"
"""An own shelf for what stands nowhere: a book that somebody brought must be found again."""
_STATES = ("want", "reading", "read", "stopped")
_SOURCE, _KEY = 20, 60
OURS = "bookapp"
"""The format of our own files."""
_GLOBAL = frozenset({OURS, "goodreads", "hardcover", "librarything", "openlibrary", "storygraph"})
"""Formats whose keys mean the same book for everybody; the keys of others are a person's own."""


def next_step(records: int, seconds: float) -> int:
    """How many records go into the next step, when the last one took so long."""
    return max(LEAST_STEP, min(STEP, records * 2, int(records * _WAIT / max(seconds, 0.001))))


def step_words(state: str, step: str) -> str:
    """What is being done with a file, or was, by the state of its job and the step that it is at."""
    if state in ("queued", "running"):
        return "Being looked at" if step == "look" else "Being put in"
    if state in ("failed", "cancelled"):
        return "Failed" if state == "failed" else "Stopped"
    return "Looked at, not put in yet" if step == "look" else "Put in"


def import_url(import_id: int) -> str:
    """The address of an import."""
    return f"/imports/{import_id}"


def shown_name(name: str) -> str:
    """What a file is called, as far as it can be shown: nobody opens a file by this name."""
    bare = "".join(char for char in re.split(r"[/\\]", name)[-1] if char.isprintable())
    return bare.strip()[:200] or "file"


def source_of(source: str) -> str:
    """What a format is called beside the keys of the catalogue."""
    return source[:_SOURCE]


def catalogue_key(source: str, account_id: int, key: str) -> str:
    """Under which key the catalogue remembers the book of a row: a person's own keys are told apart from others'."""
    own = key if source in _GLOBAL else f"{account_id}:{key}"
    return own if len(own) <= _KEY else hashlib.blake2b(own.encode(), digest_size=20).hexdigest()


def with_options(told: RowTold, options: Options, source: str = "") -> RowTold:
    """A row with what its person chose for all rows. One of our own files says itself that a book stands nowhere."""
    entry = told.entry
    changes: dict[str, Any] = {}
    if options.visibility is not None and entry.visibility is None:
        changes["visibility"] = stored(options.visibility)
    if entry.state is None and not entry.shelves and source != OURS:
        shelf = options.shelf or SHELF
        changes |= {"state": shelf} if shelf in _STATES else {"shelves": (shelf,)}
        changes |= {"is_placed_for_now": not options.shelf}
    if told.book.contributors:
        told_of = "; ".join(f"{name} ({role})" if role else name for name, role in told.book.contributors)
        detail = replace(entry.detail, more=dict(entry.detail.more) | {"Contributors": told_of[:2000]})
        changes["detail"] = detail
    return replace(told, entry=replace(entry, **changes)) if changes else told


def fingerprint(told: RowTold) -> str:
    """A digest of all that a row tells: what tells the same again changes nothing."""
    return hashlib.blake2b(repr((told.book, told.entry)).encode("utf-8", "replace"), digest_size=16).hexdigest()


def book_record(key: str, book: BookTold) -> BookRecord:
    """A new book as the catalogue takes it."""
    return BookRecord(
        key=key,
        title=book.title,
        authors=book.authors or (UNKNOWN_AUTHOR,),
        isbn=book.isbns[0] if book.isbns else None,
        year=book.year if book.year is not None else book.edition_year,
        language=book.language,
        pages=book.pages,
        description=book.description,
        subjects=tuple((name, len(book.subjects) - place) for place, name in enumerate(book.subjects)),
        series=book.series,
        series_position=book.series_position,
    )


ELSEWHERE = "the file is from another place, where these names may be other people's"
LATER = "nobody has had that name since before the file was made"
"""Why people were neither trusted nor blocked."""
_NAMED = 20


def not_tied(names: Iterable[str], why: str) -> str:
    """A sentence on people whom a file names and whom its person has to find themselves."""
    listed = list(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return f"Trusted and blocked people were not taken over ({', '.join(listed[:_NAMED])}{more}): {why}."


def isbn_in(cells: Mapping[str, str]) -> str:
    """The ISBN of a row as its file has it, for whoever compares; empty without one."""
    for name, text in cells.items():
        digits = re.sub(r"[^0-9Xx]", "", text) if name.casefold().startswith("isbn") else ""
        if len(digits) in (10, 13):
            return digits
    return ""
