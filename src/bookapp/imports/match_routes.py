"""The addresses where one says which books doubtful rows are about."""

from quart import Blueprint

from bookapp.core.errors import Invalid
from bookapp.imports import actions, match_queries
from bookapp.imports.commands import ChooseMatch, FindMatches
from bookapp.imports.results import MatchList
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Updated, gives

matches = Blueprint("matches", __name__)


async def _list(import_id: int, question: FindMatches | None = None) -> MatchList:
    async with reading() as db:
        return await match_queries.list_matches(db, actor(), import_id, question or FindMatches())


@matches.get("/imports/<id:import_id>/matches")
@signed_in
@asks(FindMatches)
@gives(MatchList, page="imports/matches.html", fragment="matches")
async def index(import_id: int, question: FindMatches) -> MatchList:
    """The rows that may be about a book that is here, each beside the books that it may be about."""
    return await _list(import_id, question)


@matches.post("/imports/<id:import_id>/matches")
@signed_in
@takes(ChooseMatch, form="imports/matches.html", block="matches", of=_list)
@gives(MatchList, page="imports/matches.html", fragment="matches")
async def choose(import_id: int, command: ChooseMatch) -> Updated:
    """Say which book a row is about, or settle all rows at once. What was put in already goes on at once."""
    async with writing() as db:
        if (how := command.get("all")) is not None:
            settled = await actions.choose_all(db, actor(), import_id, how)
            told = "1 row is settled." if settled == 1 else f"{settled:,} rows are settled."
        elif "number" in command and "book" in command:
            told = await actions.choose(db, actor(), import_id, command["number"], command["book"])
        else:
            raise Invalid({"number": ["Say which row, and which book it is; or say what becomes of all"]})
        shown = await match_queries.list_matches(db, actor(), import_id, FindMatches())
    flash(told)
    return Updated(shown, at=shown.url if shown.total else shown.import_url)
