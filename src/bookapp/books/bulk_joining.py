"""Recognising books that are here when a large catalogue comes in, so that it joins them instead of doubling them."""

from collections.abc import Mapping, MutableMapping, Sequence, Set
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.bulk_stored import Facts, Stored
from bookapp.books.bulk_tables import insert_sources
from bookapp.books.edition_queries import find_by_isbns
from bookapp.books.models import Book, BookSource
from bookapp.core.sql import is_among

_LOOKED_THROUGH = 20_000


class Named(NamedTuple):
    """By what a book is recognised."""

    isbns: Sequence[str]
    """All under which it was published."""
    former: Sequence[str] = ()
    """Other keys by which the source knew it once."""
    same_name: int | None = None
    """A book that has its title and its author, if it is still there (`list_others`)."""


async def join_books(db: AsyncSession, source: str, told: Mapping[str, Named], maker: str) -> int:
    """Let keys of `source` that are new lead to the books of others than `maker` that they mean; returns how many do.

    A book is meant by a former key, by one of its ISBNs, or by its title and first author.
    """
    known = await _by_key(db, source, list(told))
    new = {key: named for key, named in told.items() if key not in known}
    if not new:
        return 0
    by_former = await _by_key(db, source, [key for named in new.values() for key in named.former])
    by_isbn = await _by_isbn(db, [isbn for named in new.values() for isbn in named.isbns], maker)
    by_name = await _still_there(db, {named.same_name for named in new.values()} - {None}, maker)
    joined: dict[str, int] = {}
    for key, named in new.items():
        meant = [by_former.get(one) for one in named.former] + [by_isbn.get(isbn) for isbn in named.isbns]
        meant.append(named.same_name if named.same_name in by_name else None)
        if found := [book_id for book_id in meant if book_id is not None]:
            joined[key] = found[0]
    await insert_sources(db, source, joined)
    return len(joined)


async def _by_key(db: AsyncSession, source: str, keys: Sequence[str]) -> dict[str, int]:
    if not keys:
        return {}
    rows = await db.execute(
        select(BookSource.key, BookSource.book_id).where(
            BookSource.source == source, is_among(db, BookSource.key, keys)
        )
    )
    return {row.key: row.book_id for row in rows}


async def _by_isbn(db: AsyncSession, isbns: Sequence[str], maker: str) -> dict[str, int]:
    found = await find_by_isbns(db, isbns)
    others = await _still_there(db, set(found.values()), maker)
    return {isbn: book_id for isbn, book_id in found.items() if book_id in others}


async def _still_there(db: AsyncSession, ids: Set[int | None], maker: str) -> set[int]:
    if not ids:
        return set()
    there = and_(Book.created_by != maker, Book.deleted_at.is_(None))
    return set(await db.scalars(select(Book.id).where(is_among(db, Book.id, ids), there)))


async def list_others(db: AsyncSession, after: int, maker: str) -> tuple[list[tuple[str, str, int]], int | None]:
    """The folded title, the folded author and the id of books that others than `maker` made, and where to go on.

    Some of the ids above `after` are looked through: a question by title, for each of a million books, would go
    through all books called Poems again and again.
    """
    last = await db.scalar(select(func.max(Book.id))) or 0
    rows = await db.execute(
        select(Book.title_sort, Book.author_sort, Book.id)
        .where(Book.id > after, Book.id <= after + _LOOKED_THROUGH)
        .where(Book.created_by != maker, Book.deleted_at.is_(None))
        .order_by(Book.id)
    )
    onward = after + _LOOKED_THROUGH
    return [(row.title_sort, row.author_sort, row.id) for row in rows], onward if onward < last else None


def keep_to_what_lacks(told: MutableMapping[str, Facts], stored: Mapping[str, Stored]) -> None:
    """Let `told` say of shared books what they lack and nothing else, under the first key that leads there."""
    first: dict[int, str] = {}
    for key in [key for key in told if key in stored and stored[key].shared]:
        lead = first.setdefault(stored[key].id, key)
        told[lead] = _filled(stored[key].facts if lead == key else told[lead], told[key])
        if lead != key:
            del told[key]


def _filled(has: Facts, told: Facts) -> Facts:
    given: dict[str, Any] = {
        name: getattr(told, name)
        for name in ("isbn", "year", "language", "pages", "description", "subjects")
        if not getattr(has, name)
    }
    if not has.world_count:
        given |= {"world_average": told.world_average, "world_count": told.world_count}
    return replace(has, **given)
