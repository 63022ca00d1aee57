"""Recommending a book: to people here, or by a link to somebody outside.

Whoever is blocked gets the same answer as everybody else; what they send is stored as taken out of the receiver's box.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import hold
from bookapp.accounts.rules import digest, new_secret
from bookapp.books.models import Book
from bookapp.circles.queries import find_people
from bookapp.circles.results import PersonRef
from bookapp.circles.visibility import blocks, trusts, visible
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, TooMany
from bookapp.core.events import Changed, announce
from bookapp.core.sql import AnyRow
from bookapp.shelves.models import Entry
from bookapp.suggestions import rules
from bookapp.suggestions.ask_queries import find_open_ask
from bookapp.suggestions.commands import Suggest
from bookapp.suggestions.lines_queries import ABSENT, is_said
from bookapp.suggestions.models import Suggestion, SuggestionChoice
from bookapp.suggestions.results import Welcome

_HAVE = {"read": "has read it already", "reading": "is reading it now", "want": "wants to read it already"}


@dataclass(frozen=True, slots=True)
class Sending:
    """What was sent: the new ids, and what the sender should know."""

    ids: tuple[int, ...]
    told: tuple[str, ...] = ()
    token: str | None = None
    """The secret of a link; of it only a digest is kept."""


async def suggest(db: AsyncSession, actor: Actor, command: Suggest) -> Sending:
    """Recommend a book to everybody whom `command` names, or to nobody.

    Raises Invalid for unknown people and books, and when one of the people cannot be sent it; and TooMany.
    """
    await hold(db, actor, absent=ABSENT)
    await _check_book(db, command.book_id)
    if command.link:
        return await _make_link(db, actor, command)
    asker = None if command.ask_id is None else await find_open_ask(db, actor, command.ask_id)
    people = await _receivers(db, actor, command, asker)
    await _check_day(db, actor, len(people))
    ids = [person.id for person in people]
    await _check_because(db, actor, command.because_id, ids)
    standings = await _standings(db, actor, command.book_id, ids)
    refused = [said for row in standings if (said := rules.refusal(_standing(row), asked=asker is not None))]
    if refused:
        raise Invalid({"to": [" ".join(refused).rstrip(".")]})
    now = clock.now()
    rows = [_row(actor, command, now, to_id=row.id, to_hid=row.blocks_me) for row in standings]
    db.add_all(rows)
    await db.flush()
    _announce(db, actor, [row.id for row in standings if not row.blocks_me])
    told = tuple(f"{row.username} {_HAVE[row.state]}." for row in standings if row.state in _HAVE)
    return Sending(tuple(row.id for row in rows), told)


async def _make_link(db: AsyncSession, actor: Actor, command: Suggest) -> Sending:
    if command.to or command.ask_id:
        raise Invalid({"link": ["A link is for somebody outside: leave out the people"]})
    await _check_day(db, actor, 1)
    if command.because_id is not None:
        await _check_book(db, command.because_id, field="because_id")
    token, now = new_secret(), clock.now()
    row = _row(actor, command, now, link_hash=digest(token), link_until=now + rules.LINK_LASTS)
    db.add(row)
    await db.flush()
    _announce(db, actor, ())
    return Sending((row.id,), token=token)


def _row(actor: Actor, command: Suggest, now: datetime, **more: object) -> Suggestion:
    return Suggestion(
        from_id=actor.id,
        book_id=command.book_id,
        because_id=command.because_id,
        ask_id=command.ask_id,
        reason=command.reason,
        state="sent",
        sent_at=now,
        changed_at=now,
        **more,
    )


async def _receivers(db: AsyncSession, actor: Actor, command: Suggest, asker: PersonRef | None) -> Sequence[PersonRef]:
    names = command.to or ([asker.name] if asker else [])
    if not names:
        raise Invalid({"to": ["Say for whom it is"]})
    found = await find_people(db, actor, names)
    missing = [name for name in names if name.casefold() not in found]
    if missing:
        raise Invalid({"to": [f"There is nobody called {rules.names(missing)} here"]})
    if any(person.id == actor.id for person in found.values()):
        raise Invalid({"to": ["That is you: recommend it to others"]})
    if asker and {person.id for person in found.values()} != {asker.id}:
        raise Invalid({"to": [f"An answer goes to who asked: {asker.name}"]})
    return list(found.values())


async def _standings(db: AsyncSession, actor: Actor, book_id: int, ids: Collection[int]) -> Sequence[AnyRow]:
    """How each of these people stands to the sender, in one statement."""
    mine = and_(Suggestion.from_id == actor.id, Suggestion.to_id == Account.id)
    today = (mine, Suggestion.state.in_(rules.WAITING), Suggestion.sent_at > clock.now() - rules.DAY)
    shown = visible(actor, Entry.account_id, Entry.seen_by)
    rows = await db.execute(
        select(
            Account.id,
            Account.username,
            SuggestionChoice.welcome,
            trusts(Account.id, actor.id).label("trusts_me"),
            blocks(Account.id, actor.id).label("blocks_me"),
            blocks(actor.id, Account.id).label("is_blocked"),
            exists().where(mine, Suggestion.book_id == book_id, Suggestion.state.in_(rules.OPEN)).label("has_open"),
            select(func.count()).select_from(Suggestion).where(*today).correlate(Account).label("waiting"),
            Entry.state,
        )
        .outerjoin(SuggestionChoice, SuggestionChoice.account_id == Account.id)
        .outerjoin(Entry, and_(Entry.account_id == Account.id, Entry.book_id == book_id, shown))
        .where(Account.id.in_(ids))
        .order_by(Account.id)
    )
    return rows.all()


def _standing(row: AnyRow) -> rules.Standing:
    return rules.Standing(
        name=row.username,
        welcome=cast(Welcome, row.welcome or "members"),
        trusts=row.trusts_me,
        is_blocked=row.is_blocked,
        has_open=row.has_open,
        waiting=row.waiting,
    )


async def _check_book(db: AsyncSession, book_id: int, field: str = "book_id") -> None:
    known = select(Book.id).where(Book.id == book_id, Book.deleted_at.is_(None))
    if await db.scalar(known) is None:
        raise Invalid({field: ["There is no such book"]})


async def _check_day(db: AsyncSession, actor: Actor, more: int) -> None:
    """Raises TooMany when with so many more the person would have sent too many within a day."""
    since = clock.now() - rules.DAY
    recent = (Suggestion.from_id == actor.id, Suggestion.sent_at > since)
    count, first = (await db.execute(select(func.count(), func.min(Suggestion.sent_at)).where(*recent))).one()
    if count + more > rules.MOST_A_DAY:
        wait = int(((first or clock.now()) - since).total_seconds()) + 1
        raise TooMany(f"You may recommend to {rules.MOST_A_DAY} people a day, and today that is enough.", wait)


async def _check_because(db: AsyncSession, actor: Actor, book_id: int | None, people: Collection[int]) -> None:
    """Raises Invalid unless each of these people read or rated that book, and lets the sender see that."""
    if book_id is None:
        return
    shown = visible(actor, Entry.account_id, Entry.seen_by)
    theirs = (Entry.account_id.in_(people), Entry.book_id == book_id, is_said(), shown)
    if await db.scalar(select(func.count()).select_from(Entry).where(*theirs)) != len(people):
        raise Invalid({"because_id": ["It is not on their shelves, as far as you can see"]})


def _announce(db: AsyncSession, actor: Actor, people: Collection[int]) -> None:
    assert actor.id is not None
    announce(db, Changed("suggestions-changed", frozenset({actor.id, *people})))
