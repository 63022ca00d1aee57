"""Which books are like another, and why: what they share, and how rare that is, as bounded SQL.

A book is compared by its series, its authors and the rarest of its subjects. Each of these brings its first books, and
these are then compared by all of them, so that a reason is never more and never less than what gave the place.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Subquery,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    union,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import rules
from bookapp.books.counts import EVERYTHING
from bookapp.books.finding import HERE
from bookapp.books.lines import facts_of, lines
from bookapp.books.models import Author, Book, BookSubject, Contribution, FacetCount, Series, Subject
from bookapp.books.results import SimilarBook, SimilarList
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyColumn, AnyRow, AnySelect

BESIDE = 8
"""How many similar books stand on a book's page."""
SHOWN = 24
COMPARED = {"series": 1, "author": 3, "subject": 6}
"""How many of each kind are looked at; of the subjects the rarest."""
CANDIDATES = 200
"""How many books each of them brings, in the order of their ids: a subject of 100,000 costs no more than one of 200."""

# Where it stands that a book has a trait: the column of the book and that of the trait.
_HOLDERS: dict[str, tuple[AnyColumn, AnyColumn]] = {
    "series": (Book.id, Book.series_id),
    "author": (Contribution.book_id, Contribution.author_id),
    "subject": (BookSubject.book_id, BookSubject.subject_id),
}
# A slot is a trait's place in the statement; the bit of a slot says that a book shares it.
_SLOTS = tuple((kind, number) for kind, most in COMPARED.items() for number in range(most))
_BITS = {slot: 1 << place for place, slot in enumerate(_SLOTS)}
_ME = bindparam("me", type_=BigInteger)


@dataclass(frozen=True, slots=True)
class _Trait:
    """Something that a book can share with others, and how much that says."""

    id: int
    name: str
    weight: int


_Traits = Mapping[tuple[str, int], _Trait]


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
    traits = _in_slots((await db.execute(_traits(), {"me": book_id})).all())
    if not traits:
        return ()
    # An id of 0 is nobody's.
    values = {
        "me": book_id,
        "most": limit,
        "first": CANDIDATES,
        "no_series": not_series or 0,
        "no_author": not_author or 0,
    }
    for slot in _SLOTS:
        trait = traits.get(slot)
        values |= {_named("id", slot): trait.id if trait else 0, _named("weight", slot): trait.weight if trait else 0}
    rows = await db.execute(_most_similar(), values)
    return tuple(SimilarBook(**facts_of(row), because=_reasons(traits, row.bits)) for row in rows)


# The statements are made once: putting them together costs more than the databases need to answer them.


@cache
def _traits() -> Any:
    """What a book can share with others: series, authors and subjects; and how many books there are."""
    nothing: AnyColumn = literal_column("0")
    parts = (
        _trait("series", Series.id, Series.name, literal_column("1"), nothing)
        .join(Book, Book.series_id == Series.id)
        .where(Book.id == _ME),
        _trait("author", Author.id, Author.name, Author.book_count, Contribution.position)
        .join(Contribution, Contribution.author_id == Author.id)
        .where(Contribution.book_id == _ME, Author.book_count > 1)
        .order_by(Contribution.position, Author.id)
        .limit(COMPARED["author"]),
        _trait("subject", Subject.id, Subject.name, Subject.book_count, Subject.book_count)
        .join(BookSubject, BookSubject.subject_id == Subject.id)
        .where(BookSubject.book_id == _ME, Subject.book_count > 1)
        .order_by(Subject.book_count, Subject.id)
        .limit(COMPARED["subject"]),
        _trait("all", nothing, literal_column("''"), FacetCount.book_count, nothing).where(
            FacetCount.kind == EVERYTHING[0], FacetCount.value == EVERYTHING[1]
        ),
    )
    # SQLite takes LIMIT inside a UNION only in a subquery.
    return union_all(*(select(part.subquery()) for part in parts))


def _trait(kind: str, key: AnyColumn, name: AnyColumn, n: AnyColumn, place: AnyColumn) -> AnySelect:
    labels = {"id": key, "name": name, "n": n, "place": place}
    return select(literal_column(f"'{kind}'").label("kind"), *(column.label(label) for label, column in labels.items()))


def _in_slots(rows: Sequence[AnyRow]) -> _Traits:
    everything = max((row.n for row in rows if row.kind == "all"), default=1)
    ordered = sorted(rows, key=lambda row: (row.place, row.id))
    return {
        (kind, number): _Trait(row.id, row.name, _rarity(row.n, everything))
        for kind in COMPARED
        for number, row in enumerate(row for row in ordered if row.kind == kind)
    }


def _rarity(count: int, everything: int) -> int:
    """How much it says that two books share what `count` of all books have. Whole, so that both databases add alike.

    Source: the inverse document frequency of information retrieval, smoothed so that it is never nothing.
    """
    return round(1000 * math.log(1 + max(everything, count) / max(count, 1)))


@cache
def _most_similar() -> AnySelect:
    shared = _shared()
    of_author = exists().where(Contribution.book_id == Book.id, Contribution.author_id == _bind("no_author"))
    # The best are found first: the authors and subjects of a line cost too much to be read for all candidates.
    best = (
        select(shared)
        .join(Book, Book.id == shared.c.id)
        .where(HERE, Book.series_id.is_distinct_from(_bind("no_series")), ~of_author)
        .order_by(shared.c.score.desc(), Book.rating_count.desc(), Book.id)
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    return (
        lines()
        .join(best, best.c.id == Book.id)
        .add_columns(best.c.bits)
        .order_by(best.c.score.desc(), Book.rating_count.desc(), Book.id)
    )


def _shared() -> Subquery:
    """The candidates: their ids, the bits of what they share, and how much that says."""
    near = union(*(select(_first(slot).subquery().c.id) for slot in _SLOTS)).cte("near")
    shares = []
    for kind, (book, key) in _HOLDERS.items():
        slots = [slot for slot in _SLOTS if slot[0] == kind]
        fits = {slot: key == _bind(_named("id", slot)) for slot in slots}
        bit = case(*((fits[slot], literal_column(str(_BITS[slot]))) for slot in slots))
        weight = case(*((fits[slot], bindparam(_named("weight", slot), type_=Integer)) for slot in slots))
        # What does not fit is NULL and adds nothing. As a condition it would tempt SQLite to walk over whole subjects.
        own = select(book.label("id"), bit.label("bit"), weight.label("weight"))
        shares.append(own.where(book.in_(select(near.c.id))))
    share = union_all(*shares).subquery()
    return (
        select(share.c.id, func.sum(share.c.bit).label("bits"), func.sum(share.c.weight).label("score"))
        .group_by(share.c.id)
        .subquery()
    )


def _first(slot: tuple[str, int]) -> AnySelect:
    """The first books that have it. Deleted ones fall away later, since the index that keeps this cheap has them."""
    book, key = _HOLDERS[slot[0]]
    found: AnySelect = select(book.label("id")).where(key == _bind(_named("id", slot)), book != _ME)
    found = found.where(HERE).order_by(Book.series_sort, Book.id) if slot[0] == "series" else found.order_by(book)
    return found.limit(bindparam("first", type_=Integer))


def _named(what: str, slot: tuple[str, int]) -> str:
    return f"{slot[0]}_{slot[1]}_{what}"


def _bind(name: str) -> AnyColumn:
    return bindparam(name, type_=BigInteger)


def _reasons(traits: _Traits, bits: int) -> tuple[str, ...]:
    names = {
        kind: [trait.name for slot, trait in traits.items() if slot[0] == kind and _BITS[slot] & bits]
        for kind in COMPARED
    }
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
