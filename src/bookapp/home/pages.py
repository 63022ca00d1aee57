"""Puts pages together out of what the lower rooms know: each asks them a constant number of questions."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import queries as accounts
from bookapp.advice import pair_queries
from bookapp.advice import queries as advice
from bookapp.books import queries as books
from bookapp.books import similar
from bookapp.books.facets import count_everything
from bookapp.books.recent import list_recent
from bookapp.books.results import SimilarBook, SimilarList
from bookapp.circles import queries as circles
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.home.results import BookPage, Dashboard, Home, PersonPage, ReaderStrip, RouteLine
from bookapp.lists import queries as lists
from bookapp.recommender.page_queries import list_for_you
from bookapp.recommender.queries import list_similar_fitted
from bookapp.shelves import detail_queries, entry_queries, mine_queries, review_queries, shelf_queries
from bookapp.shelves.review_commands import FindReviews
from bookapp.suggestions import queries as suggestions
from bookapp.suggestions.draft_queries import list_likely

VOICES, PAIRS, REVIEWS, LIKELY = 6, 6, 5, 20
"""How much of what readers say stands on a book's page; more of it has an address of its own."""
RECOMMENDED, BEST, NEWEST = 12, 12, 15
DUE, CHANGES, READING, INBOX, FOR_YOU = 8, 10, 6, 3, 12
STRIP = 3
"""How much of one's own stands on the start page, above what is for everybody."""


async def show_home(db: AsyncSession, actor: Actor, version: str, routes: tuple[RouteLine, ...]) -> Home:
    """The start page."""
    _facets, total = await count_everything(db)
    recommended = await advice.list_recommended(db, RECOMMENDED)
    return Home(
        name="bookapp",
        version=version,
        routes=routes,
        total=total,
        recommended=recommended,
        best=await books.list_best(db, BEST),
        newest=await books.list_newest(db, NEWEST),
        reader=await _show_strip(db, actor) if actor.id else None,
    )


async def _show_strip(db: AsyncSession, actor: Actor) -> ReaderStrip:
    return ReaderStrip(
        reading=await entry_queries.list_reading_now(db, actor, STRIP),
        due=await lists.list_due(db, actor, clock.now(), STRIP),
        for_you=await list_for_you(db, actor, FOR_YOU),
    )


async def show_dashboard(db: AsyncSession, actor: Actor) -> Dashboard:
    """What concerns a person today."""
    now = clock.now()
    return Dashboard(
        welcome=f"Welcome, {actor.name}!",
        username=actor.name,
        reading=await entry_queries.list_reading_now(db, actor, READING),
        inbox=await suggestions.list_inbox(db, actor, INBOX),
        news=await suggestions.count_news(db, actor),
        for_you=await list_for_you(db, actor, FOR_YOU),
        due=await lists.list_due(db, actor, now, DUE),
        overdue=await lists.count_overdue(db, actor, now),
        changes=await list_recent(db, CHANGES),
    )


async def show_book(db: AsyncSession, actor: Actor, book_id: int) -> BookPage:
    """A book with everything that `actor` may see about it. Raises NotFound."""
    book = await books.show_book(db, book_id)
    shown = {line.id for line in (*book.in_series, *book.more_by_author)}
    fitted = await list_similar_fitted(db, book_id, similar.BESIDE + len(shown), book.subjects)
    alike = _first(similar.BESIDE, [*fitted, *book.similar], without=shown)
    own = await advice.find_own_praise(db, actor, book_id) if actor.id else None
    reviews = await review_queries.list_reviews(db, actor, book_id, FindReviews(limit=REVIEWS))
    return BookPage(
        **_facts(book) | {"similar": alike},
        mine=await mine_queries.show_mine(db, actor, book_id) if actor.id else None,
        readers=await entry_queries.show_readers(db, actor, book_id),
        felt=await detail_queries.show_felt(db, actor, book_id),
        praise=await advice.list_praise(db, book_id, VOICES),
        own_praise=own,
        pairs=await pair_queries.list_pairs(db, actor, book_id, PAIRS),
        reviews=reviews.reviews,
        review_count=reviews.total,
        likely=await list_likely(db, actor, LIKELY) if actor.id else (),
    )


async def show_similar(db: AsyncSession, book_id: int) -> SimilarList:
    """The books most like one: first those that its readers read, too. Raises NotFound."""
    alike = await similar.show_similar(db, book_id)
    subjects = (await books.show_line(db, book_id)).subjects
    fitted = await list_similar_fitted(db, book_id, similar.SHOWN, subjects)
    return SimilarList(alike.id, alike.title, alike.url, _first(similar.SHOWN, [*fitted, *alike.books]))


async def show_person(db: AsyncSession, actor: Actor, username: str) -> PersonPage:
    """A person with what `actor` may see of their reading. Raises NotFound."""
    account = await accounts.show_account(db, actor, username)
    shelves = await shelf_queries.list_shelves(db, actor, username)
    reviews = await review_queries.list_reviews_of(db, actor, username, FindReviews(limit=REVIEWS))
    tie = await circles.show_tie(db, actor, username) if actor.id and not account.is_me else None
    return PersonPage(
        **_facts(account),
        shelves=shelves,
        reviews=reviews.reviews,
        review_count=reviews.total,
        tie=tie.tie if tie else None,
        hits=await suggestions.show_hit_rate(db, actor, account.id) if tie else None,
        may_tie=tie is not None,
    )


def _first(most: int, lines: Iterable[SimilarBook], *, without: Iterable[int] = ()) -> tuple[SimilarBook, ...]:
    """The first of each book, `most` in all."""
    seen = set(without)
    kept: list[SimilarBook] = []
    for line in lines:
        if line.id not in seen and len(kept) < most:
            seen.add(line.id)
            kept.append(line)
    return tuple(kept)


def _facts(result: Any) -> dict[str, Any]:
    """The fields of a result, for one that has more of them."""
    return {field.name: getattr(result, field.name) for field in fields(result)}
