"""The start page, and the dashboard of who is signed in."""

from quart import Blueprint, current_app

from bookapp import __version__
from bookapp.home import pages
from bookapp.home.results import Dashboard, Home, RouteLine
from bookapp.web.application import Door, doors_of
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.db import reading
from bookapp.web.respond import gives

home = Blueprint("home", __name__)


@home.get("/")
@public
@gives(Home, page="home/index.html", fragment="newest", shared=True)
async def index() -> Home:
    """What is recommended here and what is new; for a JSON client also the list of all addresses."""
    async with reading() as db:
        return await pages.show_home(db, actor(), __version__, _routes())


@home.get("/dashboard")
@signed_in
@gives(Dashboard, page="home/dashboard.html", fragment="dashboard")
async def dashboard() -> Dashboard:
    """What concerns me today: what I read, what is due, what others recommend, what changed."""
    async with reading() as db:
        return await pages.show_dashboard(db, actor())


def _routes() -> tuple[RouteLine, ...]:
    doors: dict[str, list[Door]] = {}
    for door in doors_of(current_app):
        doors.setdefault(door.path, []).append(door)
    return tuple(
        RouteLine(path, tuple(sorted(door.method for door in same)), same[0].words[0])
        for path, same in sorted(doors.items())
    )
