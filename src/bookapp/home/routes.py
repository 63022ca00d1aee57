"""The start page, and the dashboard of who is signed in."""

from quart import Blueprint, current_app

from bookapp import __version__
from bookapp.books import queries
from bookapp.books.facets import count_everything
from bookapp.books.recent import list_recent
from bookapp.core import clock
from bookapp.home.results import Dashboard, Home, RouteLine
from bookapp.lists import queries as lists
from bookapp.web.application import Door, doors_of
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.db import reading
from bookapp.web.respond import gives

home = Blueprint("home", __name__)
RECOMMENDED, NEWEST = 12, 15
DUE, CHANGES, READING = 8, 10, 12


@home.get("/")
@public
@gives(Home, page="home/index.html", fragment="newest", shared=True)
async def index() -> Home:
    """What is recommended here and what is new; for a JSON client also the list of all addresses."""
    async with reading() as db:
        _facets, total = await count_everything(db)
        return Home(
            name="bookapp",
            version=__version__,
            routes=_routes(),
            total=total,
            recommended=await queries.list_best(db, RECOMMENDED),
            newest=await queries.list_newest(db, NEWEST),
        )


@home.get("/dashboard")
@signed_in
@gives(Dashboard, page="home/dashboard.html", fragment="dashboard")
async def dashboard() -> Dashboard:
    """What concerns me today: what I read, what is due, what changed."""
    person, now = actor(), clock.now()
    async with reading() as db:
        return Dashboard(
            welcome=f"Welcome, {person.name}!",
            username=person.name,
            reading=await lists.list_open_books(db, person, READING),
            due=await lists.list_due(db, person, now, DUE),
            overdue=await lists.count_overdue(db, person, now),
            changes=await list_recent(db, CHANGES),
        )


def _routes() -> tuple[RouteLine, ...]:
    doors: dict[str, list[Door]] = {}
    for door in doors_of(current_app):
        doors.setdefault(door.path, []).append(door)
    return tuple(
        RouteLine(path, tuple(sorted(door.method for door in same)), same[0].words[0])
        for path, same in sorted(doors.items())
    )
