"""The addresses of reviews."""

from quart import Blueprint

from bookapp.shelves import review_actions as actions
from bookapp.shelves import review_queries as queries
from bookapp.shelves.review_commands import FindReviews, WriteReview
from bookapp.shelves.review_results import OwnReview, ReviewList, ReviewShown
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, matched_version, takes, versioned
from bookapp.web.rates import WORDS, limited
from bookapp.web.respond import Created, Updated, gives

reviews = Blueprint("reviews", __name__)


async def _own(book_id: int) -> OwnReview:
    async with reading() as db:
        return await queries.show_own(db, actor(), book_id)


@reviews.get("/books/<id:book_id>/reviews")
@public
@asks(FindReviews)
@gives(ReviewList, page="reviews/index.html", fragment="reviews")
async def index(book_id: int, question: FindReviews) -> ReviewList:
    """What people say about a book, as far as you may see it."""
    async with reading() as db:
        return await queries.list_reviews(db, actor(), book_id, question)


@reviews.get("/accounts/<name:username>/reviews")
@public
@asks(FindReviews)
@gives(ReviewList, page="reviews/index.html", fragment="reviews")
async def index_of(username: str, question: FindReviews) -> ReviewList:
    """What a person says about books, as far as you may see it."""
    async with reading() as db:
        return await queries.list_reviews_of(db, actor(), username, question)


@reviews.get("/reviews/<id:review_id>")
@public
@gives(ReviewShown, page="reviews/show.html", fragment="review")
async def show(review_id: int) -> ReviewShown:
    """One review."""
    async with reading() as db:
        return await queries.show_review(db, actor(), review_id)


@reviews.get("/books/<id:book_id>/review")
@signed_in
@gives(ReviewShown, page="reviews/own.html", fragment="own_review")
async def show_own(book_id: int) -> ReviewShown:
    """Your own review of a book."""
    async with reading() as db:
        return await queries.show_own_review(db, actor(), book_id)


@reviews.get("/books/<id:book_id>/review/edit")
@signed_in
@gives(OwnReview, page="reviews/edit.html", fragment="own_review")
async def edit(book_id: int) -> OwnReview:
    """The form for your review of a book, be it the first or another one."""
    return await _own(book_id)


@reviews.put("/books/<id:book_id>/review")
@reviews.post("/books/<id:book_id>/review")
@signed_in
@limited(WORDS)
@takes(WriteReview, form="reviews/edit.html", block="own_review", of=_own, conflict="reviews/conflict.html")
@gives(ReviewShown, page="reviews/own.html", fragment="own_review")
async def write(book_id: int, command: WriteReview) -> Created | Updated:
    """Say what you think of a book; send If-Match or `version` to change only what you have read."""
    matched = matched_version()
    version = command.version if matched is None else matched
    async with writing() as db:
        is_new = await actions.write_review(db, actor(), book_id, command, version)
        review = await queries.show_own_review(db, actor(), book_id)
    flash(f"Saved your review of {review.book.title}.")
    return Created(review, at=review.url) if is_new else Updated(review, at=review.url)


@reviews.delete("/books/<id:book_id>/review")
@reviews.post("/books/<id:book_id>/review/delete")
@signed_in
@versioned
@gives(OwnReview, page="reviews/none.html", fragment="own_review")
async def remove(book_id: int) -> Updated:
    """Take back what you said about a book."""
    async with writing() as db:
        await actions.remove_review(db, actor(), book_id, matched_version())
        nothing = await queries.show_own(db, actor(), book_id)
    flash(f"Deleted your review of {nothing.book.title}.")
    return Updated(nothing, at=nothing.book.url)
