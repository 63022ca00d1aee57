"""The addresses of ties: whom one trusts, whom one blocks."""

from quart import Blueprint

from bookapp.circles import actions, queries
from bookapp.circles.commands import FindPerson, MakeTie
from bookapp.circles.results import CircleShown, Kind, TieShown
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Updated, gives

circles = Blueprint("circles", __name__)


@circles.get("/circle")
@signed_in
@asks(FindPerson)
@gives(CircleShown, page="circles/index.html", fragment="circle")
async def index(question: FindPerson) -> CircleShown:
    """The people you trust and those you block; nobody else sees this."""
    async with reading() as db:
        return await queries.show_circle(db, actor(), question.name)


@circles.put("/accounts/<name:username>/trust")
@circles.post("/accounts/<name:username>/trust")
@signed_in
@takes(MakeTie)
@gives(TieShown, page="circles/tie.html", fragment="tie")
async def trust(username: str, command: MakeTie) -> Updated:
    """Trust somebody. They do not hear of it."""
    shown = await _tie(username, "trust")
    flash(f"You trust {shown.person.name}.", undo_url=f"{shown.url}/trust/delete")
    return Updated(shown, at=shown.url)


@circles.delete("/accounts/<name:username>/trust")
@circles.post("/accounts/<name:username>/trust/delete")
@signed_in
@gives(TieShown, page="circles/tie.html", fragment="tie")
async def end_trust(username: str) -> Updated:
    """Trust somebody no more."""
    shown = await _untie(username, "trust")
    flash(f"You no longer trust {shown.person.name} in particular.")
    return Updated(shown, at=shown.url)


@circles.put("/accounts/<name:username>/block")
@circles.post("/accounts/<name:username>/block")
@signed_in
@takes(MakeTie)
@gives(TieShown, page="circles/tie.html", fragment="tie")
async def block(username: str, command: MakeTie) -> Updated:
    """Block somebody: what you show to members is not shown to them, and they reach you no more. They are not told."""
    shown = await _tie(username, "block")
    flash(f"You block {shown.person.name}.", undo_url=f"{shown.url}/block/delete")
    return Updated(shown, at=shown.url)


@circles.delete("/accounts/<name:username>/block")
@circles.post("/accounts/<name:username>/block/delete")
@signed_in
@gives(TieShown, page="circles/tie.html", fragment="tie")
async def end_block(username: str) -> Updated:
    """Block somebody no more."""
    shown = await _untie(username, "block")
    flash(f"You no longer block {shown.person.name}.")
    return Updated(shown, at=shown.url)


async def _tie(username: str, kind: Kind) -> TieShown:
    async with writing() as db:
        await actions.tie(db, actor(), username, kind)
        return await queries.show_tie(db, actor(), username)


async def _untie(username: str, kind: Kind) -> TieShown:
    async with writing() as db:
        await actions.untie(db, actor(), username, kind)
        return await queries.show_tie(db, actor(), username)
