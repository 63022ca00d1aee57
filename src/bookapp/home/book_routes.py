"""The page of a book, composed: the catalogue's facts, what its reader has to do with it, what others say."""

from quart import Blueprint

from bookapp.books.commands import FindBooks
from bookapp.books.queries import pick_random
from bookapp.books.results import SimilarList
from bookapp.home import pages
from bookapp.home.results import BookPage
from bookapp.web.auth import actor, public
from bookapp.web.db import reading
from bookapp.web.parse import asks
from bookapp.web.respond import Elsewhere, gives

book_pages = Blueprint("book_pages", __name__)


@book_pages.get("/books/<id:book_id>")
@public
@gives(BookPage, page="home/book.html", fragment="book", shared=True)
async def show(book_id: int) -> BookPage:
    """One book: its facts and neighbours, what readers say about it, and what is yours about it."""
    async with reading() as db:
        return await pages.show_book(db, actor(), book_id)


@book_pages.get("/books/random")
@public
@asks(FindBooks)
@gives(BookPage, page="home/book.html", fragment="book")
async def random(question: FindBooks) -> Elsewhere:
    """One book by chance, among those that the filters leave."""
    async with reading() as db:
        book = await pages.show_book(db, actor(), await pick_random(db, question))
    return Elsewhere(book, at=book.url)


@book_pages.get("/books/<id:book_id>/similar")
@public
@gives(SimilarList, page="books/similar.html", fragment="similar", shared=True)
async def show_similar(book_id: int) -> SimilarList:
    """The books that are like one, each with what makes it so."""
    async with reading() as db:
        return await pages.show_similar(db, book_id)
