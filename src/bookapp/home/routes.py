"""The start page."""

from importlib.metadata import version

from quart import Blueprint, current_app

from bookapp.books import queries
from bookapp.books.facets import count_everything
from bookapp.home.results import Home, RouteLine
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
            version=version("bookapp"),
            routes=_routes(),
            total=total,
            recommended=await queries.list_best(db, RECOMMENDED),
            newest=await queries.list_newest(db, NEWEST),
        )


def _routes() -> tuple[RouteLine, ...]:
    lines: dict[str, RouteLine] = {}
    for rule in current_app.url_map.iter_rules():
        view = current_app.view_functions[rule.endpoint]
        path = rule.rule.replace("<id:", "<")
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        known = lines.get(path)
        summary = (view.__doc__ or "").split("\n")[0]
        lines[path] = RouteLine(
            path, tuple(sorted({*methods, *(known.methods if known else ())})), known.summary if known else summary
        )
    return tuple(lines[path] for path in sorted(lines))
