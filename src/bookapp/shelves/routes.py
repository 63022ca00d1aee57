"""The addresses of what a person has to do with a book."""

from quart import Blueprint

from bookapp.core.errors import Invalid
from bookapp.shelves import detail_actions
from bookapp.shelves import entry_actions as actions
from bookapp.shelves import mine_queries as queries
from bookapp.shelves.commands import EditEntry, PutOnShelf, RateBook
from bookapp.shelves.detail_commands import EditDetail
from bookapp.shelves.results import MyBook
from bookapp.shelves.rules import KEEP
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.parse import takes
from bookapp.web.respond import Updated, gives

shelves = Blueprint("shelves", __name__)


async def _mine(book_id: int) -> MyBook:
    async with reading() as db:
        return await queries.show_mine(db, actor(), book_id)


@shelves.get("/books/<id:book_id>/mine")
@signed_in
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def show(book_id: int) -> MyBook:
    """What you have to do with a book: shelf, rating, tags, note; nobody else sees all of it."""
    return await _mine(book_id)


@shelves.put("/books/<id:book_id>/shelf")
@shelves.post("/books/<id:book_id>/shelf")
@signed_in
@takes(PutOnShelf, form="shelves/mine.html", block="mine", of=_mine)
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def put_on_shelf(book_id: int, command: PutOnShelf) -> Updated:
    """Put a book on one of your four shelves; by that a reading of it begins or ends today."""
    state = command.get("state") or command.get("shelf")
    if state is None:
        raise Invalid({"state": ["Please fill this in"]})
    visibility = actions.chosen(command["visibility"]) if "visibility" in command else KEEP
    async with writing() as db:
        await actions.put_on_shelf(db, actor(), book_id, state, visibility=visibility)
        mine = await queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)


@shelves.delete("/books/<id:book_id>/shelf")
@shelves.post("/books/<id:book_id>/shelf/delete")
@signed_in
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def take_off_shelf(book_id: int) -> Updated:
    """Take a book off the four shelves; rating, notes, tags and finished readings stay."""
    async with writing() as db:
        await actions.take_off_shelf(db, actor(), book_id)
        mine = await queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)


@shelves.put("/books/<id:book_id>/rating")
@shelves.post("/books/<id:book_id>/rating")
@signed_in
@takes(RateBook, form="shelves/mine.html", block="mine", of=_mine)
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def rate(book_id: int, command: RateBook) -> Updated:
    """Rate a book; one that is on no shelf of yours comes onto the one of the books that you read."""
    async with writing() as db:
        await actions.rate_book(db, actor(), book_id, command.stars)
        mine = await queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)


@shelves.delete("/books/<id:book_id>/rating")
@shelves.post("/books/<id:book_id>/rating/delete")
@signed_in
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def unrate(book_id: int) -> Updated:
    """Take your rating back."""
    async with writing() as db:
        await actions.unrate(db, actor(), book_id)
        mine = await queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)


@shelves.put("/books/<id:book_id>/entry")
@shelves.post("/books/<id:book_id>/entry")
@signed_in
@takes(EditEntry, form="shelves/mine.html", block="mine", of=_mine)
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def update(book_id: int, command: EditEntry) -> Updated:
    """Change your note, your tags, whether you own a copy, and who may see that the book is on your shelf."""
    async with writing() as db:
        await actions.edit_entry(db, actor(), book_id, command)
        mine = await queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)


@shelves.put("/books/<id:book_id>/entry/detail")
@shelves.post("/books/<id:book_id>/entry/detail")
@signed_in
@takes(EditDetail, form="shelves/mine.html", block="mine", of=_mine)
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def update_detail(book_id: int, command: EditDetail) -> Updated:
    """Say how a book felt, what others may want to be warned of, and which copy is yours."""
    async with writing() as db:
        await detail_actions.edit_detail(db, actor(), book_id, command)
        mine = await queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)
