"""Which readings of a person count, for whoever asks; and the years in which they read."""

from datetime import date

from sqlalchemy import ColumnElement, and_, extract, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.books.models import Book
from bookapp.circles.visibility import visible
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.sql import AnySelect
from bookapp.shelves.models import Entry, Reading
from bookapp.shelves.person_queries import Person, find_person
from bookapp.statistics import rules
from bookapp.statistics.models import Goal
from bookapp.statistics.results import Bar, YearLine, YearList

MOST_YEARS = 200


async def list_years(db: AsyncSession, actor: Actor, username: str) -> YearList:
    """The years in which a person finished books, as far as `actor` may see. Raises NotFound for who is not here."""
    person = await find_person(db, actor, username, absent=rules.ABSENT)
    year = extract("year", Reading.finished_on).label("year")
    rows = await db.execute(
        finished(actor, person)
        .with_only_columns(year, func.count().label("books"), func.sum(Book.pages).label("pages"))
        .group_by(year)
        .order_by(year.desc())
        .limit(MOST_YEARS)
    )
    years = tuple(
        YearLine(int(row.year), row.books, row.pages or 0, rules.year_url(person.name, int(row.year))) for row in rows
    )
    bars = [Bar(str(line.year), line.books) for line in reversed(years)]
    return YearList(
        username=person.name,
        is_me=person.id == actor.id,
        years=years,
        total=len(years),
        plot=rules.plot("Books by year", bars),
        this_year_url=rules.year_url(person.name, today(actor).year),
        url=rules.years_url(person.name),
    )


async def list_goals(db: AsyncSession, actor: Actor) -> dict[int, int]:
    """How many books a person meant to read, by year."""
    mine = select(Goal.year, Goal.books).where(Goal.account_id == actor.id).order_by(Goal.year)
    return {row.year: row.books for row in await db.execute(mine)}


def today(actor: Actor) -> date:
    """What day it is where that person is."""
    return clock.now().astimezone(clock.zone_of(actor.zone)).date()


def finished(actor: Actor, person: Person) -> AnySelect:
    """The times that a person finished a book on some date, with the book, as far as `actor` may see them."""
    return (
        select(Reading.id)
        .join(Entry, and_(Entry.account_id == Reading.account_id, Entry.book_id == Reading.book_id))
        .join(Book, Book.id == Reading.book_id)
        .where(
            Reading.account_id == person.id,
            Reading.outcome == "finished",
            Reading.finished_on.is_not(None),
            Book.deleted_at.is_(None),
            visible(actor, Entry.account_id, Entry.seen_by),
        )
    )


def had_read() -> ColumnElement[bool]:
    """Whether the book of a reading had been read before: on an earlier date, or on one that nobody knows."""
    before = aliased(Reading)
    earlier = or_(
        before.finished_on.is_(None),
        before.finished_on < Reading.finished_on,
        and_(before.finished_on == Reading.finished_on, before.id < Reading.id),
    )
    return (
        select(before.id)
        .where(
            before.account_id == Reading.account_id,
            before.book_id == Reading.book_id,
            before.outcome == "finished",
            before.id != Reading.id,
            earlier,
        )
        .exists()
    )
