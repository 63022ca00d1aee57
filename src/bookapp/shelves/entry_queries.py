"""Reading who has a book on a shelf, and what a person reads now."""

from sqlalchemy import and_, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.rules import person_url
from bookapp.books.lines import facts_of, lines
from bookapp.books.models import Book
from bookapp.circles.visibility import is_here, trusts, visible
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyRow, rows_as_json
from bookapp.shelves import rules
from bookapp.shelves.models import Entry, EntryTag, Reading
from bookapp.shelves.results import BookReaders, ReaderName, ReadingNow, StateCount

NO_BOOK = "There is no such book."
READERS = 12
"""So many names stand on the page of a book."""

TAGS = rows_as_json(
    select(EntryTag.name)
    .where(EntryTag.account_id == Entry.account_id, EntryTag.book_id == Entry.book_id)
    .order_by(EntryTag.name_key)
    .correlate(Entry)
)
"""The tags of an entry, as a column."""


async def show_readers(db: AsyncSession, actor: Actor, book_id: int) -> BookReaders:
    """Who reads a book here, as far as `actor` may see it: what they may not see is not counted either."""
    # Who only wrote a note for themselves, or owns a copy, is no reader of it yet.
    has = or_(Entry.state.is_not(None), Entry.quarters.is_not(None))
    seen = and_(Entry.book_id == book_id, has, visible(actor, Entry.account_id, Entry.seen_by), is_here())
    states = [func.count(case((Entry.state == state, 1))).label(state) for state in rules.STATES]
    counted = (
        await db.execute(
            select(func.count(), func.count(Entry.quarters), func.coalesce(func.sum(Entry.quarters), 0), *states)
            .select_from(Entry)
            .join(Account, Account.id == Entry.account_id)
            .where(seen)
        )
    ).one()
    count, rated, quarters, *per_state = (int(number) for number in counted)
    rows = await db.execute(
        select(Account.username, Entry.state, Entry.quarters)
        .join(Entry, Entry.account_id == Account.id)
        .where(seen, true() if actor.id is None else Account.id != actor.id)
        .order_by(
            trusts(actor.id, Entry.account_id).desc(), Entry.quarters.is_(None), Entry.state_at.desc(), Account.id
        )
        .limit(READERS)
    )
    return BookReaders(
        average=quarters / rules.QUARTERS / rated if rated else None,
        rating_count=rated,
        count=count,
        states=tuple(
            StateCount(state, rules.TITLES[state], number)
            for state, number in zip(rules.STATES, per_state, strict=True)
        ),
        readers=tuple(map(_reader, rows)),
    )


def _reader(row: AnyRow) -> ReaderName:
    return ReaderName(
        username=row.username,
        url=person_url(row.username),
        state=row.state,
        stars=rules.stars(row.quarters),
        stars_words=rules.stars_words(row.quarters),
    )


async def list_reading_now(db: AsyncSession, actor: Actor, limit: int) -> tuple[ReadingNow, ...]:
    """The books that a person reads, the one that they were last at first, each with how far they are."""
    newest = (
        select(Reading.book_id, func.max(Reading.id).label("id"))
        .where(Reading.account_id == actor.id, Reading.outcome == "reading")
        .group_by(Reading.book_id)
        .subquery()
    )
    rows = await db.execute(
        lines()
        .add_columns(Reading.page.label("at_page"), Reading.percent)
        .join(Entry, and_(Entry.book_id == Book.id, Entry.account_id == actor.id, Entry.state == "reading"))
        .outerjoin(newest, newest.c.book_id == Book.id)
        .outerjoin(Reading, Reading.id == newest.c.id)
        .order_by(func.coalesce(Reading.progressed_at, Entry.state_at).desc(), Book.id)
        .limit(limit)
    )
    return tuple(
        ReadingNow(
            **facts_of(row),
            percent=rules.progress(row.at_page, row.percent, row.pages),
            progress_words=rules.progress_words(row.at_page, row.percent, row.pages),
        )
        for row in rows
    )
