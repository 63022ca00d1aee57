"""What readers say for books: praise, and the books that have most and newest of it."""

from collections.abc import Sequence

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.advice import rules
from bookapp.advice.commands import FindPraise, FindRecommended
from bookapp.advice.models import Praise, Praised
from bookapp.advice.results import (
    OwnAdvice,
    PraiseList,
    PraiseShown,
    Recommended,
    RecommendedList,
    Voice,
)
from bookapp.books.lines import facts_of, lines
from bookapp.books.models import Book
from bookapp.books.queries import show_name
from bookapp.circles.queries import person_ref
from bookapp.core.actor import Actor
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.core.sql import AnyRow, AnySelect

RECOMMENDED_URL = "/recommended"


async def list_praise(
    db: AsyncSession, book_id: int, limit: int, *, before: int | None = None
) -> tuple[PraiseShown, ...]:
    """What readers say for a book, the newest first; from the one before the id `before` on."""
    wanted = _praise().where(Praise.book_id == book_id, ACTIVE).order_by(Praise.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(Praise.id < before)
    return tuple(map(_shown, await db.execute(wanted)))


async def find_own_praise(db: AsyncSession, actor: Actor, book_id: int) -> PraiseShown | None:
    """What that person says for a book, if anything."""
    if actor.id is None:
        return None
    own = _praise().where(Praise.account_id == actor.id, Praise.book_id == book_id)
    row = (await db.execute(own)).one_or_none()
    return None if row is None else _shown(row)


async def show_praise(db: AsyncSession, actor: Actor, book_id: int, question: FindPraise) -> PraiseList:
    """One page of what readers say for a book. Raises NotFound, and Invalid for a cursor of another list."""
    before = int(read_cursor(question.cursor, (int,))[0]) if question.cursor else None
    book = await show_name(db, book_id)
    found = await list_praise(db, book_id, question.limit + 1, before=before)
    url, following = rules.praise_url(book_id), None
    if len(found) > question.limit:
        limit = None if question.limit == rules.PRAISE_ON_A_PAGE else question.limit
        following = address(url, cursor=write_cursor([found[question.limit - 1].id]), limit=limit)
    return PraiseList(
        book=book,
        praise=found[: question.limit],
        own=await find_own_praise(db, actor, book_id),
        next=following,
        total=await db.scalar(_count(_praise().where(Praise.book_id == book_id, ACTIVE))) or 0,
        url=url,
    )


async def list_recommended(db: AsyncSession, limit: int) -> tuple[Recommended, ...]:
    """The books that readers recommend to everybody here, in the order of `rules.rank`."""
    return await _with_voices(db, _ranked(limit))


async def show_recommended(db: AsyncSession, question: FindRecommended) -> RecommendedList:
    """One page of the books that are recommended here. Raises Invalid for a cursor of another list."""
    wanted = _ranked(question.limit + 1)
    if question.cursor:
        place, book_id = (int(value) for value in read_cursor(question.cursor, (int, int)))
        wanted = wanted.where(or_(Praised.rank < place, and_(Praised.rank == place, Praised.book_id < book_id)))
    rows = (await db.execute(wanted)).all()
    following = None
    if len(rows) > question.limit:
        last = rows[question.limit - 1]
        limit = None if question.limit == rules.RECOMMENDED_ON_A_PAGE else question.limit
        following = address(RECOMMENDED_URL, cursor=write_cursor([last.rank, last.id]), limit=limit)
    return RecommendedList(
        books=await _told(db, rows[: question.limit]),
        next=following,
        total=await db.scalar(_count(_recommended())) or 0,
    )


async def list_most_praised(db: AsyncSession, limit: int) -> tuple[Recommended, ...]:
    """The books that most readers recommend, however long ago; those who are not here any more are not counted."""
    here = (
        select(Praise.book_id, func.count().label("voices"))
        .join(Account, Account.id == Praise.account_id)
        .where(ACTIVE)
        .group_by(Praise.book_id)
        .subquery()
    )
    books = lines().add_columns(here.c.voices).join(here, here.c.book_id == Book.id)
    ranked = books.join(Praised, Praised.book_id == Book.id)
    most = ranked.order_by(here.c.voices.desc(), Praised.rank.desc(), Book.id.desc()).limit(limit)
    return await _with_voices(db, most)


async def list_own_praise(db: AsyncSession, actor: Actor, after: int, limit: int) -> tuple[OwnAdvice, ...]:
    """What a person praised, beyond the praise with the id `after`."""
    rows = await db.execute(
        select(Praise.id, Praise.at, Praise.reason, Praise.book_id, Book.title)
        .join(Book, Book.id == Praise.book_id)
        .where(Praise.account_id == actor.id, Praise.id > after)
        .order_by(Praise.id)
        .limit(limit)
    )
    return tuple(
        OwnAdvice(
            key=row.id,
            at=row.at,
            book_id=row.book_id,
            title=row.title,
            other_id=None,
            other_title=None,
            reason=row.reason,
        )
        for row in rows
    )


def _praise() -> AnySelect:
    columns = (Praise.id, Praise.account_id, Praise.book_id, Praise.reason, Praise.at, Praise.version, Account.username)
    return select(*columns).join(Account, Account.id == Praise.account_id)


def _shown(row: AnyRow) -> PraiseShown:
    return PraiseShown(
        id=row.id,
        who=person_ref(row.account_id, row.username),
        reason=row.reason,
        at=row.at,
        url=f"{rules.praise_url(row.book_id)}#praise-{row.id}",
        version=row.version,
    )


def _recommended() -> AnySelect:
    return lines().add_columns(Praised.voices, Praised.rank).join(Praised, Praised.book_id == Book.id)


def _ranked(limit: int) -> AnySelect:
    return _recommended().order_by(Praised.rank.desc(), Praised.book_id.desc()).limit(limit)


def _count(of: AnySelect) -> Select[int]:
    return of.with_only_columns(func.count(), maintain_column_froms=True)


async def _with_voices(db: AsyncSession, wanted: AnySelect) -> tuple[Recommended, ...]:
    return await _told(db, (await db.execute(wanted)).all())


async def _told(db: AsyncSession, rows: Sequence[AnyRow]) -> tuple[Recommended, ...]:
    """Those books with what the latest readers say, in one more statement for all of them."""
    place = func.row_number().over(partition_by=Praise.book_id, order_by=Praise.id.desc()).label("place")
    latest = (
        select(Praise.book_id, Praise.account_id, Praise.reason, Praise.at, Account.username, place)
        .join(Account, Account.id == Praise.account_id)
        .where(Praise.book_id.in_([row.id for row in rows]), ACTIVE)
        .subquery()
    )
    told: dict[int, list[Voice]] = {}
    if rows:
        first = select(latest).where(latest.c.place <= rules.VOICES_SHOWN).order_by(latest.c.book_id, latest.c.place)
        for row in await db.execute(first):
            told.setdefault(row.book_id, []).append(Voice(person_ref(row.account_id, row.username), row.reason, row.at))
    return tuple(Recommended(**facts_of(row), voices=row.voices, praise=tuple(told.get(row.id, ()))) for row in rows)
