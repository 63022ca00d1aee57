"""Reading recommendations: always those that a person got or sent, and of the other one only what they may know.

Whoever is blocked is told nothing of it: what they send is stored as taken out of the receiver's box, unseen.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Integer, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.books.models import Book
from bookapp.circles.visibility import blocks
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.core.sql import AnyColumn, AnyRow, AnySelect
from bookapp.suggestions import rules
from bookapp.suggestions.commands import SUGGESTIONS_ON_A_PAGE, FindSuggestions
from bookapp.suggestions.lines_queries import ABSENT, line_of, mine, suggestion_lines
from bookapp.suggestions.models import Suggestion, SuggestionChoice
from bookapp.suggestions.results import (
    ChoiceShown,
    HitRate,
    HitRates,
    NewCount,
    SuggestionLine,
    SuggestionList,
)

Pair = tuple[int | None, int | None]
_VERDICT = or_(Suggestion.state == "declined", and_(Suggestion.state == "finished", Suggestion.quarters.is_not(None)))
_HIT = and_(Suggestion.state == "finished", Suggestion.quarters >= rules.A_HIT)


async def list_suggestions(db: AsyncSession, actor: Actor, question: FindSuggestions) -> SuggestionList:
    """One page of a box, the latest first. Raises Invalid for a cursor that belongs to another list."""
    box = question.box
    statement = suggestion_lines(actor).where(mine(actor, box)).order_by(Suggestion.id.desc())
    if question.cursor:
        (before,) = read_cursor(question.cursor, (int,))
        statement = statement.where(Suggestion.id < before)
    rows = (await db.execute(statement.limit(question.limit + 1))).all()
    shown, following = rows[: question.limit], None
    if len(rows) > question.limit:
        limit = None if question.limit == SUGGESTIONS_ON_A_PAGE else question.limit
        cursor = write_cursor([shown[-1].suggestion_id])
        following = address("/suggestions", box=None if box == "inbox" else box, cursor=cursor, limit=limit)
    lines = await _finished(db, actor, shown)
    return SuggestionList(
        suggestions=lines,
        next=following,
        total=await db.scalar(_count().where(mine(actor, box))) or 0,
        box=box,
        until=max((line.changed_at for line in lines if line.is_new), default=None),
        seen_url="/suggestions/seen",
        url=rules.box_url(box),
    )


async def list_inbox(db: AsyncSession, actor: Actor, limit: int) -> tuple[SuggestionLine, ...]:
    """What a person got and has not decided about yet, the latest first."""
    waiting = suggestion_lines(actor).where(mine(actor, "inbox"), Suggestion.state.in_(rules.WAITING))
    rows = (await db.execute(waiting.order_by(Suggestion.id.desc()).limit(limit))).all()
    return await _finished(db, actor, rows)


async def list_answers(db: AsyncSession, actor: Actor, ask_id: int, limit: int) -> tuple[SuggestionLine, ...]:
    """The answers to a wish that a person got or sent, in their order."""
    answers = suggestion_lines(actor).where(or_(mine(actor, "inbox"), mine(actor, "sent")), Suggestion.ask_id == ask_id)
    rows = (await db.execute(answers.order_by(Suggestion.id).limit(limit))).all()
    return await _finished(db, actor, rows)


async def list_sent(db: AsyncSession, actor: Actor, ids: Sequence[int]) -> tuple[SuggestionLine, ...]:
    """Those that a person sent just now."""
    sent = suggestion_lines(actor).where(mine(actor, "sent"), Suggestion.id.in_(ids)).order_by(Suggestion.id)
    return await _finished(db, actor, (await db.execute(sent)).all())


async def show_suggestion(db: AsyncSession, actor: Actor, suggestion_id: int) -> SuggestionLine:
    """One that a person got or sent. Raises NotFound."""
    one = suggestion_lines(actor).where(or_(mine(actor, "inbox"), mine(actor, "sent")), Suggestion.id == suggestion_id)
    rows = (await db.execute(one)).all()
    if not rows:
        raise NotFound(ABSENT)
    return (await _finished(db, actor, rows))[0]


async def count_inbox(db: AsyncSession, actor: Actor) -> int:
    """How many recommendations a person got and has not looked at."""
    return await db.scalar(_count().where(mine(actor, "inbox"), Suggestion.state == "sent")) or 0


def count_waiting() -> AnyColumn:
    """How much the `Account` of a row has not looked at, of what they got and of what came of theirs: every page says
    so."""
    unseen = and_(
        Suggestion.to_id == Account.id,
        Suggestion.to_hid.is_(False),
        Suggestion.state == "sent",
        or_(Suggestion.from_id.is_(None), ~blocks(Account.id, Suggestion.from_id)),
    )
    news = and_(Suggestion.from_id == Account.id, Suggestion.from_hid.is_(False), Suggestion.is_news.is_(True))
    inbox, sent = (_count().where(one).correlate(Account).scalar_subquery() for one in (unseen, news))
    return inbox + sent


async def count_news(db: AsyncSession, actor: Actor) -> int:
    """Of how many that a person sent something came that they have not looked at."""
    return await db.scalar(_count().where(mine(actor, "sent"), Suggestion.is_news.is_(True))) or 0


async def show_counts(db: AsyncSession, actor: Actor) -> NewCount:
    """What is new in both boxes."""
    return NewCount(await count_inbox(db, actor), await count_news(db, actor))


async def show_hit_rate(db: AsyncSession, actor: Actor, other: int) -> HitRates:
    """How well the person and the one with the id `other` choose books for each other."""
    me = actor.id
    found = await _hits(db, [(other, me), (me, other)])
    nothing = HitRate(0, 0)
    return HitRates(received=found.get((other, me), nothing), sent=found.get((me, other), nothing))


async def show_choice(db: AsyncSession, actor: Actor) -> ChoiceShown:
    """From whom a person takes recommendations, and what they tell."""
    choice = await db.scalar(select(SuggestionChoice).where(SuggestionChoice.account_id == actor.id))
    if choice is None:
        return ChoiceShown(welcome="members", tells_outcome=True)
    return ChoiceShown(welcome=choice.welcome, tells_outcome=choice.tells_outcome)  # type: ignore[arg-type]  # checked by the table


async def find_received(db: AsyncSession, actor: Actor, suggestion_id: int) -> Suggestion:
    """The row of one that a person got, locked for a change. Raises NotFound."""
    row = await _locked(db, suggestion_id)
    if row is None or row.to_id != actor.id or row.to_hid or await _is_blocked(db, actor, row):
        raise NotFound(ABSENT)
    return row


async def find_suggestion(db: AsyncSession, actor: Actor, suggestion_id: int, *, or_hidden: bool = False) -> Suggestion:
    """The row of one that a person got or sent, locked for a change. Raises NotFound.

    `or_hidden` finds also what they took out of their box, but never what was not delivered.
    """
    row = await _locked(db, suggestion_id)
    if row is None or actor.id not in (row.to_id, row.from_id):
        raise NotFound(ABSENT)
    is_got = row.to_id == actor.id
    is_hidden = (row.to_hid if is_got else row.from_hid) and not or_hidden
    if is_hidden or (is_got and (_was_kept_away(row) or await _is_blocked(db, actor, row))):
        raise NotFound(ABSENT)
    return row


async def _locked(db: AsyncSession, suggestion_id: int) -> Suggestion | None:
    return await db.scalar(
        select(Suggestion)
        .where(Suggestion.id == suggestion_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _was_kept_away(row: Suggestion) -> bool:
    # Taking something out of one's box means that one has seen it.
    return row.to_hid and row.seen_at is None


async def _is_blocked(db: AsyncSession, actor: Actor, row: Suggestion) -> bool:
    return bool(await db.scalar(select(blocks(actor.id, row.from_id))))


def _count() -> AnySelect:
    return (
        select(func.count())
        .select_from(Suggestion)
        .join(Book, and_(Book.id == Suggestion.book_id, Book.deleted_at.is_(None)))
    )


async def _finished(db: AsyncSession, actor: Actor, rows: Sequence[AnyRow]) -> tuple[SuggestionLine, ...]:
    """Lines with how well their senders chose so far, in one statement for all."""
    hits = await _hits(db, ((row.from_id, row.to_id) for row in rows))
    now = clock.now()
    return tuple(line_of(row, actor, now, hits.get((row.from_id, row.to_id))) for row in rows)


async def _hits(db: AsyncSession, pairs: Iterable[Pair]) -> dict[Pair, HitRate]:
    wanted = {pair for pair in pairs if None not in pair}
    if not wanted:
        return {}
    hit = func.sum(case((_HIT, 1), else_=0), type_=Integer)
    rows = await db.execute(
        select(Suggestion.from_id, Suggestion.to_id, hit.label("hits"), func.count().label("of"))
        .where(
            Suggestion.from_id.in_({a for a, _ in wanted}),
            Suggestion.to_id.in_({b for _, b in wanted}),
            Suggestion.seen_at.is_not(None),
            _VERDICT,
        )
        .group_by(Suggestion.from_id, Suggestion.to_id)
    )
    return {(row.from_id, row.to_id): HitRate(row.hits, row.of) for row in rows}
