"""What a list can be narrowed by, and how many books each choice leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, Subquery, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import String

from bookapp.books import rules
from bookapp.books.commands import BOOKS_ON_A_PAGE, FindBooks
from bookapp.books.finding import matching_id
from bookapp.books.languages import language_name
from bookapp.books.models import UNKNOWN_YEAR, Author, Book, BookSubject, Contribution, FacetCount, Series, Subject
from bookapp.books.results import Facets, FacetValue
from bookapp.core.paging import address
from bookapp.core.sql import AnyColumn, AnySelect
from bookapp.search.queries import WINDOW

SHOWN = {"author": 8, "subject": 14, "decade": 12, "language": 8}
LIST = "/books"


def list_url(question: FindBooks, **changes: object) -> str:
    """The address of the list that `question` asks for, with `changes`."""
    values = {name: getattr(question, name) for name in _PARAMETERS} | changes
    if values["limit"] == BOOKS_ON_A_PAGE:
        del values["limit"]
    return address(LIST, **values)


_PARAMETERS = tuple(field.name for field in fields(FindBooks) if field.name != "cursor")


async def count_everything(db: AsyncSession) -> tuple[Facets, int]:
    """The largest values of the whole catalogue and its size, from counts that are kept with every change."""
    rows = (await db.execute(union_all(*map(select, map(_sub, _kept_counts()))))).all()
    return _facets(rows, FindBooks(), complete=True), sum(row.n for row in rows if row.kind == "all")


def _kept_counts() -> Iterable[AnySelect]:
    yield _largest("author", Author, cast(Author.id, String))
    yield _largest("subject", Subject, Subject.name)
    kept = FacetCount
    yield _line(kept.kind, kept.value, kept.value, kept.book_count).where(kept.book_count > 0)


def _largest(kind: str, table: type[Author] | type[Subject], value: AnyColumn) -> AnySelect:
    return (
        _line(literal(kind), value, table.name, table.book_count)
        .where(table.book_count > 0)
        .order_by(table.book_count.desc(), table.id.desc())
        .limit(SHOWN[kind])
    )


def _line(kind: AnyColumn, value: AnyColumn, label: AnyColumn, n: AnyColumn) -> AnySelect:
    return select(kind.label("kind"), value.label("value"), label.label("label"), n.label("n"))


def _sub(statement: AnySelect) -> Subquery:
    # SQLite takes LIMIT inside a UNION only in a subquery.
    return statement.subquery()


async def count_among(db: AsyncSession, ids: Select[int], question: FindBooks) -> tuple[Facets, int | None]:
    """The values among the first WINDOW of `ids`, and how many these are; None when there are more."""
    hits = ids.limit(WINDOW).cte("hits")
    here = select(hits.c.id)
    counts = (
        _grouped("author", cast(Author.id, String), Author.name)
        .join(Contribution, Contribution.author_id == Author.id)
        .where(Contribution.book_id.in_(here))
        .group_by(Author.id, Author.name),
        _grouped("subject", Subject.name, Subject.name)
        .join(BookSubject, BookSubject.subject_id == Subject.id)
        .where(BookSubject.book_id.in_(here))
        .group_by(Subject.id, Subject.name),
        _grouped("decade", cast(Book.year_sort, String), cast(Book.year_sort, String))
        .where(Book.id.in_(here), Book.year_sort != UNKNOWN_YEAR)
        .group_by(Book.year_sort),
        _grouped("language", Book.language, Book.language)
        .where(Book.id.in_(here), Book.language.is_not(None))
        .group_by(Book.language),
    )
    limited: list[AnySelect] = [
        statement.order_by(func.count().desc()).limit(SHOWN[kind]) if kind in ("author", "subject") else statement
        for kind, statement in zip(SHOWN, counts, strict=True)
    ]
    limited.append(_grouped("all", literal(""), literal("")).select_from(hits))
    rows = (await db.execute(union_all(*map(select, map(_sub, limited))))).all()
    total = next(row.n for row in rows if row.kind == "all")
    complete = total < WINDOW
    return _facets(rows, question, complete=complete), total if complete else None


def _grouped(kind: str, value: AnyColumn, label: AnyColumn) -> AnySelect:
    return _line(literal(kind), value, label, func.count())


def _facets(rows: Iterable[Any], question: FindBooks, *, complete: bool) -> Facets:
    counts: dict[str, dict[tuple[str, str], int]] = {kind: {} for kind in SHOWN}
    for row in rows:
        if row.kind == "decade":
            decade = rules.decade_of(int(row.value))
            key = (str(decade), rules.decade_label(decade))
        elif row.kind == "language":
            key = (row.value, language_name(row.value))
        elif row.kind in SHOWN:
            key = (row.value, row.label)
        else:
            continue
        counts[row.kind][key] = counts[row.kind].get(key, 0) + row.n
    return Facets(**{kind: _values(kind, found, question) for kind, found in counts.items()}, complete=complete)


def _values(kind: str, found: Mapping[tuple[str, str], int], question: FindBooks) -> tuple[FacetValue, ...]:
    chosen = getattr(question, kind)
    largest = sorted(found.items(), key=lambda item: (-item[1], item[0][1]))[: SHOWN[kind]]
    if kind == "decade":
        largest.sort(key=lambda item: -int(item[0][0]))
    shown = []
    for (value, label), count in largest:
        is_chosen = _same(chosen, value, label)
        url = list_url(question, **{kind: None if is_chosen else value})
        shown.append(FacetValue(value, label, count, url, is_chosen))
    return tuple(shown)


def _same(chosen: object, value: str, label: str) -> bool:
    return chosen is not None and str(chosen).casefold() in (value.casefold(), label.casefold())


async def chosen_values(db: AsyncSession, question: FindBooks) -> tuple[FacetValue, ...]:
    """The filters in force, each with the address of the list without it."""
    labels: list[tuple[str, str, str]] = []
    if question.author:
        name = await db.scalar(select(Author.name).where(matching_id(Author, question.author)))
        labels.append(("author", question.author, name or question.author))
    if question.subject:
        name = await db.scalar(select(Subject.name).where(matching_id(Subject, question.subject)))
        labels.append(("subject", question.subject, name or question.subject))
    if question.series:
        name = await db.scalar(select(Series.name).where(matching_id(Series, question.series)))
        labels.append(("series", question.series, name or question.series))
    if question.decade is not None:
        labels.append(("decade", str(question.decade), rules.decade_label(rules.decade_of(question.decade))))
    if question.year is not None:
        labels.append(("year", str(question.year), str(question.year)))
    if question.language:
        labels.append(("language", question.language, language_name(question.language)))
    return tuple(
        FacetValue(value, label, 0, list_url(question, **{kind: None}), chosen=True) for kind, value, label in labels
    )
