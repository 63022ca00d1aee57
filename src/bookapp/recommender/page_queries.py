"""The page of recommendations: the best, and more by what brought it. The number of statements is constant."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from sqlalchemy import BigInteger, bindparam, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.accounts.models import Account
from bookapp.books.lines import facts_of, lines
from bookapp.books.models import Author, Book, Contribution, Subject
from bookapp.books.rules import book_url
from bookapp.circles.models import Tie
from bookapp.circles.visibility import is_here, visible
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyRow, AnySelect, unindexed
from bookapp.recommender import queries, rules
from bookapp.recommender.commands import FindRecommendations
from bookapp.recommender.models import Mute, Taste
from bookapp.recommender.results import Muted, Reason, Recommendations, RecommendedBook, RecommendedShelf
from bookapp.recommender.rules import LEANINGS, Candidate
from bookapp.shelves.models import Entry

LOOKED_AT = 80
"""So many candidates are asked for their reasons, besides those that are shown first."""
ON_A_SHELF, LEAST = 8, 2
LIKED_SHELVES = 3
TRUSTED = 200
"""So many ratings of trusted people are looked at, the best and newest."""
_ME = bindparam("me", type_=BigInteger)

_Sources = Mapping[int, Sequence[tuple[int, int]]]
"""For each book what brought it, and the kinds of these rows."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A shelf before its books are read."""

    name: str
    title: str
    books: Sequence[int]
    about: int | None = None
    """The book whose title ends the shelf's title."""
    words: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Why, for books whose reason is not one of the person's own books."""


async def show_recommendations(db: AsyncSession, actor: Actor, question: FindRecommendations) -> Recommendations:
    """What may be something for a person, each with its true reasons."""
    me = actor.id or 0
    adventure = await db.scalar(select(Taste.adventure).where(Taste.account_id == me)) or 0
    muted = await list_muted(db, actor)
    leaning = LEANINGS[adventure]
    candidates = await queries.list_candidates(db, me, leaning.home, mutes=bool(muted))
    popular = await queries.list_popular(db, me)
    most = await queries.find_most_ratings(db)
    best = [c.book_id for c in rules.rank([*candidates, *popular], most, leaning, question.limit)]
    more = [c for c in candidates if c.book_id not in set(best)][:LOOKED_AT]
    sources = await queries.list_reasons(db, me, [*best, *(c.book_id for c in more)], leaning.home)
    new = _Shelf("new-authors", "New authors for you", await _of_new_authors(db, me, more, sources))
    shelves = _apart(best, [await _trusted(db, actor), *_liked(more, sources), new])
    wanted = {*best, *(book for shelf in shelves for book in shelf.books)}
    rows = {row.id: row for row in await db.execute(lines().where(Book.id.in_(wanted)))}
    titles = await _titles(db, {source for book in wanted for source, _kind in sources.get(book, ())})
    rated = select(func.count()).where(Entry.account_id == me, Entry.quarters.is_not(None))

    def books(ids: Iterable[int], words: Mapping[int, tuple[str, ...]]) -> tuple[RecommendedBook, ...]:
        return tuple(_book(rows[book], sources.get(book, ()), titles, words) for book in ids if book in rows)

    return Recommendations(
        items=books(best, {}),
        shelves=tuple(
            RecommendedShelf(s.name, s.title + titles.get(s.about or 0, ""), books(s.books, s.words)) for s in shelves
        ),
        rated=await db.scalar(rated) or 0,
        muted=muted,
        adventure=adventure,
    )


async def list_for_you(db: AsyncSession, actor: Actor, limit: int) -> tuple[RecommendedBook, ...]:
    """The first of what may be something for a person, for other pages; nothing as long as they have rated nothing."""
    me = actor.id or 0
    taste = await db.scalar(select(Taste.adventure).where(Taste.account_id == me)) or 0
    ranked = [c.book_id for c in await queries.list_ranked(db, me, limit, adventure=taste) if c.score > 0]
    sources = await queries.list_reasons(db, me, ranked, LEANINGS[taste].home)
    rows = {row.id: row for row in await db.execute(lines().where(Book.id.in_(ranked)))}
    titles = await _titles(db, {source for found in sources.values() for source, _kind in found})
    return tuple(_book(rows[book], sources.get(book, ()), titles, {}) for book in ranked if book in rows)


def _book(
    row: AnyRow, sources: Sequence[tuple[int, int]], titles: Mapping[int, str], words: Mapping[int, tuple[str, ...]]
) -> RecommendedBook:
    reasons = tuple(
        Reason(source, titles[source], book_url(source), rules.TIES[kind])
        for source, kind in sources
        if source in titles
    )
    because = words.get(row.id) or rules.said(reasons, row.rating_count)
    return RecommendedBook(**facts_of(row), because=because, reasons=reasons)


