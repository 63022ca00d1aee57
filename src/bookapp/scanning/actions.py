"""Putting the books of many ISBNs where they belong, and taking that back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import actions as books
from bookapp.books.commands import AddBook
from bookapp.books.queries import show_line
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.openlibrary.cover_actions import want_cover
from bookapp.scanning import queries, rules
from bookapp.scanning.commands import AddFound, ScanBooks, TakeBack
from bookapp.scanning.results import ScanLine
from bookapp.scanning.rules import Deed, Piece, Standing, Wish
from bookapp.shelves import entry_actions, shelf_actions
from bookapp.shelves.bulk_actions import put_entries
from bookapp.shelves.reading_rules import When
from bookapp.shelves.rules import STATES
from bookapp.shelves.told import EntryTold, Put, ReadingTold


async def scan_books(db: AsyncSession, actor: Actor, command: ScanBooks) -> tuple[ScanLine, ...]:
    """Look the ISBNs up, put the books where they are wanted, and tell what came of each.

    Raises Invalid when the person has no such shelf.
    """
    wish = await _find_wish(db, actor, command.shelf, bool(command.is_owned))
    pieces = rules.read(command.isbns)
    found = await queries.find_books(db, queries.isbns_of(pieces))
    # First in line, then a look at what stands where: of two scans of one book the second finds it there.
    await entry_actions.hold(db, actor)
    standing = await queries.find_standing(db, actor, queries.ids_of(found))
    deeds = {book.id: rules.to_do(wish, standing.get(book.id, Standing())) for book in found.values()}
    await _put(db, actor, wish, deeds)
    return queries.told(pieces, found, standing, deeds, wish)


async def add_found(
    db: AsyncSession, actor: Actor, isbn: str, command: AddFound, *, is_online: bool = False
) -> ScanLine:
    """Add the book of an ISBN to the catalogue, and put it where it is wanted; `is_online` lets its cover be fetched.

    Raises Invalid when another book has the ISBN, or when the person has no such shelf.
    """
    wish = await _find_wish(db, actor, command.shelf, bool(command.is_owned))
    facts = {name: getattr(command, name) for name in ("title", "author", "year", "pages", "subjects")}
    book_id = await books.add_book(db, actor, AddBook(isbn=isbn, **facts))
    if is_online:
        await want_cover(db, book_id)
    deed = rules.to_do(wish, Standing())
    await _put(db, actor, wish, {book_id: deed})
    line = queries.line_for(Piece(isbn, isbn), await show_line(db, book_id), deed, wish, Standing())
    return line if line.state == "added" else replace(line, state="added", says=f"{command.title} is here now.")


async def take_back(db: AsyncSession, actor: Actor, command: TakeBack) -> ScanLine:
    """Take a book off the shelf that a scan put it on, and no longer say that it is one's own; tell where it stands.

    Raises Invalid when there is no such book, or no such shelf.
    """
    wish = await _find_wish(db, actor, command.shelf, bool(command.is_owned))
    try:
        book = await show_line(db, command.book_id)
    except NotFound:
        raise Invalid({"book_id": ["There is no such book"]}) from None
    if wish.shelf in STATES:
        await entry_actions.take_off_shelf(db, actor, command.book_id)
    elif wish.shelf is not None:
        await shelf_actions.take_off_own(db, actor, wish.shelf, command.book_id)
    if command.is_owned:
        await entry_actions.edit_entry(db, actor, command.book_id, {"is_owned": False})
    stands = (await queries.find_standing(db, actor, [book.id])).get(book.id, Standing())
    line = queries.line_for(Piece(book.isbn or "", book.isbn), book, Deed(), Wish(), stands)
    return replace(line, says=f"Taken back. {line.says}")


async def _find_wish(db: AsyncSession, actor: Actor, shelf: str | None, is_owned: bool) -> Wish:
    if actor.id is None:  # a guest, where guests may add books
        return Wish()
    wish = queries.wish_of(await queries.list_choices(db, actor), shelf, is_owned)
    if wish.shelf != shelf:
        raise Invalid({"shelf": ["You have no such shelf"]})
    return wish


async def _put(db: AsyncSession, actor: Actor, wish: Wish, deeds: Mapping[int, Deed]) -> None:
    today = clock.now().astimezone(clock.zone_of(actor.zone)).date()
    rows = [
        Put(book_id=book_id, told=_told(wish, deed, today), before=None, overwrite=False)
        for book_id, deed in deeds.items()
        if deed.put or deed.own
    ]
    await put_entries(db, actor, rows)


def _told(wish: Wish, deed: Deed, today: date) -> EntryTold:
    state = wish.shelf if deed.put and wish.shelf in STATES else None
    return EntryTold(
        state=state,
        shelves=(wish.name,) if deed.put and state is None else (),
        is_owned=deed.own,
        # As on the page of the book: whoever puts it on that shelf begins to read today.
        readings=(ReadingTold(outcome="reading", started=When(today, "day")),) if state == "reading" else (),
    )
