"""Which books are like another, and why: what they share, and how rare that is, as bounded SQL.

A book is compared by its series, its authors and the rarest of its subjects. Each of these brings its first books, and
these are then compared by all of them, so that a reason is never more and never less than what gave the place.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, exists, func, literal, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.counts import EVERYTHING
from bookapp.books.finding import HERE
from bookapp.books.lines import facts_of, lines
from bookapp.books.models import Author, Book, BookSubject, Contribution, FacetCount, Series, Subject
from bookapp.books.results import SimilarBook, SimilarList
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyColumn, AnySelect

BESIDE = 8
"""How many similar books stand on a book's page."""
SHOWN = 24
AUTHORS, SUBJECTS = 3, 6
"""How many authors, and how many of the rarest subjects, are looked at."""
CANDIDATES = 200
"""How many books each of them brings, in the order of their ids: a subject of 100,000 costs no more than one of 200."""


@dataclass(frozen=True, slots=True)
class _Trait:
    """Something that a book can share with others; `bit` says in a sum of bits that it does."""

    kind: str
    id: int
    name: str
    weight: int
    bit: int


async def show_similar(db: AsyncSession, book_id: int) -> SimilarList:
    """The books most like this one, each with what makes it so. Raises NotFound."""
    title = await db.scalar(select(Book.title).where(Book.id == book_id, HERE))
    if title is None:
        raise NotFound("There is no such book.")
    return SimilarList(book_id, title, rules.book_url(book_id), await list_similar(db, book_id, SHOWN))


async def list_similar(
    db: AsyncSession, book_id: int, limit: int, *, not_series: int | None = None, not_author: int | None = None
) -> tuple[SimilarBook, ...]:
    """The books most like this one, without those of a series and of an author that are shown already."""
    traits = await _traits(db, book_id)
    if not traits:
        return ()
    apart = [Book.series_id.is_distinct_from(not_series)] if not_series else []
    if not_author:
        apart.append(~exists().where(Contribution.book_id == Book.id, Contribution.author_id == not_author))
    shared = _shared(book_id, traits)
    order = (shared.c.score.desc(), Book.rating_count.desc(), Book.id)
    # The best are found first: the authors and subjects of a line cost too much to be read for all candidates.
    best = (
        select(shared).join(Book, Book.id == shared.c.id).where(HERE, *apart).order_by(*order).limit(limit)
    ).subquery()
    rows = await db.execute(
        lines()
        .join(best, best.c.id == Book.id)
        .add_columns(best.c.bits)
        .order_by(best.c.score.desc(), Book.rating_count.desc(), Book.id)
    )
    return tuple(SimilarBook(**facts_of(row), because=_reasons(traits, row.bits)) for row in rows)


async def _traits(db: AsyncSession, book_id: int) -> list[_Trait]:
    """What the book can share with others: series, authors, then subjects with the rarest first."""
    parts = (
        _trait("series", Series.id, Series.name, literal(1), literal(0))
        .join(Book, Book.series_id == Series.id)
        .where(Book.id == book_id),
        _trait("author", Author.id, Author.name, Author.book_count, Contribution.position)
        .join(Contribution, Contribution.author_id == Author.id)
        .where(Contribution.book_id == book_id, Author.book_count > 1)
        .order_by(Contribution.position, Author.id)
        .limit(AUTHORS),
        _trait("subject", Subject.id, Subject.name, Subject.book_count, Subject.book_count)
        .join(BookSubject, BookSubject.subject_id == Subject.id)
        .where(BookSubject.book_id == book_id, Subject.book_count > 1)
        .order_by(Subject.book_count, Subject.id)
        .limit(SUBJECTS),
        _trait("all", literal(0), literal(""), FacetCount.book_count, literal(0)).where(
            FacetCount.kind == EVERYTHING[0], FacetCount.value == EVERYTHING[1]
        ),
    )
    found = sorted(await db.execute(_together(parts)), key=lambda row: (row.kind, row.place, row.id))
    everything = max((row.n for row in found if row.kind == "all"), default=1)
    kept = [row for kind in ("series", "author", "subject") for row in found if row.kind == kind]
    return [
        _Trait(row.kind, row.id, row.name, _rarity(row.n, everything), 1 << number) for number, row in enumerate(kept)
    ]


def _trait(kind: str, key: AnyColumn, name: AnyColumn, n: AnyColumn, place: AnyColumn) -> AnySelect:
    return select(literal(kind).label("kind"), key.label("id"), name.label("name"), n.label("n"), place.label("place"))


def _together(parts: Iterable[AnySelect]) -> Any:
    # SQLite takes LIMIT inside a UNION only in a subquery.
    return union_all(*(select(part.subquery()) for part in parts))


def _rarity(count: int, everything: int) -> int:
    """How much it says that two books share what `count` of all books have. Whole, so that both databases add alike.

    Source: the inverse document frequency of information retrieval, smoothed so that it is never nothing.
    """
    return round(1000 * math.log(1 + max(everything, count) / max(count, 1)))


def _shared(book_id: int, traits: Sequence[_Trait]) -> Any:
    """The candidates: their ids, the bits of what they share, and how much that says."""
    of = {kind: {trait.id: trait for trait in traits if trait.kind == kind} for kind in _HOLDERS}
    near = union(*(select(_first(trait, book_id).subquery().c.id) for trait in traits)).cte("near")
    shares = []
    for kind, mine in of.items():
        if mine:
            book, key = _HOLDERS[kind]
            shares.append(
                select(
                    near.c.id,
                    case({id_: trait.bit for id_, trait in mine.items()}, value=key).label("bit"),
                    case({id_: trait.weight for id_, trait in mine.items()}, value=key).label("weight"),
                ).join(near, and_(near.c.id == book, key.in_(list(mine))))
            )
    share = union_all(*shares).subquery()
    return (
        select(share.c.id, func.sum(share.c.bit).label("bits"), func.sum(share.c.weight).label("score"))
        .group_by(share.c.id)
        .subquery()
    )


# Where it stands that a book has a trait: the column of the book and that of the trait.
_HOLDERS: dict[str, tuple[Any, Any]] = {
    "series": (Book.id, Book.series_id),
    "author": (Contribution.book_id, Contribution.author_id),
    "subject": (BookSubject.book_id, BookSubject.subject_id),
}


def _first(trait: _Trait, book_id: int) -> AnySelect:
    """The first books that have it. Deleted ones fall away later, since the index that keeps this cheap has them."""
    book, key = _HOLDERS[trait.kind]
    found = select(book.label("id")).where(key == trait.id, book != book_id).limit(CANDIDATES)
    return found.where(HERE).order_by(Book.series_sort, Book.id) if trait.kind == "series" else found.order_by(book)


def _reasons(traits: Sequence[_Trait], bits: int) -> tuple[str, ...]:
    names = {kind: [t.name for t in traits if t.kind == kind and t.bit & bits] for kind in _HOLDERS}
    reasons = []
    if names["series"]:
        reasons.append("in the same series")
    if names["author"]:
        reasons.append(f"also by {_listed(names['author'])}")
    if names["subject"]:
        reasons.append(f"also about {_listed(names['subject'])}")
    return tuple(reasons)


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
