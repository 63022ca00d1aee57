"""What to recommend to somebody now: always from their current ratings, so that a new one counts at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    desc,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.lines import facts_of, lines
from bookapp.books.models import Book, BookSubject, Contribution
from bookapp.books.results import SimilarBook
from bookapp.core import clock
from bookapp.core.db import UtcDateTime
from bookapp.core.sql import AnyColumn, AnySelect, unindexed
from bookapp.recommender import rules
from bookapp.recommender.fit_queries import CURRENT
from bookapp.recommender.models import BookNeighbor, Dismissal, Mute
from bookapp.recommender.rules import LEANINGS, Candidate
from bookapp.shelves.models import Entry

SOURCES = 300
"""So many of what a person liked are looked at: the best, and of these the newest."""
TARGETS, FILLERS = 200, 120
"""How many candidates come from the neighbours of those, and how many from what is popular."""
SPARE, MUTED = 50, 5000
"""So many more are looked at, as some may be deleted; and so many in all, as whole subjects may be muted."""
REASONS = 3
SHARED = 3
"""So many subjects are named that two books have in common, the heaviest first."""
LIKED, FINE = 16, 12
"""In quarter stars: what may be named as a reason, and what counts at all."""
_ME = bindparam("me", type_=BigInteger)
_NOW = bindparam("now", type_=UtcDateTime)
_HERE = Book.deleted_at.is_(None)


def is_open(book: AnyColumn) -> ColumnElement[bool]:
    """Whether a book may be recommended to the person `me`: nothing of theirs, not dismissed, nor muted."""
    return and_(
        ~exists().where(Entry.account_id == _ME, Entry.book_id == book),
        ~exists().where(Dismissal.account_id == _ME, Dismissal.book_id == book, Dismissal.until > _NOW),
        _is_heard(book),
    )


def _is_new(book: AnyColumn) -> ColumnElement[bool]:
    """The first two of these for thousands of books at once: there the lists of one person are made first."""
    mine = select(Entry.book_id).where(Entry.account_id == _ME)
    dismissed = select(Dismissal.book_id).where(Dismissal.account_id == _ME, Dismissal.until > _NOW)
    return and_(book.not_in(mine), book.not_in(dismissed))


def _is_heard(book: AnyColumn) -> ColumnElement[bool]:
    by_author = select(Mute.key).join(Contribution, Contribution.author_id == Mute.key)
    by_subject = select(Mute.key).join(BookSubject, BookSubject.subject_id == Mute.key)
    mine = Mute.account_id == _ME
    return and_(
        ~by_author.where(mine, Mute.kind == "author", Contribution.book_id == book).exists(),
        ~by_subject.where(mine, Mute.kind == "subject", BookSubject.book_id == book).exists(),
    )


def asking(account_id: int, **more: Any) -> dict[str, Any]:
    """The values of the parameters that `is_open` needs."""
    return {"me": account_id, "now": clock.now(), **more}


# The statements are made once: putting them together costs more than the databases need to answer them.


_WORTH: AnyColumn = case(
    (Entry.quarters >= LIKED, 0.8 + (Entry.quarters - LIKED) * 0.05), else_=0.5 + (Entry.quarters - FINE) * 0.075
)
"""How much a rating counts: 1 for five stars, 0.8 for four, 0.5 for three."""
_OF_CURRENT = unindexed(BookNeighbor.fit_id) == CURRENT
"""For rows that are looked for by their target: else SQLite would begin here, and walk through the whole generation."""


def _sources() -> CTE:
    """What a person liked, and how much that counts."""
    return (
        select(Entry.book_id, _WORTH.label("worth"))
        .join(Book, Book.id == Entry.book_id)
        .where(Entry.account_id == _ME, Entry.quarters >= FINE, _HERE)
        .order_by(Entry.quarters.desc(), Entry.rated_at.desc(), Entry.book_id.desc())
        .limit(SOURCES)
        .cte("sources")
    )


def _term(worth: AnyColumn) -> AnyColumn:
    """What a source adds to the score of a target: the reasons are the largest of these, so they are true."""
    home = case((BookNeighbor.kind == 0, literal(1.0)), else_=bindparam("home", type_=Float))
    term: AnyColumn = BookNeighbor.weight * worth * home
    return term


@cache
def _candidates() -> AnySelect:
    """The best targets with their scores."""
    sources = _sources()
    target = BookNeighbor.target_id
    score = func.sum(_term(sources.c.worth)).label("score")
    # What is new is asked of each target, and not of each of its terms.
    sums = (
        select(target.label("target"), score)
        .join(sources, sources.c.book_id == BookNeighbor.source_id)
        .where(BookNeighbor.fit_id == CURRENT)
        .group_by(target)
        .having(_is_new(target))
        .order_by(desc("score"), target)
        .limit(bindparam("first", type_=Integer))
        .subquery()
    )
    return (
        select(sums.c.target, sums.c.score, Book.author_id, Book.series_id, Book.rating_count)
        .join(Book, Book.id == sums.c.target)
        .where(_HERE, _is_heard(sums.c.target))
        .order_by(sums.c.score.desc(), sums.c.target)
        .limit(bindparam("most", type_=Integer))
    )


@cache
def _reasons() -> AnySelect:
    """Of each target the sources rated best that add most to its score."""
    strongest = func.row_number().over(
        partition_by=BookNeighbor.target_id, order_by=(_term(_WORTH).desc(), BookNeighbor.source_id)
    )
    # The other way round than above: a target has some dozens of sources, but a source may have thousands of targets.
    source = BookNeighbor.source_id + 0  # not the plain column, or the databases would begin with the sources
    terms = (
        select(BookNeighbor.target_id, BookNeighbor.source_id, BookNeighbor.kind, strongest.label("place"))
        .join(Entry, and_(Entry.account_id == _ME, Entry.book_id == source))
        .where(
            _OF_CURRENT,
            BookNeighbor.target_id.in_(bindparam("targets", expanding=True)),
            source.in_(select(_sources().c.book_id)),
            Entry.quarters >= LIKED,
        )
        .subquery()
    )
    return select(terms).where(terms.c.place <= REASONS).order_by(terms.c.target_id, terms.c.place)


@cache
def _popular() -> AnySelect:
    return (
        select(Book.id, Book.author_id, Book.series_id, Book.rating_count)
        .where(_HERE, is_open(Book.id))
        .order_by(Book.rating_count.desc(), Book.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


async def list_candidates(
    db: AsyncSession, account_id: int, home: float = 1.0, most: int = TARGETS, *, mutes: bool = True
) -> list[Candidate]:
    """What the person's ratings speak for, the best first; `mutes` is False for somebody who muted nothing."""
    first = MUTED if mutes else most + SPARE
    rows = await db.execute(_candidates(), asking(account_id, home=home, most=most, first=first))
    return [Candidate(row.target, row.score, row.author_id, row.series_id, row.rating_count) for row in rows]


