"""A person's shelves as a table of another place, in steps, so that ten thousand books need no more memory than ten."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookapp.books import keeping_queries as catalogue
from bookapp.books.keeping_results import KeptBook, KeptEdition
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.text import safe_cell
from bookapp.shelves import keeping_queries, taking_queries
from bookapp.shelves.results import KeptEntry
from bookapp.shelves.taking_queries import Said, Taken

STEP = 250
_ENDS = {"read": "finished", "stopped": "stopped"}
_PARAGRAPHS = re.compile(r"</(?:p|div)>\s*<(?:p|div)(?: [^>]*)?>")
_SIGNS = (
    (re.compile(r'<details class="spoiler"><summary>Spoiler</summary>'), "<spoiler>"),
    (re.compile(r"</details>"), "</spoiler>"),
    (re.compile(r"<(/?)em>"), r"<\1i>"),
    (re.compile(r"<(/?)strong>"), r"<\1b>"),
    (re.compile(r"<br ?/?>\n?"), "<br/>"),
    (re.compile(r' rel="[^"]*"'), ""),
    (re.compile(r"</?(?:p|div)(?: [^>]*)?>"), ""),
    (re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)"), ""),
    (re.compile(r"\n"), "<br/>"),
)


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits that are written as a formula, as Goodreads does, so that a spreadsheet keeps their zeros."""

    digits: str

    def __str__(self) -> str:
        return f'="{self.digits}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    """A book on a person's shelves, with all that is told of it."""

    entry: KeptEntry
    book: KeptBook
    said: Said | None
    taken: Sequence[Taken]
    zone: str

    def day(self, moment: datetime) -> str:
        """The day of a moment on the person's own calendar."""
        return f"{moment.astimezone(clock.zone_of(self.zone)):%Y/%m/%d}"

    @property
    def ended(self) -> list[Taken]:
        """The readings that led to where the book stands, the latest last; what has no date comes first."""
        wanted = _ENDS.get(self.entry.shelf or "", "finished")
        found = [one for one in self.taken if one.outcome == wanted]
        return sorted(found, key=lambda one: one.finished.last.toordinal() if one.finished else 0)

    @property
    def read_count(self) -> int:
        """How often it was read to the end."""
        return max(sum(one.outcome == "finished" for one in self.taken), int(self.entry.shelf == "read"))

    @property
    def edition(self) -> KeptEdition | None:
        """The edition that the catalogue knows the book by."""
        return next((one for one in self.book.editions if one.isbn == self.book.isbn), None)

    @property
    def review(self) -> str:
        """The review in the HTML that reading sites write: line breaks, few tags, `<spoiler>`."""
        html = _PARAGRAPHS.sub("<br/><br/>", self.said.html.strip()) if self.said else ""
        for sign, written in _SIGNS:
            html = sign.sub(written, html)
        return html.strip()


async def pieces(
    db: Database, actor: Actor, columns: Sequence[str], cells: Callable[[ShelfRow], Iterable[object]]
) -> AsyncIterator[bytes]:
    """The table of `actor`, piece by piece; `cells` makes a row of it."""
    yield _lines([columns])
    after: int | None = 0
    while after is not None:
        # A session for each step: one long read would keep SQLite from emptying its log.
        async with db.reading() as session:
            entries, after = await keeping_queries.list_own_entries(session, actor, after, STEP)
            ids = [entry.book_id for entry in entries]
            books = await catalogue.list_kept(session, ids)
            said = await taking_queries.list_said(session, actor, ids)
            taken = await taking_queries.list_taken(session, actor, ids)
        rows = (
            ShelfRow(
                entry=entry,
                book=books[entry.book_id],
                said=said.get(entry.book_id),
                taken=taken.get(entry.book_id, ()),
                zone=actor.zone,
            )
            for entry in entries
        )
        if entries:
            yield _lines(map(cells, rows))


def words(names: Iterable[str]) -> str:
    """A list of words in one cell, which have no commas of their own there."""
    return ", ".join(dict.fromkeys(" ".join(name.replace(",", " ").split()) for name in names))


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue().encode()
