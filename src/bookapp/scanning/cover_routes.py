"""The addresses of covers that come from outside."""

from quart import Blueprint, current_app

from bookapp.accounts.actions import record
from bookapp.openlibrary.cover_actions import add_now
from bookapp.openlibrary.cover_rules import NIGHTLY, TITLES
from bookapp.scanning import cover_actions, cover_queries
from bookapp.scanning.results import CoverFetching, CoverSearch
from bookapp.scanning.rules import FETCHING
from bookapp.web.auth import actor, admins, editors
from bookapp.web.context import facts
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.rates import MEDIA, limited
from bookapp.web.respond import Accepted, Updated, gives

outside_covers = Blueprint("outside_covers", __name__)


def is_online() -> bool:
    """Whether this place asks Open Library; templates ask, too."""
    return current_app.extensions["openlibrary"] is not None


@outside_covers.get("/books/<id:book_id>/cover/search")
@editors
@gives(CoverSearch, page="scanning/cover.html", fragment="cover_search")
async def show(book_id: int) -> CoverSearch:
    """Whether Open Library has a cover for a book, as far as anybody asked."""
    async with reading() as db:
        return await cover_queries.show_search(db, book_id, is_online=is_online())


@outside_covers.post("/books/<id:book_id>/cover/search")
@editors
@limited(MEDIA)
@gives(CoverSearch, page="scanning/cover.html", fragment="cover_search", status=202)
async def create(book_id: int) -> Accepted | Updated:
    """Have the cover of a book asked for at Open Library, where that is switched on and there is anything to ask by.

    202 says that it is being asked for, 200 that it is not: `says` has the reason.
    """
    async with writing() as db:
        search = await cover_actions.search_cover(db, book_id, is_online=is_online())
    return Accepted(search, at=search.url) if search.state == "waiting" else Updated(search, at=search.url)


@outside_covers.get("/admin/covers")
@admins
@gives(CoverFetching, page="scanning/covers.html", fragment="fetching")
async def show_fetching() -> CoverFetching:
    """The covers that are fetched from Open Library every night, and what came of the last time."""
    async with reading() as db:
        return await cover_queries.show_fetching(db, is_online=is_online())


@outside_covers.post("/admin/covers")
@admins
@gives(CoverFetching, page="scanning/covers.html", fragment="fetching", status=202)
async def create_fetching() -> Accepted | Updated:
    """Fetch now what the night would fetch, as a job; 200 says that this place asks nobody outside."""
    async with writing() as db:
        if is_online():
            job_id = await add_now(db)
            await record(db, actor(), "covers asked for", TITLES[NIGHTLY], address=facts().client, number=job_id)
            flash("Covers are being fetched.")
        shown = await cover_queries.show_fetching(db, is_online=is_online())
    return Accepted(shown, at=FETCHING) if shown.is_online else Updated(shown, at=FETCHING)
