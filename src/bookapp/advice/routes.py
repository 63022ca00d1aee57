"""The addresses of what readers recommend to everybody."""

from quart import Blueprint

from bookapp.advice import actions, queries
from bookapp.advice.commands import FindPraise, FindRecommended, SayPraise
from bookapp.advice.results import PraiseList, RecommendedList
from bookapp.web.auth import actor, admins, public, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, matched_version, takes, versioned
from bookapp.web.rates import ADVICE, limited
from bookapp.web.respond import Removed, Updated, gives

advice = Blueprint("advice", __name__)


async def _praise(book_id: int) -> PraiseList:
    async with reading() as db:
        return await queries.show_praise(db, actor(), book_id, FindPraise())


@advice.get("/recommended")
@public
@asks(FindRecommended)
@gives(RecommendedList, page="advice/index.html", fragment="recommended", shared=True)
async def index(question: FindRecommended) -> RecommendedList:
    """The books that readers recommend to everybody here, each with who does and why."""
    async with reading() as db:
        return await queries.show_recommended(db, question)


@advice.get("/books/<id:book_id>/praise")
@public
@asks(FindPraise)
@gives(PraiseList, page="advice/praise.html", fragment="praise", shared=True)
async def show(book_id: int, question: FindPraise) -> PraiseList:
    """What readers say for a book, the newest first."""
    async with reading() as db:
        return await queries.show_praise(db, actor(), book_id, question)


@advice.put("/books/<id:book_id>/praise")
@advice.post("/books/<id:book_id>/praise")
@signed_in
@takes(SayPraise, form="advice/praise.html", block="praise", of=_praise, conflict="advice/conflict.html")
@limited(ADVICE)
@gives(PraiseList, page="advice/praise.html", fragment="praise")
async def update(book_id: int, command: SayPraise) -> Updated:
    """Recommend a book to everybody here, or say it in other words: it is public, with your name beside it.

    Send If-Match or `version` to change only what you have read.
    """
    matched = matched_version()
    version = command.version if matched is None else matched
    async with writing() as db:
        title = await actions.say_praise(db, actor(), book_id, command, version)
        praise = await queries.show_praise(db, actor(), book_id, FindPraise())
    flash(f"You recommend {title} to everybody here.", undo_url=f"{praise.url}/delete")
    return Updated(praise, at=f"{praise.book.url}#praise")


@advice.delete("/books/<id:book_id>/praise")
@advice.post("/books/<id:book_id>/praise/delete")
@signed_in
@versioned
@limited(ADVICE)
@gives(PraiseList, page="advice/praise.html", fragment="praise")
async def remove(book_id: int) -> Updated:
    """Recommend a book no longer."""
    async with writing() as db:
        title = await actions.take_praise_back(db, actor(), book_id, matched_version())
        praise = await queries.show_praise(db, actor(), book_id, FindPraise())
    flash(f"You recommend {title} no longer.")
    return Updated(praise, at=f"{praise.book.url}#praise")


@advice.delete("/praise/<id:praise_id>")
@advice.post("/praise/<id:praise_id>/delete")
@admins
@gives(type(None), page="advice/praise.html", fragment="praise", status=204)
async def remove_praise(praise_id: int) -> Removed:
    """Take away what somebody said for a book; the audit log keeps that you did."""
    async with writing() as db:
        book_id = await actions.remove_praise(db, actor(), praise_id)
    flash("Removed.")
    return Removed(at=f"/books/{book_id}/praise")
