"""The addresses of pairs: if you liked this book, try that one."""

from quart import Blueprint

from bookapp.advice import pair_actions as actions
from bookapp.advice import pair_queries as queries
from bookapp.advice.commands import FindPairs, ProposePair, VoteForPair
from bookapp.advice.results import PairList
from bookapp.web.auth import actor, admins, public, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.rates import ADVICE, limited
from bookapp.web.respond import Created, Removed, Updated, gives

pairs = Blueprint("pairs", __name__)


async def _pairs(book_id: int) -> PairList:
    async with reading() as db:
        return await queries.show_pairs(db, actor(), book_id, FindPairs())


@pairs.get("/books/<id:book_id>/pairs")
@public
@asks(FindPairs)
@gives(PairList, page="advice/pairs.html", fragment="pairs", shared=True)
async def index(book_id: int, question: FindPairs) -> PairList:
    """What readers would read after a book; what most of them say comes first."""
    async with reading() as db:
        return await queries.show_pairs(db, actor(), book_id, question)


@pairs.post("/books/<id:book_id>/pairs")
@signed_in
@takes(ProposePair, form="advice/pairs.html", block="pairs", of=_pairs)
@limited(ADVICE)
@gives(PairList, page="advice/pairs.html", fragment="pairs", status=201)
async def create(book_id: int, command: ProposePair) -> Created | Updated:
    """Say which book to try after this one; when somebody said so before, your voice is added."""
    async with writing() as db:
        pair_id, is_new = await actions.propose_pair(db, actor(), book_id, command)
        found = await queries.show_pairs(db, actor(), book_id, FindPairs())
    flash("Added, with your name beside it." if is_new else "Others said so before. Now you do, too.")
    at = f"{found.url}#pair-{pair_id}"
    return Created(found, at=at) if is_new else Updated(found, at=at)


@pairs.put("/pairs/<id:pair_id>/vote")
@pairs.post("/pairs/<id:pair_id>/vote")
@signed_in
@takes(VoteForPair)
@limited(ADVICE)
@gives(PairList, page="advice/pairs.html", fragment="pairs")
async def vote(pair_id: int, command: VoteForPair) -> Updated:
    """Say so, too; a reason replaces the one that you gave before. A DELETE takes it back."""
    async with writing() as db:
        book_id = await actions.vote_for_pair(db, actor(), pair_id, command)
        found = await queries.show_pairs(db, actor(), book_id, FindPairs())
    return Updated(found, at=f"{found.book.url}#pairs")


@pairs.delete("/pairs/<id:pair_id>/vote")
@pairs.post("/pairs/<id:pair_id>/vote/delete")
@signed_in
@limited(ADVICE)
@gives(PairList, page="advice/pairs.html", fragment="pairs")
async def take_back(pair_id: int) -> Updated:
    """Say so no longer. A pair for which nobody speaks is gone."""
    async with writing() as db:
        book_id = await actions.take_vote_back(db, actor(), pair_id)
        found = await queries.show_pairs(db, actor(), book_id, FindPairs())
    return Updated(found, at=f"{found.book.url}#pairs")


@pairs.delete("/pairs/<id:pair_id>")
@pairs.post("/pairs/<id:pair_id>/delete")
@admins
@gives(type(None), page="advice/pairs.html", fragment="pairs", status=204)
async def remove(pair_id: int) -> Removed:
    """Take a pair away; the audit log keeps that you did."""
    async with writing() as db:
        book_id = await actions.remove_pair(db, actor(), pair_id)
    flash("Removed.")
    return Removed(at=f"/books/{book_id}/pairs")