async def list_reasons(
    db: AsyncSession, account_id: int, books: Sequence[int], home: float = 1.0
) -> dict[int, tuple[tuple[int, int], ...]]:
    """For each of these books what the person rated with four stars or more and adds most to its score: at most three
    books, the strongest first, with the kinds of their rows."""
    if not books:
        return {}
    rows = await db.execute(_reasons(), {"me": account_id, "home": home, "targets": list(books)})
    found: defaultdict[int, tuple[tuple[int, int], ...]] = defaultdict(tuple)
    for row in rows:
        found[row.target_id] += ((row.source_id, row.kind),)
    return found


async def list_popular(db: AsyncSession, account_id: int, most: int = FILLERS) -> list[Candidate]:
    """What is popular and open to the person, then what is newest: without any reason of their own."""
    rows = await db.execute(_popular(), asking(account_id, most=most))
    return [Candidate(row.id, 0.0, row.author_id, row.series_id, row.rating_count) for row in rows]


async def find_most_ratings(db: AsyncSession) -> int:
    """How many ratings the most popular book has."""
    return await db.scalar(select(func.max(Book.rating_count)).where(_HERE)) or 0


async def list_ranked(
    db: AsyncSession, account_id: int, limit: int, *, adventure: int = 0, mutes: bool = True
) -> list[Candidate]:
    """The best `limit` books for a person, the best first."""
    leaning = LEANINGS[adventure]
    candidates = await list_candidates(db, account_id, leaning.home, max(TARGETS, limit), mutes=mutes)
    popular = await list_popular(db, account_id, max(FILLERS, limit))
    return rules.rank([*candidates, *popular], await find_most_ratings(db), leaning, limit)


@cache
def _similar() -> Select[*tuple[Any, ...]]:
    weight = BookNeighbor.weight
    return (
        lines()
        .add_columns(BookNeighbor.kind)
        .join(BookNeighbor, BookNeighbor.source_id == Book.id)
        .where(_OF_CURRENT, BookNeighbor.target_id == bindparam("target", type_=BigInteger))
        .order_by(weight.desc(), Book.id)
        .limit(bindparam("most", type_=Integer))
    )


async def list_similar_fitted(
    db: AsyncSession, book_id: int, limit: int, subjects: Collection[str] = ()
) -> tuple[SimilarBook, ...]:
    """The books that speak most for this one, which is about `subjects`, each with what ties them.

    There are none before the first fit.
    """
    rows = await db.execute(_similar(), {"target": book_id, "most": limit})
    found = ((facts_of(row), row.kind) for row in rows)
    return tuple(
        SimilarBook(
            **facts, because=rules.alike(kind, [name for name in facts["subjects"] if name in subjects][:SHARED])
        )
        for facts, kind in found
    )
