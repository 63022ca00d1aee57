"""What a fit reads, in steps that keep no long list, and what is known of the fits that were made."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.books.models import Book, BookChange, BookSubject, Contribution
from bookapp.core import clock
from bookapp.core.sql import AnyColumn, AnyRow, AnySelect
from bookapp.recommender import rules
from bookapp.recommender.material import Material
from bookapp.recommender.models import BookNeighbor, Fit, StaleBook
from bookapp.recommender.results import FitKnown
from bookapp.shelves.models import Entry, Reader

STEP = 20_000
"""Rows in one statement."""
FEW = 20
"""Below so many ratings a book's own rows are made anew when one comes; of others a day changes nothing to speak of."""
CURRENT = select(Fit.id).where(Fit.is_current).scalar_subquery()
_COUNTED = and_(
    ACTIVE,
    or_(Entry.quarters.is_not(None), Entry.state == "read"),
    ~exists().where(Reader.account_id == Entry.account_id, Reader.is_counted.is_(False)),
)
"""What counts of what people read: nothing of those who do not want that, or are leaving."""


async def read_material(db: AsyncSession) -> Material:
    """All books, and all that people whose ratings count have read of them."""
    material = replace(Material(), change_id=await db.scalar(select(func.max(BookChange.id))) or 0)
    books: dict[int, int] = {}
    series: dict[int, int] = {}
    async for row in _all(db, select(Book.id, Book.series_id).where(Book.deleted_at.is_(None)), Book.id):
        books[row.id] = len(material.ids)
        material.ids.append(row.id)
        material.series.append(-1 if row.series_id is None else series.setdefault(row.series_id, len(series)))
    for of, trait, book_of_trait, trait_of in (
        (Contribution.book_id, Contribution.author_id, material.book_of_author, material.author),
        (BookSubject.book_id, BookSubject.subject_id, material.book_of_subject, material.subject),
    ):
        numbers: dict[int, int] = {}
        async for book_id, trait_id in _all(db, select(of, trait), of, trait):
            if book_id in books:
                book_of_trait.append(books[book_id])
                trait_of.append(numbers.setdefault(trait_id, len(numbers)))
    await _read_ratings(db, books, material)
    return material


async def _read_ratings(db: AsyncSession, books: dict[int, int], material: Material) -> None:
    readers: dict[int, int] = {}
    read = select(Entry.account_id, Entry.book_id, Entry.quarters).join(Account, Account.id == Entry.account_id)
    async for account_id, book_id, quarters in _all(db, read.where(_COUNTED), Entry.account_id, Entry.book_id):
        if book_id in books:
            material.reader.append(readers.setdefault(account_id, len(readers)))
            material.book.append(books[book_id])
            material.quarters.append(quarters or 0)


async def _all(db: AsyncSession, statement: AnySelect, *key: AnyColumn) -> AsyncIterator[AnyRow]:
    """Every row in the order of its key, which its first columns are."""
    after: Sequence[int] = ()
    while True:
        step = statement.order_by(*key).limit(STEP)
        if after:
            step = step.where(_beyond(key, after))
        rows = (await db.execute(step)).all()
        for row in rows:
            yield row
        if len(rows) < STEP:
            return
        after = rows[-1][: len(key)]


def _beyond(key: Sequence[AnyColumn], after: Sequence[int]) -> ColumnElement[bool]:
    return key[0] > after[0] if len(key) == 1 else tuple_(*key) > tuple(after)


async def show_current(db: AsyncSession) -> FitKnown | None:
    """The generation in use, None when there is none yet."""
    fit = await db.scalar(select(Fit).where(Fit.is_current))
    if fit is None:
        return None
    return FitKnown(
        id=fit.id,
        made_at=fit.made_at,
        readers=fit.readers,
        ratings=fit.ratings,
        books=fit.books,
        neighbors=fit.neighbors,
        change_id=fit.change_id,
    )


async def is_changed(db: AsyncSession, fit: FitKnown) -> bool:
    """Whether another fit would come out differently, as far as counting tells."""
    newest = await db.scalar(select(func.max(Entry.rated_at)).where(Entry.quarters.is_not(None)))
    if (newest is not None and newest > fit.made_at) or await list_stale(db, fit, 1):
        return True
    counted = select(func.count(), func.count(Entry.account_id.distinct())).join(
        Account, Account.id == Entry.account_id
    )
    here = Entry.book_id.in_(select(Book.id).where(Book.deleted_at.is_(None)))
    ratings, readers = (await db.execute(counted.where(_COUNTED, here))).one()
    books = await db.scalar(select(func.count()).select_from(Book).where(Book.deleted_at.is_(None)))
    return (readers, ratings, books) != (fit.readers, fit.ratings, fit.books)


async def find_work(db: AsyncSession) -> Literal["fit", "refresh"] | None:
    """What the recommender should do now: learn all anew in the night, or about some books; None for nothing."""
    fit = await show_current(db)
    if fit is None:
        return "fit" if await db.scalar(select(Book.id).where(Book.deleted_at.is_(None)).limit(1)) else None
    if rules.is_due(fit.made_at, clock.now()) and await is_changed(db, fit):
        return "fit"
    return "refresh" if await list_stale(db, fit, 1) else None


async def list_stale(db: AsyncSession, fit: FitKnown, limit: int) -> list[int]:
    """Books whose rows are to be made anew: rated since, or added, edited, deleted or brought back."""
    rated = select(StaleBook.book_id).order_by(StaleBook.at, StaleBook.book_id).limit(limit)
    changed = select(BookChange.book_id).where(BookChange.id > fit.change_id).distinct().limit(limit)
    return list(dict.fromkeys([*await db.scalars(rated), *await db.scalars(changed)]))


async def list_refreshed(db: AsyncSession, fit: FitKnown, books: Sequence[int]) -> tuple[list[int], list[int]]:
    """Of these books, those rated too seldom to wait for the next fit, and those that the fit does not know."""
    often = (
        select(Entry.book_id)
        .where(Entry.book_id.in_(books), Entry.quarters.is_not(None))
        .group_by(Entry.book_id)
        .having(func.count() >= FEW)
    )
    known = select(BookNeighbor.target_id).where(BookNeighbor.fit_id == fit.id, BookNeighbor.target_id.in_(books))
    frequent, old = set(await db.scalars(often)), set(await db.scalars(known.distinct()))
    return [book for book in books if book not in frequent], [book for book in books if book not in old]


async def list_others(db: AsyncSession) -> list[int]:
    """The generations that are not in use: replaced, or never finished."""
    return list(await db.scalars(select(Fit.id).where(Fit.is_current.is_(False)).order_by(Fit.id)))
