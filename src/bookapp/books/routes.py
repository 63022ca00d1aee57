"""The addresses of books."""

from quart import Blueprint, Response

from bookapp.books import actions, export, queries
from bookapp.books.commands import AddBook, EditBook, FindBooks
from bookapp.books.results import BookLine, BookList, BookShown
from bookapp.web.auth import actor, editors, public
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, expected_version, matched_version, takes, versioned
from bookapp.web.respond import Created, Removed, Updated, download, gives, streams

books = Blueprint("books", __name__)


async def _book(book_id: int) -> BookShown:
    """The book that a form shows again when something in it was wrong."""
    async with reading() as db:
        return await queries.show_book(db, book_id)


async def _line(book_id: int) -> BookLine:
    async with reading() as db:
        return await queries.show_line(db, book_id)


@books.get("/books")
@public
@asks(FindBooks)
@gives(BookList, page="books/index.html", fragment="results", shared=True)
async def index(question: FindBooks) -> BookList:
    """List and search the books."""
    async with reading() as db:
        return await queries.list_books(db, question)


@books.get("/books/new")
@editors
@gives(type(None), page="books/new.html", fragment="form", shared=True)
async def new() -> None:
    """The form for a new book."""


@books.post("/submit")
@books.post("/books")
@editors
@takes(AddBook, form="books/new.html")
@gives(BookLine, page="books/row.html", fragment="row", status=201)
async def create(command: AddBook) -> Created:
    """Add a book; its author is reused by name."""
    async with writing() as db:
        book = await queries.show_line(db, await actions.add_book(db, actor(), command))
    flash(f"Added {book.title}.")
    return Created(book, at=book.url)


@books.get("/books.csv")
@public
@asks(FindBooks)
@streams("text/csv")
async def table(question: FindBooks) -> Response:
    """The catalogue as a CSV file, streamed, with the filters of the list."""
    return download(export.rows(database(), question), "text/csv; charset=utf-8", "books.csv")


@books.get("/books.jsonl")
@public
@asks(FindBooks)
@streams("application/jsonl")
async def lines(question: FindBooks) -> Response:
    """The catalogue as JSON lines, streamed, with the filters of the list: everything that is known of each book."""
    return download(export.lines(database(), question), "application/jsonl; charset=utf-8", "books.jsonl")


@books.get("/get-book-row/<id:book_id>")
@books.get("/books/<id:book_id>/row")
@public
@gives(BookLine, page="books/row.html", fragment="row", shared=True)
async def row(book_id: int) -> BookLine:
    """One book as a row of a table."""
    return await _line(book_id)


@books.get("/get-edit-form/<id:book_id>")
@books.get("/books/<id:book_id>/edit")
@editors
@gives(BookLine, page="books/edit.html", fragment="editing", shared=True)
async def edit(book_id: int) -> BookLine:
    """The row of a book as a form for its title and author."""
    return await _line(book_id)


@books.put("/update/<id:book_id>")
@books.put("/books/<id:book_id>")
@books.patch("/books/<id:book_id>")
@books.post("/books/<id:book_id>/edit")
@editors
@takes(EditBook, form="books/edit.html", block="editing", of=_line, conflict="books/conflict.html")
@gives(BookLine, page="books/row.html", fragment="row")
async def update(book_id: int, command: EditBook) -> Updated:
    """Change the fields that are sent; send If-Match or `version` to change only what you have read."""
    return await _update(book_id, command)


@books.get("/books/<id:book_id>/details")
@editors
@gives(BookShown, page="books/details.html", fragment="details", shared=True)
async def details(book_id: int) -> BookShown:
    """The form for everything about a book."""
    return await _book(book_id)


@books.post("/books/<id:book_id>/details")
@editors
@takes(EditBook, form="books/details.html", block="details", of=_book, conflict="books/conflict.html")
@gives(BookLine, page="books/row.html", fragment="row")
async def update_details(book_id: int, command: EditBook) -> Updated:
    """Change everything about a book, from its form."""
    return await _update(book_id, command)


async def _update(book_id: int, command: EditBook) -> Updated:
    async with writing() as db:
        await actions.edit_book(db, actor(), book_id, command, expected_version(command.get("version")))
        book = await queries.show_line(db, book_id)
    flash(f"Saved {book.title}.")
    return Updated(book, at=book.url)


@books.delete("/delete/<id:book_id>")
@books.delete("/books/<id:book_id>")
@books.post("/books/<id:book_id>/delete")
@editors
@versioned
@gives(type(None), page="books/row.html", fragment="row", status=204)
async def remove(book_id: int) -> Removed:
    """Delete a book. A POST to its `restoration` undoes that."""
    async with writing() as db:
        title = await actions.delete_book(db, actor(), book_id, matched_version())
    flash(f"Deleted {title}.", undo_url=f"/books/{book_id}/restoration")
    return Removed(at="/books")


@books.post("/books/<id:book_id>/restoration")
@editors
@versioned
@gives(BookLine, page="books/row.html", fragment="row")
async def restore(book_id: int) -> Updated:
    """Bring a deleted book back."""
    async with writing() as db:
        await actions.restore_book(db, actor(), book_id, matched_version())
        book = await queries.show_line(db, book_id)
    flash(f"{book.title} is back.")
    return Updated(book, at=book.url)
