"""Reading which books ISBNs belong to, and where these stand with a person. A hundred cost what one does."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.edition_queries import find_by_isbns
from bookapp.books.lines import line_of, lines
from bookapp.books.models import Book
from bookapp.books.results import BookLine
from bookapp.core.actor import Actor
from bookapp.scanning import rules
from bookapp.scanning.commands import FindScanned
from bookapp.scanning.results import IsbnShown, ScanLine, ScanShown, ShelfChoice
from bookapp.scanning.rules import Deed, Piece, Standing, Wish
from bookapp.shelves.models import Entry, Shelf, ShelfBook
from bookapp.shelves.rules import STATES, TITLES

_NOTHING = Standing()


async def show_isbn(db: AsyncSession, isbn: str) -> IsbnShown:
    """What the catalogue knows of an ISBN (thirteen digits), be it nothing."""
    book = (await find_books(db, [isbn])).get(isbn)
    return IsbnShown(
        isbn=isbn,
        book=book,
        draft=None,
        source="catalogue" if book else None,
        remark=None,
        url=rules.isbn_url(isbn),
    )


async def show_scanned(db: AsyncSession, actor: Actor, question: FindScanned, *, is_online: bool) -> ScanShown:
    """The page for scanning, with what was sent before, as it is now."""
    choices = await list_choices(db, actor)
    pieces = rules.read(question.isbns.split(".")[: rules.MOST] if question.isbns else [])
    wish = wish_of(choices, question.shelf, question.is_owned == "on")
    books = await find_books(db, isbns_of(pieces))
    standing = await find_standing(db, actor, ids_of(books))
    done = {}
    for place, deed in rules.deeds(question.done).items():
        book = books.get(pieces[place].isbn or "") if place < len(pieces) else None
        if book is not None:
            done[book.id] = deed
    return ScanShown(
        items=told(pieces, books, standing, done, wish),
        shelf=wish.shelf,
        is_owned=wish.is_owned,
        shelves=choices,
        is_online=is_online,
        most=rules.MOST,
    )


async def list_choices(db: AsyncSession, actor: Actor) -> tuple[ShelfChoice, ...]:
    """The shelves that a person can put books on: the four, then their own."""
    rows = await db.execute(
        select(Shelf.slug, Shelf.name).where(Shelf.account_id == actor.id).order_by(Shelf.name, Shelf.id)
    )
    four = (ShelfChoice(state, TITLES[state]) for state in STATES)
    return (*four, *(ShelfChoice(row.slug, row.name) for row in rows))


def wish_of(choices: Iterable[ShelfChoice], shelf: str | None, is_owned: bool) -> Wish:
    """What is to be done; a shelf that is not there is none."""
    name = next((choice.name for choice in choices if choice.slug == shelf), None)
    return Wish(None if name is None else shelf, name or "", is_owned)


async def find_books(db: AsyncSession, isbns: Sequence[str]) -> dict[str, BookLine]:
    """The books of these ISBNs, as far as they are here."""
    ids = await find_by_isbns(db, isbns) if isbns else {}
    if not ids:
        return {}
    rows = await db.execute(lines().where(Book.id.in_(set(ids.values()))))
    books = {line.id: line for line in map(line_of, rows)}
    return {isbn: books[book_id] for isbn, book_id in ids.items() if book_id in books}


async def find_standing(db: AsyncSession, actor: Actor, book_ids: Collection[int]) -> dict[int, Standing]:
    """Where these books stand with a person."""
    if not book_ids:
        return {}
    own: dict[int, dict[str, str]] = {}
    stands = (
        select(ShelfBook.book_id, Shelf.slug, Shelf.name)
        .join(Shelf, Shelf.id == ShelfBook.shelf_id)
        .where(Shelf.account_id == actor.id, ShelfBook.book_id.in_(book_ids))
        .order_by(Shelf.name, Shelf.id)
    )
    for row in await db.execute(stands):
        own.setdefault(row.book_id, {})[row.slug] = row.name
    entries = await db.execute(
        select(Entry.book_id, Entry.state, Entry.is_owned).where(
            Entry.account_id == actor.id, Entry.book_id.in_(book_ids)
        )
    )
    # Whatever stands on a shelf has an entry.
    return {row.book_id: Standing(row.state, row.is_owned, own.get(row.book_id, {})) for row in entries}


def isbns_of(pieces: Iterable[Piece]) -> list[str]:
    """The ISBNs among what was sent."""
    return [piece.isbn for piece in pieces if piece.isbn is not None]


def ids_of(books: dict[str, BookLine]) -> set[int]:
    """The ids of these books."""
    return {book.id for book in books.values()}


def told(
    pieces: Iterable[Piece],
    books: dict[str, BookLine],
    standing: dict[int, Standing],
    deeds: dict[int, Deed],
    wish: Wish,
) -> tuple[ScanLine, ...]:
    """What came of each thing that was sent. Another edition of a book that came already is that book again."""
    found: list[ScanLine] = []
    seen: set[int] = set()
    for piece in pieces:
        book = books.get(piece.isbn or "")
        is_again = piece.is_again or (book is not None and book.id in seen)
        if book is None or is_again:
            found.append(_not_done(piece, book, is_again))
            continue
        seen.add(book.id)
        found.append(line_for(piece, book, deeds.get(book.id, Deed()), wish, standing.get(book.id, _NOTHING)))
    return tuple(found)


def line_for(piece: Piece, book: BookLine, deed: Deed, wish: Wish, standing: Standing) -> ScanLine:
    """What came of a book that is in the catalogue."""
    return ScanLine(
        isbn=piece.isbn,
        sent=piece.sent,
        state=rules.came_of(deed, standing),
        says=rules.says(book.title, deed, wish, standing),
        book=book,
        shelf=wish.shelf if deed.put else None,
        is_owned=deed.own,
        url=rules.isbn_url(piece.isbn) if piece.isbn else None,
    )


def _not_done(piece: Piece, book: BookLine | None, is_again: bool) -> ScanLine:
    if piece.isbn is None:
        state, says = "wrong", piece.problem or ""
    elif is_again:
        state, says = "duplicate", f"{book.title if book else piece.isbn} came twice."
    else:
        state, says = "unknown", f"{piece.isbn} is not in the catalogue yet."
    return ScanLine(
        isbn=piece.isbn,
        sent=piece.sent,
        state=state,  # type: ignore[arg-type]  # one of the words above
        says=says,
        book=book,
        shelf=None,
        is_owned=False,
        url=rules.isbn_url(piece.isbn) if piece.isbn else None,
    )
