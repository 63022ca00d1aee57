"""The start page."""

from quart import Blueprint, current_app

from bookapp import __version__
from bookapp.books import queries
from bookapp.books.facets import count_everything
from bookapp.home.results import Home, RouteLine
from bookapp.web.application import Door, doors_of
from bookapp.web.auth import public
from bookapp.web.db import reading
from bookapp.web.respond import gives

home = Blueprint("home", __name__)
RECOMMENDED, NEWEST = 12, 15


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


def _routes() -> tuple[RouteLine, ...]:
    doors: dict[str, list[Door]] = {}
    for door in doors_of(current_app):
        doors.setdefault(door.path, []).append(door)
    return tuple(
        RouteLine(path, tuple(sorted(door.method for door in same)), same[0].words[0])
        for path, same in sorted(doors.items())
    )
