"""The addresses of feeds. They say the same to everybody: what a guest may see."""

import hashlib
from email.utils import format_datetime

from quart import Blueprint, Response

from bookapp.feeds import queries
from bookapp.feeds.atom import KIND, draw
from bookapp.feeds.results import Feed
from bookapp.web.auth import public, unasked
from bookapp.web.context import home
from bookapp.web.db import reading
from bookapp.web.respond import finish, streams

feeds = Blueprint("feeds", __name__)


def _answer(feed: Feed) -> Response:
    body = draw(feed, home())
    # Readers of feeds that send nothing but If-Modified-Since get the whole again: what somebody hid is gone from it,
    # and that changes no date.
    headers = {"ETag": f'"{hashlib.blake2b(body, digest_size=9).hexdigest()}"', "Cache-Control": "public, no-cache"}
    if feed.changed_at is not None:
        headers["Last-Modified"] = format_datetime(feed.changed_at, usegmt=True)
    return finish(Response(body, headers=headers, content_type=f"{KIND}; charset=utf-8"))


@feeds.get("/feeds/recommended.atom")
@public
@unasked
@streams(KIND)
async def recommended() -> Response:
    """What readers recommend to everybody, and what is new, as an Atom feed."""
    async with reading() as db:
        return _answer(await queries.show_recommended(db))


@feeds.get("/accounts/<name:username>/feed.atom")
@public
@unasked
@streams(KIND)
async def person(username: str) -> Response:
    """What somebody tells everybody about their reading, as an Atom feed."""
    async with reading() as db:
        return _answer(await queries.show_person(db, username))


@feeds.get("/accounts/<name:username>/shelves/<slug:shelf>.atom")
@public
@unasked
@streams(KIND)
async def shelf(username: str, shelf: str) -> Response:
    """A shelf that everybody may see, as an Atom feed."""
    async with reading() as db:
        return _answer(await queries.show_shelf(db, username, shelf))
