"""Writing editions: what a source tells of them is filled in, and never takes an ISBN from a book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book, Edition
from bookapp.core.events import CATALOGUE, announce
from bookapp.core.sql import AnyRow, insert_rows, is_among, upsert

_TABLE = cast(Table, Edition.__table__)
_ROWS = 5000
"""Editions in one statement."""
_FACTS = ("publisher", "year", "language", "pages", "format")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionTold:
    """An edition as a source tells it: clean values within the lengths of the table."""

    isbn: str
    """Thirteen digits."""
    book_id: int
    publisher: str | None = None
    year: int | None = None
    language: str | None = None
    pages: int | None = None
    format: str | None = None


async def put_editions(db: AsyncSession, editions: Sequence[EditionTold]) -> int:
    """Write the editions that are new, and what was empty in those that are known; returns how many it changed.

    An ISBN stays with the book that has it. Of several with one ISBN, the first counts.
    """
    told = {edition.isbn: edition for edition in reversed(editions)}
    # In order, as everybody writes them: two transactions that meet wait for each other and never in a circle.
    ordered = [told[isbn] for isbn in sorted(told)]
    changed = 0
    for start in range(0, len(ordered), _ROWS):
        changed += await _put(db, ordered[start : start + _ROWS])
    if changed:
        announce(db, CATALOGUE)
    return changed


async def _put(db: AsyncSession, editions: Sequence[EditionTold]) -> int:
    taken = await _own_isbns(db, [edition.isbn for edition in editions])
    rows = [_row(edition) for edition in editions if taken.get(edition.isbn, edition.book_id) == edition.book_id]
    if not rows:
        return 0
    known = await _known(db, [row["isbn"] for row in rows])
    new = [row for row in rows if row["isbn"] not in known]
    await insert_rows(db, _TABLE, new, skip_known=True)
    filled = [row for row in rows if row["isbn"] in known and _lacks(known[row["isbn"]], row)]
    if filled:
        values = {name: func.coalesce(_TABLE.c[name], bindparam(f"its_{name}")) for name in _FACTS}
        statement = update(_TABLE).where(_TABLE.c.isbn == bindparam("its_isbn")).values(values)
        await db.execute(statement, [{f"its_{name}": value for name, value in row.items()} for row in filled])
    return len(new) + len(filled)


async def _own_isbns(db: AsyncSession, isbns: Sequence[str]) -> dict[str | None, int]:
    """Which of these are the own ISBNs of books that are here."""
    rows = await db.execute(select(Book.isbn, Book.id).where(is_among(db, Book.isbn, isbns), Book.deleted_at.is_(None)))
    return {row.isbn: row.id for row in rows}


async def _known(db: AsyncSession, isbns: Sequence[int]) -> dict[int, AnyRow]:
    rows = await db.execute(select(_TABLE).where(is_among(db, _TABLE.c.isbn, isbns)).with_for_update())
    return {row.isbn: row for row in rows}


def _lacks(known: AnyRow, told: Mapping[str, Any]) -> bool:
    """Whether an edition of the same book says nothing where something is told now."""
    return known.book_id == told["book_id"] and any(
        getattr(known, name) is None and told[name] is not None for name in _FACTS
    )


def _row(edition: EditionTold) -> dict[str, Any]:
    facts = {name: getattr(edition, name) for name in _FACTS}
    return {"isbn": int(edition.isbn), "book_id": edition.book_id, **facts}


async def move_editions(db: AsyncSession, from_id: int, into_id: int, only: Sequence[int] | None = None) -> list[int]:
    """Let the editions of the first book, all or `only` some, be the second one's, and return their ISBNs."""
    which = Edition.book_id == from_id
    if only is not None:
        which = which & Edition.isbn.in_(only)
    found = list(await db.scalars(select(Edition.isbn).where(which).order_by(Edition.isbn).with_for_update()))
    if found:
        await db.execute(
            update(Edition).where(which).values(book_id=into_id).execution_options(synchronize_session=False)
        )
    return found


async def add_edition(db: AsyncSession, book: Book, into_id: int) -> int | None:
    """Let the own ISBN of a book that is going be an edition of the other, and return it if it was none yet."""
    if book.isbn is None:
        return None
    facts = {"language": book.language, "pages": book.pages}
    add = upsert(db, _TABLE).values(isbn=int(book.isbn), book_id=into_id, **facts).on_conflict_do_nothing()
    found: int | None = await db.scalar(add.returning(_TABLE.c.isbn))
    return found


async def remove_edition(db: AsyncSession, book_id: int, isbn: int | None) -> None:
    """Take back what `add_edition` made, if the book still has it."""
    if isbn is not None:
        await db.execute(delete(Edition).where(Edition.isbn == isbn, Edition.book_id == book_id))
