"""Reading wishes: those that are open, and one's own; nothing of people between whom there is a block."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.circles.queries import person_of
from bookapp.circles.results import PersonRef
from bookapp.circles.visibility import blocks, is_here
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.core.sql import AnyRow, AnySelect
from bookapp.suggestions import rules
from bookapp.suggestions.commands import SUGGESTIONS_ON_A_PAGE, FindAsks
from bookapp.suggestions.models import Ask, Suggestion
from bookapp.suggestions.queries import list_answers
from bookapp.suggestions.results import AskLine, AskList, AskShown

NO_ASK = "There is no such wish, or it is not for you to see."
ANSWERS = 100
"""So many answers stand on the page of a wish."""


async def list_asks(db: AsyncSession, actor: Actor, question: FindAsks) -> AskList:
    """One page of the wishes, the latest first. Raises Invalid for a cursor that belongs to another list."""
    statement = _lines().where(_shown(actor)).order_by(Ask.id.desc())
    if question.cursor:
        (before,) = read_cursor(question.cursor, (int,))
        statement = statement.where(Ask.id < before)
    rows = (await db.execute(statement.limit(question.limit + 1))).all()
    following = None
    if len(rows) > question.limit:
        limit = None if question.limit == SUGGESTIONS_ON_A_PAGE else question.limit
        following = address("/asks", cursor=write_cursor([rows[question.limit - 1].id]), limit=limit)
    total = select(func.count()).select_from(Ask).join(Account, Account.id == Ask.account_id).where(_shown(actor))
    return AskList(
        asks=tuple(_line(row, actor) for row in rows[: question.limit]),
        next=following,
        total=await db.scalar(total) or 0,
        url="/asks",
    )


async def show_ask(db: AsyncSession, actor: Actor, ask_id: int) -> AskShown:
    """One wish with its answers: all of them for who asked, their own for others. Raises NotFound."""
    row = (await db.execute(_lines().where(_shown(actor), Ask.id == ask_id))).one_or_none()
    if row is None:
        raise NotFound(NO_ASK)
    return AskShown(**_facts(row, actor), answers=await list_answers(db, actor, ask_id, ANSWERS))


async def find_open_ask(db: AsyncSession, actor: Actor, ask_id: int) -> PersonRef:
    """Who asked, for an answer of `actor`. Raises Invalid when there is no such wish of somebody else's, open."""
    row = (await db.execute(_lines().where(_shown(actor), Ask.id == ask_id, Ask.closed_at.is_(None)))).one_or_none()
    person = person_of(row.account_id, row.username) if row else None
    if person is None:
        raise Invalid({"ask_id": ["There is no such wish, or it is closed"]})
    return person


async def list_own(db: AsyncSession, actor: Actor, after: int, limit: int) -> tuple[tuple[AskLine, ...], int | None]:
    """A person's own wishes beyond the one with the id `after`, and where to go on; None when these are the last."""
    own = _lines().where(Ask.account_id == actor.id, Ask.id > after).order_by(Ask.id).limit(limit)
    rows = (await db.execute(own)).all()
    return tuple(_line(row, actor) for row in rows), rows[-1].id if len(rows) == limit else None


def _shown(actor: Actor) -> ColumnElement[bool]:
    apart = or_(blocks(Ask.account_id, actor.id), blocks(actor.id, Ask.account_id))
    return or_(Ask.account_id == actor.id, and_(Ask.closed_at.is_(None), is_here(), ~apart))


def _lines() -> AnySelect:
    # What was not delivered counts as well: a smaller number would tell that it was not.
    answers = select(func.count()).select_from(Suggestion).where(Suggestion.ask_id == Ask.id).correlate(Ask)
    return select(
        Ask.id,
        Ask.account_id,
        Ask.text,
        Ask.created_at,
        Ask.closed_at,
        Ask.version,
        Account.username,
        answers.scalar_subquery().label("answer_count"),
    ).join(Account, Account.id == Ask.account_id)


def _line(row: AnyRow, actor: Actor) -> AskLine:
    return AskLine(**_facts(row, actor))


def _facts(row: AnyRow, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": row.text,
        "person": person_of(row.account_id, row.username),
        "is_mine": row.account_id == actor.id,
        "is_open": row.closed_at is None,
        "created_at": row.created_at,
        "closed_at": row.closed_at,
        "answer_count": row.answer_count,
        "url": rules.ask_url(row.id),
        "version": row.version,
    }
