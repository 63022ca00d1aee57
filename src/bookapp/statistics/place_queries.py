"""The numbers of the whole place: only what everyone may see."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from itertools import pairwise

from sqlalchemy import and_, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.advice.queries import list_most_praised
from bookapp.books.facets import count_everything
from bookapp.books.models import Author, Book, Subject
from bookapp.books.results import FacetValue
from bookapp.circles.visibility import EVERYONE
from bookapp.core import clock
from bookapp.shelves.models import Review
from bookapp.statistics import rules
from bookapp.statistics.results import Bar, PlaceShown

PRAISED = 10


async def count_place(db: AsyncSession) -> PlaceShown:
    """Count it all anew, which takes a while where there are millions of rows: `numbers` keeps what comes of it."""
    facets, books = await count_everything(db)
    numbers = await _count(db)
    added = await _count_added(db, clock.now().date())
    return PlaceShown(
        books=books,
        authors=numbers["authors"],
        subjects=numbers["subjects"],
        ratings=numbers["ratings"],
        reviews=numbers["reviews"],
        by_decade=rules.plot("First published", _bars(facets.decade)[::-1]),
        by_subject=rules.plot("Subjects", _bars(facets.subject)[: rules.TOP], ranked=True),
        by_author=rules.plot("Authors", _bars(facets.author)[: rules.TOP], ranked=True),
        by_language=rules.plot("Languages", _bars(facets.language), ranked=True),
        added=rules.plot("Books added by month", added),
        most_praised=await list_most_praised(db, PRAISED),
        counted_at=clock.now(),
    )


def _bars(values: tuple[FacetValue, ...]) -> tuple[Bar, ...]:
    return tuple(Bar(value.label, value.count) for value in values)


async def _count(db: AsyncSession) -> Mapping[str, int]:
    counts = {
        "authors": select(func.count()).where(Author.book_count > 0),
        "subjects": select(func.count()).where(Subject.book_count > 0),
        # Kept beside each book, of what everyone may see and people who are here rated; it may be millions.
        "ratings": select(func.coalesce(func.sum(Book.here_count), 0)).where(Book.deleted_at.is_(None)),
        "reviews": select(func.count())
        .select_from(Review)
        .join(Account, Account.id == Review.account_id)
        .where(Review.seen_by >= EVERYONE, ACTIVE),
    }
    each = [select(literal(name).label("name"), count.scalar_subquery().label("n")) for name, count in counts.items()]
    return {row.name: row.n for row in await db.execute(union_all(*each))}


async def _count_added(db: AsyncSession, today: date) -> tuple[Bar, ...]:
    """How many books came in each of the last twelve months, in one walk."""
    months = rules.last_months(today)
    edges = [_begins(first) for first in (*months, rules.next_month(months[-1]))]
    spans = [and_(Book.created_at >= start, Book.created_at < end) for start, end in pairwise(edges)]
    sums = [func.sum(case((span, 1), else_=0)).label(f"m{number}") for number, span in enumerate(spans)]
    row = (await db.execute(select(*sums).where(Book.deleted_at.is_(None), Book.created_at >= edges[0]))).one()
    return tuple(Bar(f"{first:%B %Y}", int(count or 0)) for first, count in zip(months, row, strict=True))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
