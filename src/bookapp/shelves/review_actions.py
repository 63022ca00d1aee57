"""Writing reviews: one of each person about each book."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.circles.visibility import EVERYONE
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, NotFound
from bookapp.core.events import CATALOGUE, Changed, announce
from bookapp.shelves.entry_actions import changing, chosen
from bookapp.shelves.markdown import draw
from bookapp.shelves.models import Review
from bookapp.shelves.review_commands import WriteReview
from bookapp.shelves.review_queries import ABSENT, find_review, show_own_review


async def write_review(
    db: AsyncSession, actor: Actor, book_id: int, command: WriteReview, version: int | None = None
) -> bool:
    """Say something about a book, or something else than before; returns whether it is the first time.

    `version` is the one that was read, None for whichever is there. Raises NotFound for an unknown book, Conflict
    with the newer review when it is no longer that version.
    """
    html = await asyncio.to_thread(draw, command.text)  # hostile text takes a third of a second
    async with changing(db, actor, book_id) as change:
        change.is_touched = change.was_seen_by is None
        review, now = await find_review(db, actor, book_id), clock.now()
        is_new, before = review is None, review.seen_by if review else None
        if review is None:
            review = Review(account_id=actor.id, book_id=book_id, created_at=now, version=0)
            db.add(review)
        else:
            await _check_version(db, actor, review, version)
        review.text, review.html, review.is_spoiler = command.text, html, bool(command.is_spoiler)
        review.visibility = chosen(command.visibility)
        review.seen_by = change.seen_by(review.visibility)
        if is_new or db.is_modified(review):
            review.changed_at = now
            review.version += 1
            await db.flush()
            _announce(db, actor, book_id, before, review.seen_by)
    return is_new


async def remove_review(db: AsyncSession, actor: Actor, book_id: int, version: int | None = None) -> None:
    """Take back what was said about a book.

    Raises NotFound, and Conflict with the newer review when it is no longer `version`.
    """
    await show_own_review(db, actor, book_id)
    async with changing(db, actor, book_id) as change:
        review = await find_review(db, actor, book_id)
        if review is None:
            raise NotFound(ABSENT)
        await _check_version(db, actor, review, version)
        change.is_touched = True  # an entry on which nothing else hangs goes with it
        await db.delete(review)
        await db.flush()
        _announce(db, actor, book_id, review.seen_by)


async def _check_version(db: AsyncSession, actor: Actor, review: Review, version: int | None) -> None:
    if version is not None and review.version != version:
        newer = await show_own_review(db, actor, review.book_id)
        raise Conflict("This review was changed since you opened it. Nothing was overwritten.", newer=newer)


def _announce(db: AsyncSession, actor: Actor, book_id: int, *seen_by: int | None) -> None:
    assert actor.id is not None
    announce(db, Changed("reviews-changed", frozenset({actor.id}), about=book_id))
    if EVERYONE in seen_by:
        announce(db, CATALOGUE)
