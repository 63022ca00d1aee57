"""The addresses of wishes: who looks for a book asks, and others answer with recommendations."""

from quart import Blueprint

from bookapp.suggestions import ask_actions, ask_queries
from bookapp.suggestions.commands import FindAsks, Wish
from bookapp.suggestions.results import AskList, AskShown
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.rates import ADVICE, limited
from bookapp.web.respond import Created, Removed, Updated, gives

wishes = Blueprint("asks", __name__)


async def _list() -> AskList:
    async with reading() as db:
        return await ask_queries.list_asks(db, actor(), FindAsks())


@wishes.get("/asks")
@signed_in
@asks(FindAsks)
@gives(AskList, page="asks/index.html", fragment="asks")
async def index(question: FindAsks) -> AskList:
    """What people here are looking for, and what you asked yourself."""
    async with reading() as db:
        return await ask_queries.list_asks(db, actor(), question)


@wishes.post("/asks")
@signed_in
@limited(ADVICE)
@takes(Wish, form="asks/index.html", block="asking", of=_list)
@gives(AskShown, page="asks/show.html", fragment="ask", status=201)
async def create(command: Wish) -> Created:
    """Ask everybody here for a recommendation."""
    async with writing() as db:
        ask_id = await ask_actions.ask(db, actor(), command)
        shown = await ask_queries.show_ask(db, actor(), ask_id)
    flash("Asked. Answers come into your inbox.")
    return Created(shown, at=shown.url)


@wishes.get("/asks/<id:ask_id>")
@signed_in
@gives(AskShown, page="asks/show.html", fragment="ask")
async def show(ask_id: int) -> AskShown:
    """A wish, with the books that answer it: all of them for who asked, your own for you."""
    async with reading() as db:
        return await ask_queries.show_ask(db, actor(), ask_id)


@wishes.post("/asks/<id:ask_id>/closing")
@signed_in
@gives(AskShown, page="asks/show.html", fragment="ask")
async def close(ask_id: int) -> Updated:
    """Say that it is enough. What was recommended stays."""
    async with writing() as db:
        await ask_actions.close(db, actor(), ask_id)
        shown = await ask_queries.show_ask(db, actor(), ask_id)
    flash("Closed. Nobody else sees it any more.")
    return Updated(shown, at=shown.url)


@wishes.delete("/asks/<id:ask_id>")
@wishes.post("/asks/<id:ask_id>/delete")
@signed_in
@gives(type(None), page="asks/show.html", fragment="ask", status=204)
async def remove(ask_id: int) -> Removed:
    """Take your wish away. What was recommended stays."""
    async with writing() as db:
        await ask_actions.delete_ask(db, actor(), ask_id)
    flash("Deleted your wish.")
    return Removed(at="/asks")
