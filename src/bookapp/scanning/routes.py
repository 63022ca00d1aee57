"""The addresses of ISBNs, and of scanning many of them."""

from dataclasses import replace
from typing import cast

from quart import Blueprint, current_app, g

from bookapp.books.rules import isbn13
from bookapp.core.errors import Invalid
from bookapp.openlibrary.client import OpenLibrary
from bookapp.openlibrary.look_up_actions import look_up
from bookapp.scanning import actions, queries, rules
from bookapp.scanning.commands import AddFound, FindScanned, ScanBooks, TakeBack
from bookapp.scanning.results import IsbnShown, ScanLine, ScanShown
from bookapp.web import besides
from bookapp.web.auth import actor, editors, public, signed_in
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Created, Elsewhere, Updated, gives

scanning = Blueprint("scanning", __name__)


def _library() -> OpenLibrary | None:
    """Who is asked for books that are not here, as far as the one who asks may add them."""
    library = cast(OpenLibrary | None, current_app.extensions["openlibrary"])
    return library if g.get("may_edit", False) else None


def _isbn(text: str) -> str:
    """The thirteen digits that are meant. Raises Invalid."""
    try:
        return isbn13(text)
    except ValueError as error:
        raise Invalid({"isbn": [str(error)]}) from None


async def _known(isbn: str) -> IsbnShown:
    async with reading() as db:
        return await queries.show_isbn(db, _isbn(isbn))


async def _page(question: FindScanned | None = None) -> ScanShown:
    async with reading() as db:
        return await queries.show_scanned(db, actor(), question or FindScanned(), is_online=_library() is not None)


@scanning.get("/isbn/<isbn:isbn>")
@public
@gives(IsbnShown, page="scanning/isbn.html", fragment="look_up")
async def show(isbn: str) -> IsbnShown | Elsewhere:
    """The book with an ISBN: from the catalogue or, where that is switched on, as Open Library describes it.

    The ISBN has 10 or 13 digits, with or without hyphens. A page goes on to the book when it is here.
    """
    shown = await _known(isbn)
    if shown.book is not None:
        return Elsewhere(shown, at=shown.book.url)
    library = _library()
    if library is None:
        return shown
    found = await look_up(database(), library, shown.isbn)
    return replace(shown, draft=found.draft, source="open library" if found.draft else None, remark=found.remark)


@scanning.post("/isbn/<isbn:isbn>")
@editors
@takes(AddFound, form="scanning/isbn.html", block="look_up", of=_known)
@gives(ScanShown, page="scanning/index.html", fragment="scanned", status=201)
async def create(isbn: str, command: AddFound) -> Created:
    """Add the book that has this ISBN, and put it on a shelf of yours if wanted."""
    async with writing() as db:
        line = await actions.add_found(db, actor(), _isbn(isbn), command, is_online=_library() is not None)
    assert line.book is not None
    flash(f"Added {line.book.title}.")
    return Created(_one(line), at=line.book.url)


@scanning.get("/scan")
@signed_in
@asks(FindScanned)
@gives(ScanShown, page="scanning/index.html", fragment="scan")
async def index(question: FindScanned) -> ScanShown:
    """The page for scanning books, with what was scanned before."""
    besides.allow_camera()
    return await _page(question)


@scanning.post("/scan")
@signed_in
@takes(ScanBooks, form="scanning/index.html", block="scanning", of=_page)
@gives(ScanShown, page="scanning/index.html", fragment="scanned")
async def scan(command: ScanBooks) -> Updated:
    """Look a hundred ISBNs up, or fewer, and put the books on a shelf of yours."""
    async with writing() as db:
        items = await actions.scan_books(db, actor(), command)
        shown = await queries.show_scanned(db, actor(), FindScanned(), is_online=_library() is not None)
    shown = replace(shown, items=items, shelf=command.shelf, is_owned=bool(command.is_owned))
    return Updated(shown, at=rules.page_url(items, command.shelf, bool(command.is_owned)))


@scanning.post("/scan/undos")
@signed_in
@takes(TakeBack)
@gives(ScanShown, page="scanning/index.html", fragment="scanned")
async def undo(command: TakeBack) -> Updated:
    """Take back what a scan did with a book."""
    async with writing() as db:
        line = await actions.take_back(db, actor(), command)
    flash(line.says)
    return Updated(_one(line), at=rules.PAGE)


def _one(line: ScanLine) -> ScanShown:
    """A single line, as the list that it belongs to."""
    return ScanShown(items=(line,), shelf=None, is_owned=False, shelves=(), is_online=False, most=rules.MOST)
