"""The addresses of people's shelves, and of how they want to be seen as readers."""

from quart import Blueprint

from bookapp.accounts.queries import ABSENT as NOBODY
from bookapp.accounts.rules import username_key
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.shelves import mine_queries, person_queries, rules, settings_actions
from bookapp.shelves import shelf_actions as actions
from bookapp.shelves import shelf_book_queries as books
from bookapp.shelves import shelf_queries as queries
from bookapp.shelves.commands import AddShelf, EditReadingSettings, EditShelf, FindOnShelf
from bookapp.shelves.results import MyBook, ReadingSettings, ShelfLine, ShelfList, ShelfShown
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, expected_version, matched_version, takes, versioned
from bookapp.web.rates import WORDS, limited
from bookapp.web.respond import Created, Removed, Updated, gives

own_shelves = Blueprint("own_shelves", __name__)


def _own(username: str, absent: str = queries.ABSENT) -> Actor:
    """The person whose shelves they are, if they are the one who asks. Raises NotFound for everybody else's."""
    if username_key(username) != username_key(actor().name):
        raise NotFound(absent)
    return actor()


async def _list(username: str) -> ShelfList:
    async with reading() as db:
        return await queries.list_shelves(db, _own(username), username)


async def _line(username: str, shelf: str) -> ShelfLine:
    async with reading() as db:
        return await queries.show_own_shelf(db, _own(username), shelf)


async def _settings(username: str) -> ReadingSettings:
    async with reading() as db:
        return await person_queries.show_settings(db, _own(username, NOBODY))


@own_shelves.get("/accounts/<name:username>/shelves")
@public
@gives(ShelfList, page="shelves/index.html", fragment="shelves")
async def index(username: str) -> ShelfList:
    """Somebody's shelves, as far as they let you see them."""
    async with reading() as db:
        return await queries.list_shelves(db, actor(), username)


@own_shelves.post("/accounts/<name:username>/shelves")
@signed_in
@takes(AddShelf, form="shelves/index.html", block="adding", of=_list)
@gives(ShelfLine, page="shelves/edit.html", fragment="shelf", status=201)
async def create(username: str, command: AddShelf) -> Created:
    """Make a shelf of your own."""
    async with writing() as db:
        slug = await actions.add_shelf(db, _own(username), command)
        shelf = await queries.show_own_shelf(db, actor(), slug)
    flash(f"Here is your shelf {shelf.name}.")
    return Created(shelf, at=shelf.url)


@own_shelves.get("/accounts/<name:username>/shelves/<slug:shelf>")
@public
@asks(FindOnShelf)
@gives(ShelfShown, page="shelves/show.html", fragment="results")
async def show(username: str, shelf: str, question: FindOnShelf) -> ShelfShown:
    """The books on somebody's shelf: `want`, `reading`, `read`, `stopped`, `all`, or one that they made."""
    async with reading() as db:
        return await books.list_shelf(db, actor(), username, shelf, question)


@own_shelves.get("/accounts/<name:username>/shelves/<slug:shelf>/edit")
@signed_in
@gives(ShelfLine, page="shelves/edit.html", fragment="shelf")
async def edit(username: str, shelf: str) -> ShelfLine:
    """The form for a shelf that you made."""
    return await _line(username, shelf)


@own_shelves.patch("/accounts/<name:username>/shelves/<slug:shelf>")
@own_shelves.post("/accounts/<name:username>/shelves/<slug:shelf>/edit")
@signed_in
@takes(EditShelf, form="shelves/edit.html", block="shelf", of=_line, conflict="shelves/conflict.html")
@gives(ShelfLine, page="shelves/edit.html", fragment="shelf")
async def update(username: str, shelf: str, command: EditShelf) -> Updated:
    """Change the fields that are sent; send If-Match or `version` to change only what you have read."""
    async with writing() as db:
        version = expected_version(command.get("version"))
        slug = await actions.edit_shelf(db, _own(username), shelf, command, version)
        line = await queries.show_own_shelf(db, actor(), slug)
    flash(f"Saved {line.name}.")
    return Updated(line, at=line.url)


@own_shelves.delete("/accounts/<name:username>/shelves/<slug:shelf>")
@own_shelves.post("/accounts/<name:username>/shelves/<slug:shelf>/delete")
@signed_in
@versioned
@gives(type(None), page="shelves/edit.html", fragment="shelf", status=204)
async def remove(username: str, shelf: str) -> Removed:
    """Take a shelf down; its books stay wherever else they stand."""
    async with writing() as db:
        name = await actions.delete_shelf(db, _own(username), shelf, matched_version())
    flash(f"Your shelf {name} is gone.")
    return Removed(at=rules.shelves_url(actor().name))


@own_shelves.put("/accounts/<name:username>/shelves/<slug:shelf>/books/<id:book_id>")
@own_shelves.post("/accounts/<name:username>/shelves/<slug:shelf>/books/<id:book_id>")
@signed_in
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def put_on(username: str, shelf: str, book_id: int) -> Updated:
    """Put a book on a shelf that you made; it may stand on several."""
    async with writing() as db:
        await actions.put_on_own(db, _own(username), shelf, book_id)
        mine = await mine_queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)


@own_shelves.delete("/accounts/<name:username>/shelves/<slug:shelf>/books/<id:book_id>")
@own_shelves.post("/accounts/<name:username>/shelves/<slug:shelf>/books/<id:book_id>/delete")
@signed_in
@gives(MyBook, page="shelves/mine.html", fragment="mine")
async def take_off(username: str, shelf: str, book_id: int) -> Updated:
    """Take a book off a shelf that you made."""
    async with writing() as db:
        await actions.take_off_own(db, _own(username), shelf, book_id)
        mine = await mine_queries.show_mine(db, actor(), book_id)
    return Updated(mine, at=mine.book.url)


@own_shelves.get("/accounts/<name:username>/reading-settings")
@signed_in
@gives(ReadingSettings, page="shelves/settings.html", fragment="settings")
async def show_settings(username: str) -> ReadingSettings:
    """Who sees your books, and whether your ratings help others."""
    return await _settings(username)


@own_shelves.put("/accounts/<name:username>/reading-settings")
@own_shelves.patch("/accounts/<name:username>/reading-settings")
@own_shelves.post("/accounts/<name:username>/reading-settings")
@signed_in
@limited(WORDS)
@takes(EditReadingSettings, form="shelves/settings.html", block="settings", of=_settings)
@gives(ReadingSettings, page="shelves/settings.html", fragment="settings")
async def update_settings(username: str, command: EditReadingSettings) -> Updated:
    """Change who sees your books; whatever has no choice of its own follows at once."""
    async with writing() as db:
        await settings_actions.edit_settings(db, _own(username, NOBODY), command)
        settings = await person_queries.show_settings(db, actor())
    flash("Saved who sees your books.")
    return Updated(settings, at=settings.url)
