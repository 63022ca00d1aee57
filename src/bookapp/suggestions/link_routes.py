"""The address of a recommendation for somebody outside: whoever holds the link sees it."""

from quart import Blueprint

from bookapp.suggestions import actions, draft_queries, queries
from bookapp.suggestions.commands import FindLink, TakeLink
from bookapp.suggestions.results import LinkShown, SuggestionLine
from bookapp.web import besides
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Updated, gives

links = Blueprint("links", __name__)


async def _ended() -> LinkShown:
    besides.guard_page(referrer=False)
    return LinkShown(is_alive=False)


@links.get("/suggestions/by-link")
@public
@asks(FindLink)
@gives(LinkShown, page="suggestions/link.html", fragment="gift")
async def show(question: FindLink) -> LinkShown:
    """The book that a link recommends, by whom and why. Reading it does not use the link up."""
    besides.guard_page(referrer=False)
    async with reading() as db:
        return await draft_queries.show_link(db, actor(), question.token)


@links.post("/suggestions/by-link/acceptance")
@signed_in
@takes(TakeLink, form="suggestions/link.html", block="gift", of=_ended)
@gives(SuggestionLine, page="suggestions/show.html", fragment="suggestion")
async def accept(command: TakeLink) -> Updated:
    """Put what a link recommends into your own inbox. Whoever sent it learns that you took it."""
    async with writing() as db:
        suggestion_id = await actions.take_link(db, actor(), command.token)
        line = await queries.show_suggestion(db, actor(), suggestion_id)
    flash(f"{line.book.title} is in your inbox.")
    return Updated(line, at=line.url)
