"""Pairs of books: if you liked this one, try that one."""

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.advice import rules
from bookapp.advice.commands import FindPairs
from bookapp.advice.models import Pair, PairVoice
from bookapp.advice.results import OwnAdvice, PairList, PairShown, Voice
from bookapp.books.lines import line_of, lines
from bookapp.books.models import Book
from bookapp.books.queries import show_name
from bookapp.circles.queries import person_ref
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import Int32, address, read_cursor, write_cursor
from bookapp.core.sql import AnyRow, AnySelect

ABSENT = "There is no such pair of books."


async def list_pairs(db: AsyncSession, actor: Actor, book_id: int, limit: int) -> tuple[PairShown, ...]:
    """What readers would read after a book; what most of them say comes first."""
    return await _told(db, list((await db.execute(_pairs(actor, book_id, limit))).all()))


async def show_pairs(db: AsyncSession, actor: Actor, book_id: int, question: FindPairs) -> PairList:
    """One page of what readers would read after a book. Raises NotFound, and Invalid for a cursor of another list."""
    book = await show_name(db, book_id)
    wanted = _pairs(actor, book_id, question.limit + 1)
    if question.cursor:
        votes, last = (int(value) for value in read_cursor(question.cursor, (Int32, int)))
        wanted = wanted.where(or_(Pair.vote_count < votes, and_(Pair.vote_count == votes, Pair.id > last)))
    rows = list((await db.execute(wanted)).all())
    url, following = rules.pairs_url(book_id), None
    if len(rows) > question.limit:
        end = rows[question.limit - 1]
        limit = None if question.limit == rules.PAIRS_ON_A_PAGE else question.limit
        following = address(url, cursor=write_cursor([end.vote_count, end.pair_id]), limit=limit)
    alike = select(func.count()).join(Book, Book.id == Pair.other_id)
    here = (Pair.book_id == book_id, Pair.vote_count > 0, Book.deleted_at.is_(None))
    return PairList(
        book=book,
        pairs=await _told(db, rows[: question.limit]),
        next=following,
        total=await db.scalar(alike.select_from(Pair).where(*here)) or 0,
        url=url,
    )


async def find_pair(db: AsyncSession, pair_id: int) -> Pair:
    """The row of a pair, locked for a change. Raises NotFound."""
    pair = await db.scalar(
        select(Pair).where(Pair.id == pair_id).with_for_update().execution_options(populate_existing=True)
    )
    if pair is None:
        raise NotFound(ABSENT)
    return pair


async def list_own_voices(db: AsyncSession, actor: Actor, after: int, limit: int) -> tuple[OwnAdvice, ...]:
    """The pairs for which a person is a voice, beyond the pair with the id `after`."""
    other = aliased(Book)
    rows = await db.execute(
        select(PairVoice.pair_id, PairVoice.at, PairVoice.reason, Pair.book_id, Pair.other_id)
        .add_columns(Book.title, other.title.label("other_title"))
        .join(Pair, Pair.id == PairVoice.pair_id)
        .join(Book, Book.id == Pair.book_id)
        .join(other, other.id == Pair.other_id)
        .where(PairVoice.account_id == actor.id, PairVoice.pair_id > after)
        .order_by(PairVoice.pair_id)
        .limit(limit)
    )
    return tuple(
        OwnAdvice(
            key=row.pair_id,
            at=row.at,
            book_id=row.book_id,
            title=row.title,
            other_id=row.other_id,
            other_title=row.other_title,
            reason=row.reason,
        )
        for row in rows
    )


def _pairs(actor: Actor, book_id: int, limit: int) -> AnySelect:
    my_voice = (PairVoice.pair_id == Pair.id, PairVoice.account_id == (actor.id or 0))
    mine, reason = exists().where(*my_voice), select(PairVoice.reason).where(*my_voice).scalar_subquery()
    return (
        lines()
        .add_columns(Pair.id.label("pair_id"), Pair.vote_count, mine.label("i_voted"), reason.label("my_reason"))
        .join(Pair, Pair.other_id == Book.id)
        .where(Pair.book_id == book_id, Pair.vote_count > 0)
        .order_by(Pair.vote_count.desc(), Pair.id)
        .limit(limit)
    )


async def _told(db: AsyncSession, rows: list[AnyRow]) -> tuple[PairShown, ...]:
    """Those pairs with the first who say so, in one more statement for all of them."""
    order = (PairVoice.reason.is_(None), PairVoice.at, PairVoice.account_id)
    place = func.row_number().over(partition_by=PairVoice.pair_id, order_by=order).label("place")
    first = (
        select(PairVoice.pair_id, PairVoice.account_id, PairVoice.reason, PairVoice.at, Account.username, place)
        .join(Account, Account.id == PairVoice.account_id)
        .where(PairVoice.pair_id.in_([row.pair_id for row in rows]), ACTIVE)
        .subquery()
    )
    told: dict[int, list[Voice]] = {}
    if rows:
        few = select(first).where(first.c.place <= rules.VOICES_SHOWN).order_by(first.c.pair_id, first.c.place)
        for row in await db.execute(few):
            told.setdefault(row.pair_id, []).append(Voice(person_ref(row.account_id, row.username), row.reason, row.at))
    return tuple(
        PairShown(
            id=row.pair_id,
            book=line_of(row),
            votes=row.vote_count,
            voices=tuple(told.get(row.pair_id, ())),
            i_voted=bool(row.i_voted),
            my_reason=row.my_reason,
            url=rules.pair_url(row.pair_id),
        )
        for row in rows
    )