async def _titles(db: AsyncSession, books: Iterable[int]) -> dict[int, str]:
    rows = await db.execute(select(Book.id, Book.title).where(Book.id.in_(set(books))))
    return dict(rows.all())


def _apart(shown: Iterable[int], shelves: Iterable[_Shelf]) -> list[_Shelf]:
    """The shelves without what stands above already, and only those that are worth a line."""
    above, kept = set(shown), []
    for shelf in shelves:
        books = [book for book in shelf.books if book not in above][:ON_A_SHELF]
        if len(books) >= (1 if shelf.words else LEAST):
            above.update(books)
            kept.append(replace(shelf, books=books))
    return kept


def _liked(more: Sequence[Candidate], sources: _Sources) -> Iterator[_Shelf]:
    """A shelf for each of the books that brought most of what is not shown yet."""
    brought: defaultdict[int, list[int]] = defaultdict(list)
    for candidate in more:
        for source, _kind in sources.get(candidate.book_id, ()):
            brought[source].append(candidate.book_id)
    strongest = sorted(brought, key=lambda source: (-len(brought[source]), source))[:LIKED_SHELVES]
    for source in strongest:
        yield _Shelf(f"liked-{source}", "Because you liked ", brought[source], about=source)


async def _of_new_authors(db: AsyncSession, me: int, more: Sequence[Candidate], sources: _Sources) -> list[int]:
    """Candidates by authors of whom the person has nothing."""
    books = [candidate.book_id for candidate in more if candidate.book_id in sources]
    # All authors of the person's own books, since one of the others may have written thousands.
    known = select(Contribution.author_id).join(Entry, Entry.book_id == Contribution.book_id)
    is_known = unindexed(Contribution.author_id).in_(known.where(Entry.account_id == me))
    old = select(Contribution.book_id).where(Contribution.book_id.in_(books), is_known)
    not_new = set(await db.scalars(old))
    return [book for book in books if book not in not_new]


# Of their own, since the conditions have subqueries on the same tables.
_TRUST, _THEIRS = aliased(Tie), aliased(Entry)


@cache
def _by_trusted() -> AnySelect:
    return (
        select(_THEIRS.book_id, _THEIRS.quarters, Account.username)
        .join(_TRUST, (_TRUST.other_id == _THEIRS.account_id) & (_TRUST.account_id == _ME) & (_TRUST.kind == "trust"))
        .join(Account, Account.id == _THEIRS.account_id)
        .join(Book, Book.id == _THEIRS.book_id)
        .where(_THEIRS.quarters >= queries.LIKED, Book.deleted_at.is_(None), is_here())
        .where(queries.is_open(_THEIRS.book_id))
        .order_by(_THEIRS.quarters.desc(), _THEIRS.rated_at.desc(), _THEIRS.book_id, Account.username)
        .limit(TRUSTED)
    )


async def _trusted(db: AsyncSession, actor: Actor) -> _Shelf:
    """What people whom the person trusts liked, and let the person see."""
    theirs = _by_trusted().where(visible(actor, _THEIRS.account_id, _THEIRS.seen_by))
    people: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in await db.execute(theirs, queries.asking(actor.id or 0)):
        people[row.book_id].append((row.username, row.quarters))
    books = sorted(people, key=lambda book: -len(people[book]))  # of equals, the best and newest stay first
    words = {book: rules.trusted(people[book]) for book in books}
    return _Shelf("trusted", "From people you trust", books, words=words)


async def find_taste(db: AsyncSession, actor: Actor) -> int:
    """How far from what they know a person wants to be led: -1, 0 or 1."""
    return await db.scalar(select(Taste.adventure).where(Taste.account_id == actor.id)) or 0


async def list_muted(db: AsyncSession, actor: Actor) -> tuple[Muted, ...]:
    """The authors and subjects of which the person wants nothing recommended."""
    parts = (
        select(Mute.kind, Mute.key, kind.name)
        .join(kind, kind.id == Mute.key)
        .where(Mute.account_id == actor.id, Mute.kind == word)
        for word, kind in (("author", Author), ("subject", Subject))
    )
    rows = (await db.execute(union_all(*parts))).all()
    ordered = sorted(rows, key=lambda row: (row.kind, row.name.casefold(), row.key))
    return tuple(Muted(row.kind, row.key, row.name, rules.mute_url(row.kind, row.key)) for row in ordered)
