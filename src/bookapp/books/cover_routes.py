"""The addresses of covers."""

import hashlib
from typing import cast

from quart import Blueprint, Response, current_app, request

from bookapp.books import actions, queries
from bookapp.books.commands import FindCover
from bookapp.books.drawing import cover_svg_document
from bookapp.books.results import BookShown
from bookapp.books.storage import CoverStore
from bookapp.core.errors import Invalid, WrongType
from bookapp.web.auth import actor, editors, public
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, matched_version, raw_body, versioned
from bookapp.web.rates import MEDIA, limited
from bookapp.web.respond import Removed, Updated, finish, gives, streams, takes_file

covers = Blueprint("covers", __name__)


def _store() -> CoverStore:
    return cast(CoverStore, current_app.extensions["covers"])


@covers.get("/books/<id:book_id>/cover")
@public
@asks(FindCover)
@streams("image/webp", "image/svg+xml")
async def show(book_id: int, question: FindCover) -> Response:
    """The cover: the uploaded picture, or one drawn from title and author."""
    async with reading() as db:
        cover, title, author = await queries.find_cover(db, book_id)
    picture = await _store().load(cover, question.size) if cover else None
    if picture is None:
        body = cover_svg_document(title, author)
        return _image(body, "image/svg+xml", hashlib.sha256(body).hexdigest()[:16], forever=False)
    return _image(picture, "image/webp", f"{cover}-{question.size}", forever=question.v == (cover or "")[:12])


def _image(body: bytes, kind: str, tag: str, *, forever: bool) -> Response:
    # A picture is shown, never run: whatever it holds, it may load and do nothing.
    headers = {
        "ETag": f'"{tag}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "public, max-age=31536000, immutable" if forever else "no-cache",
    }
    return finish(Response(body, headers=headers, content_type=kind))


@covers.put("/books/<id:book_id>/cover")
@covers.post("/books/<id:book_id>/cover")
@editors
@limited(MEDIA)
@versioned
@takes_file("cover", "image/jpeg", "image/png", "image/webp", "image/gif")
@gives(BookShown, page="books/show.html", fragment="book")
async def update(book_id: int) -> Updated:
    """Give a book a cover: a picture as the body, or as the field `cover` of a multipart form."""
    picture = await _picture()
    async with reading() as db:
        await queries.find_cover(db, book_id)
    cover = await _store().keep(picture)
    return await _set(book_id, cover, "The new cover is here.")


@covers.post("/books/<id:book_id>/cover/removal")
@editors
@versioned
@gives(BookShown, page="books/show.html", fragment="book")
async def remove_from_page(book_id: int) -> Updated:
    """Take a book's cover away, from its page."""
    return await _set(book_id, None, "The cover is drawn again.")


@covers.delete("/books/<id:book_id>/cover")
@editors
@versioned
@gives(type(None), page="books/show.html", fragment="book", status=204)
async def remove(book_id: int) -> Removed:
    """Take a book's cover away."""
    updated = await _set(book_id, None, "The cover is drawn again.")
    return Removed(at=updated.at)


async def _set(book_id: int, cover: str | None, told: str) -> Updated:
    async with writing() as db:
        await actions.set_cover(db, actor(), book_id, cover, matched_version())
        book = await queries.show_book(db, book_id)
    flash(told)
    return Updated(book, at=book.url)


async def _picture() -> bytes:
    if request.mimetype.startswith("image/"):
        data = await raw_body()
    elif request.mimetype == "multipart/form-data":
        file = (await request.files).get("cover")
        data = file.read() if file else b""
    else:
        raise WrongType("Send a picture, or a form with the field cover.")
    if not data:
        raise Invalid({"cover": ["Please choose a picture"]})
    return data
