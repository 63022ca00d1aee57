"""Reading which books are to get a cover from outside, and what came of asking for one."""

from typing import Any

from sqlalchemy import exists, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import IS_PERSON
from bookapp.books.models import Book, BookChange
from bookapp.books.queries import show_line
from bookapp.circles.visibility import MEMBERS
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnySelect
from bookapp.jobs.queries import last_result, show_last
from bookapp.openlibrary import cover_rules as rules
from bookapp.openlibrary.cover_queries import find_known, is_due, without_cover
from bookapp.scanning.results import CoverFetching, CoverSearch
from bookapp.scanning.rules import search_url
from bookapp.shelves.models import Entry


async def show_search(db: AsyncSession, book_id: int, *, is_online: bool) -> CoverSearch:
    """What there is to say of a book and its cover. Raises NotFound."""
    book, known = await show_line(db, book_id), await find_known(db, book_id)
    if known is None:
        raise NotFound("There is no such book.")
    state = rules.state_of(
        has_cover=known.has_cover,
        is_online=is_online,
        is_waiting=known.wanted_at is not None,
        is_known=known.is_known,
        outcome=known.outcome,
    )
    return CoverSearch(
        book=book,
        state=state,
        says=rules.SAYS[state],
        tried_at=known.tried_at,
        url=search_url(book_id),
        is_offered=state in ("new", "none", "silent"),
    )


async def show_fetching(db: AsyncSession, *, is_online: bool) -> CoverFetching:
    """How the covers of the night are getting on."""
    came = await last_result(db, rules.NIGHTLY)
    return CoverFetching(
        is_online=is_online,
        most=rules.MOST,
        job=await show_last(db, rules.NIGHTLY),
        found=came.get("found", 0),
        none=came.get("none", 0),
        silent=came.get("silent", 0),
    )


async def list_missing(db: AsyncSession, limit: int) -> list[int]:
    """The books whose cover the night is to ask for, the newest first."""
    return list(await db.scalars(_missing().order_by(Book.id.desc()).limit(limit)))


async def count_missing(db: AsyncSession, most: int) -> int:
    """How many there are, counted up to `most`."""
    return await db.scalar(select(func.count()).select_from(_missing().limit(most).subquery())) or 0


def _missing() -> AnySelect:
    """Books without a cover that members have to do with, of which nobody chose how they look.

    What only its owner may see is left out: a cover that comes overnight would tell everybody that it is there.
    """
    stands: Any = (
        select(Entry.book_id).join(Account, Account.id == Entry.account_id).where(Entry.seen_by >= MEMBERS, IS_PERSON)
    )
    added = select(BookChange.book_id).where(
        BookChange.actor_id.is_not(None), BookChange.what.in_(("added", "imported"))
    )
    # Whoever took a cover away, or had one taken away, likes the drawing better.
    was_chosen = exists().where(BookChange.book_id == Book.id, BookChange.what == "cover")
    return without_cover().where(Book.id.in_(union(stands, added)), ~was_chosen, is_due())
