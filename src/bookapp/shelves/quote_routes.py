"""The addresses of quotes."""

from quart import Blueprint

from bookapp.shelves import quote_actions as actions
from bookapp.shelves import quote_queries as queries
from bookapp.shelves.quote_commands import AddQuote, EditQuote, FindQuotes
from bookapp.shelves.quote_results import QuoteLine, QuoteList
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, expected_version, matched_version, takes, versioned
from bookapp.web.respond import Created, Removed, Updated, gives

quotes = Blueprint("quotes", __name__)


async def _list(book_id: int, question: FindQuotes | None = None) -> QuoteList:
    async with reading() as db:
        return await queries.list_quotes(db, actor(), book_id, question or FindQuotes())


async def _own(book_id: int, quote_id: int) -> QuoteLine:
    async with reading() as db:
        return await queries.show_own_quote(db, actor(), book_id, quote_id)


@quotes.get("/books/<id:book_id>/quotes")
@public
@asks(FindQuotes)
@gives(QuoteList, page="quotes/index.html", fragment="quotes")
async def index(book_id: int, question: FindQuotes) -> QuoteList:
    """What people copied out of a book, as far as you may see it."""
    return await _list(book_id, question)


@quotes.post("/books/<id:book_id>/quotes")
@signed_in
@takes(AddQuote, form="quotes/index.html", block="adding", of=_list)
@gives(QuoteLine, page="quotes/row.html", fragment="row", status=201)
async def create(book_id: int, command: AddQuote) -> Created:
    """Copy a passage out of a book."""
    async with writing() as db:
        quote_id = await actions.add_quote(db, actor(), book_id, command)
        quote = await queries.show_own_quote(db, actor(), book_id, quote_id)
    flash(f"Kept a passage of {quote.book.title}.")
    return Created(quote, at=quote.url)


@quotes.get("/books/<id:book_id>/quotes/<id:quote_id>")
@public
@gives(QuoteLine, page="quotes/row.html", fragment="row")
async def show(book_id: int, quote_id: int) -> QuoteLine:
    """One passage that somebody copied out of a book."""
    async with reading() as db:
        return await queries.show_quote(db, actor(), book_id, quote_id)


@quotes.get("/books/<id:book_id>/quotes/<id:quote_id>/edit")
@signed_in
@gives(QuoteLine, page="quotes/edit.html", fragment="editing")
async def edit(book_id: int, quote_id: int) -> QuoteLine:
    """A quote as a form."""
    return await _own(book_id, quote_id)


@quotes.patch("/books/<id:book_id>/quotes/<id:quote_id>")
@quotes.post("/books/<id:book_id>/quotes/<id:quote_id>/edit")
@signed_in
@takes(EditQuote, form="quotes/edit.html", block="editing", of=_own, conflict="quotes/conflict.html")
@gives(QuoteLine, page="quotes/row.html", fragment="row")
async def update(book_id: int, quote_id: int, command: EditQuote) -> Updated:
    """Change the fields that are sent; send If-Match or `version` to change only what you have read."""
    async with writing() as db:
        version = expected_version(command.get("version"))
        await actions.edit_quote(db, actor(), book_id, quote_id, command, version)
        quote = await queries.show_own_quote(db, actor(), book_id, quote_id)
    flash(f"Saved a passage of {quote.book.title}.")
    return Updated(quote, at=quote.url)


@quotes.delete("/books/<id:book_id>/quotes/<id:quote_id>")
@quotes.post("/books/<id:book_id>/quotes/<id:quote_id>/delete")
@signed_in
@versioned
@gives(type(None), page="quotes/row.html", fragment="row", status=204)
async def remove(book_id: int, quote_id: int) -> Removed:
    """Throw away a passage that you copied."""
    async with writing() as db:
        quote = await queries.show_own_quote(db, actor(), book_id, quote_id)
        await actions.remove_quote(db, actor(), book_id, quote_id, matched_version())
    flash(f"Deleted a passage of {quote.book.title}.")
    return Removed(at=f"{quote.book.url}/quotes")
