"""A person's year: counted by the database, in the same few statements however much they read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    String,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.languages import language_name
from bookapp.books.lines import facts_of, lines
from bookapp.books.models import UNKNOWN_YEAR, Author, Book, BookSubject, Contribution, Subject
from bookapp.circles.visibility import word
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyColumn, AnyRow, AnySelect
from bookapp.shelves.models import Entry, Reading
from bookapp.shelves.person_queries import Person, find_person
from bookapp.shelves.rules import settings_url
from bookapp.statistics import rules
from bookapp.statistics.models import Goal as GoalRow
from bookapp.statistics.queries import finished, had_read, today
from bookapp.statistics.results import Bar, BookRead, Goal, YearShown


@dataclass(slots=True)
class _Counts:
    """What was counted of a year, by kind and value."""

    whole: AnyRow
    of: dict[str, dict[str, int]] = field(default_factory=dict)

    def numbers(self, kind: str) -> dict[int, int]:
        """The counts of a kind whose values are numbers."""
        return {int(value): count for value, count in self.of.get(kind, {}).items()}

    def bars(self, kind: str) -> tuple[Bar, ...]:
        """The counts of a kind whose values are words, the largest first."""
        found = sorted(self.of.get(kind, {}).items(), key=lambda item: (-item[1], item[0]))
        return tuple(Bar(value, count) for value, count in found)


async def show_year(db: AsyncSession, actor: Actor, username: str, year: int) -> YearShown:
    """A person's year, as far as `actor` may see it; a year without books is an empty one.

    Raises NotFound for who is not here, and for what is no year.
    """
    person = await find_person(db, actor, username, absent=rules.ABSENT)
    if not rules.is_year(year):
        raise NotFound(rules.ABSENT)
    counts = await _count(db, actor, person, year)
    read = await _list_read(db, actor, person, year)
    ends = await _find_ends(db, actor, person, year)
    is_me, months = person.id == actor.id, counts.numbers("month")
    return YearShown(
        username=person.name,
        title=rules.title(person.name, year, is_me=is_me),
        year=year,
        is_me=is_me,
        books=counts.whole.books,
        again=counts.whole.again or 0,
        pages=counts.whole.pages or 0,
        some_time=months.get(0, 0),
        streak=rules.streak(months),
        average_days=round(counts.whole.days) if counts.whole.days is not None else None,
        **_average(counts.numbers("quarters")),
        **ends,
        **_plots(counts, _months_gone(actor, year)),
        goal=await _find_goal(db, actor, person, year, counts.whole.books),
        read=read,
        seen_by=word(person.choices.of_shelf("read")) if is_me else None,
        settings_url=settings_url(person.name) if is_me else None,
        url=rules.year_url(person.name, year),
        goal_url=rules.goal_url(person.name, year),
        before_url=rules.year_url(person.name, year - 1),
        after_url=rules.year_url(person.name, year + 1),
    )


def _of_year(actor: Actor, person: Person, year: int) -> AnySelect:
    first, last = rules.span(year)
    return finished(actor, person).where(Reading.finished_on >= first, Reading.finished_on <= last)


def _months_gone(actor: Actor, year: int) -> int:
    now = today(actor)
    return 12 if now.year > year else now.month if now.year == year else 0


def _average(quarters: Mapping[int, int]) -> dict[str, Any]:
    rated = sum(quarters.values())
    total = sum(value * count for value, count in quarters.items())
    return {"average_stars": round(total / rated / 4, 2) if rated else None}


def _plots(counts: _Counts, months_gone: int) -> dict[str, Any]:
    months = counts.numbers("month")
    in_months = {month: count for month, count in months.items() if month}
    languages = [Bar(language_name(bar.label), bar.count) for bar in counts.bars("language")][: rules.TOP]
    return {
        "months": rules.plot("Books by month", rules.month_bars(in_months)),
        "so_far": rules.plot("Books finished so far", rules.so_far(months, months_gone or 12)),
        "subjects": rules.plot("Subjects", counts.bars("subject"), ranked=True),
        "authors": rules.plot("Authors", counts.bars("author"), ranked=True),
        "languages": rules.plot("Languages", languages, ranked=True),
        "decades": rules.plot("First published", rules.decade_bars(counts.numbers("published"))),
        "ratings": rules.plot("Stars given", rules.star_bars(counts.numbers("quarters"))),
    }


async def _count(db: AsyncSession, actor: Actor, person: Person, year: int) -> _Counts:
    """Two statements: one for the whole, one for every kind of row."""
    days = _days(db.get_bind().dialect.name == "sqlite")
    read = (
        _of_year(actor, person, year)
        .with_only_columns(
            Reading.id,
            Reading.book_id,
            Reading.finished_on,
            Reading.finished_as,
            Entry.quarters,
            Book.pages,
            Book.language,
            Book.year_sort,
        )
        .cte("read")
    )
    whole = _of_year(actor, person, year).with_only_columns(
        func.count().label("books"),
        func.sum(cast(had_read(), Integer)).label("again"),
        func.sum(Book.pages).label("pages"),
        func.avg(days).label("days"),
    )
    counts = _Counts((await db.execute(whole)).one())
    rows = await db.execute(union_all(*(select(each.subquery()) for each in _kinds(read))))
    for row in rows:
        counts.of.setdefault(row.kind, {})[row.value] = row.n
    return counts


def _days(is_sqlite: bool) -> ColumnElement[Any]:
    """How many days a book took, the first and the last one counted; NULL where one of them is not known."""
    between = (
        func.julianday(Reading.finished_on) - func.julianday(Reading.started_on)
        if is_sqlite
        else type_coerce(Reading.finished_on - Reading.started_on, Integer)
    )
    known = (_is_day(Reading.started_as), _is_day(Reading.finished_as), Reading.started_on <= Reading.finished_on)
    return _only(between + 1, known)


def _is_day(exact: AnyColumn) -> ColumnElement[bool]:
    return func.coalesce(exact, "day") == "day"


def _only(value: AnyColumn, conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[Any]:
    return case((and_(*conditions), value))


def _kinds(read: CTE) -> Iterable[AnySelect]:
    month = func.coalesce(_month(read), 0)
    yield _rows(read, "month", cast(month, String)).group_by(month)
    yield _rows(read, "language", read.c.language).where(read.c.language.is_not(None)).group_by(read.c.language)
    published = read.c.year_sort
    yield _rows(read, "published", cast(published, String)).where(published != UNKNOWN_YEAR).group_by(published)
    # A rating is of the book, however often it was read.
    once = select(read.c.book_id, read.c.quarters).where(read.c.quarters.is_not(None)).distinct().subquery()
    yield _line("quarters", cast(once.c.quarters, String)).select_from(once).group_by(once.c.quarters)
    yield _top(
        _rows(read, "subject", Subject.name)
        .join(BookSubject, BookSubject.book_id == read.c.book_id)
        .join(Subject, Subject.id == BookSubject.subject_id)
        .group_by(Subject.id, Subject.name),
        Subject.name,
    )
    yield _top(
        _rows(read, "author", Author.name)
        .join(Contribution, Contribution.book_id == read.c.book_id)
        .join(Author, Author.id == Contribution.author_id)
        .group_by(Author.id, Author.name),
        Author.name,
    )


def _month(read: CTE) -> ColumnElement[Any]:
    """The month, where more than the year is known: the first of January stands for a whole year, too."""
    return _only(extract("month", read.c.finished_on), (func.coalesce(read.c.finished_as, "day") != "year",))


def _line(kind: str, value: AnyColumn) -> AnySelect:
    return select(literal(kind).label("kind"), value.label("value"), func.count().label("n"))


def _rows(read: CTE, kind: str, value: AnyColumn) -> AnySelect:
    return _line(kind, value).select_from(read)


def _top(statement: AnySelect, name: AnyColumn) -> AnySelect:
    return statement.order_by(func.count().desc(), name).limit(rules.TOP)


def _told() -> tuple[AnyColumn, ...]:
    return (Reading.finished_on, Reading.finished_as, Entry.quarters, had_read().label("again"))


def _lines(ids: Subquery) -> AnySelect:
    """Book lines of the readings with these ids, with what is told of each."""
    return (
        lines()
        .add_columns(Reading.id.label("reading_id"), *_told())
        .join(Reading, Reading.book_id == Book.id)
        .join(Entry, (Entry.account_id == Reading.account_id) & (Entry.book_id == Reading.book_id))
        .join(ids, ids.c.id == Reading.id)
    )


def _book(row: AnyRow) -> BookRead:
    return BookRead(
        **facts_of(row),
        finished=rules.finished_words(row.finished_on, row.finished_as),
        again=bool(row.again),
        stars=None if row.quarters is None else row.quarters / 4,
    )


async def _list_read(db: AsyncSession, actor: Actor, person: Person, year: int) -> tuple[BookRead, ...]:
    latest = (Reading.finished_on.desc(), Reading.id.desc())
    wanted = _of_year(actor, person, year).order_by(*latest).limit(rules.BOOKS_SHOWN)
    return tuple(map(_book, await db.execute(_lines(wanted.subquery()).order_by(*latest))))


async def _find_ends(db: AsyncSession, actor: Actor, person: Person, year: int) -> dict[str, Any]:
    """The first and the last book of the year, as far as that is known, the longest and the shortest."""
    of_year = _of_year(actor, person, year)
    dated, paged = of_year.where(_is_day(Reading.finished_as)), of_year.where(Book.pages.is_not(None))
    orders = {
        "first": dated.order_by(Reading.finished_on, Reading.id),
        "last": dated.order_by(Reading.finished_on.desc(), Reading.id.desc()),
        "longest": paged.order_by(Book.pages.desc(), Reading.id),
        "shortest": paged.order_by(Book.pages, Reading.id),
    }
    each = [select(one.add_columns(literal(kind).label("kind")).limit(1).subquery()) for kind, one in orders.items()]
    wanted = union_all(*each).subquery()
    found: dict[str, BookRead | None] = dict.fromkeys(orders)
    for row in await db.execute(_lines(wanted).add_columns(wanted.c.kind)):
        found[row.kind] = _book(row)
    return found


async def _find_goal(db: AsyncSession, actor: Actor, person: Person, year: int, done: int) -> Goal | None:
    """What the person means to read, for whoever sees their shelf of read books."""
    if person.choices.of_shelf("read") < person.reach:
        return None
    books = await db.scalar(select(GoalRow.books).where(GoalRow.account_id == person.id, GoalRow.year == year))
    if books is None:
        return None
    if person.id != actor.id:
        return Goal(books=books, done=done, expected=None, words="")
    now = today(actor)
    expected = rules.expected(books, year, now)
    return Goal(books=books, done=done, expected=expected, words=rules.pace_words(books, done, year, now))
