"""Making two books one, and two of one again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import counts, rules
from bookapp.books.actions import Counted, counted, derive, note, reindex, store
from bookapp.books.edition_actions import add_edition, move_editions, remove_edition
from bookapp.books.merge_rules import Kept, Moved, given_back, missing
from bookapp.books.models import Book, BookSource, BookSubject, Series, Subject
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.search import actions as search

Changes = dict[str, list[Any]]


async def move(db: AsyncSession, actor: Actor, from_id: int, into_id: int) -> Moved:
    """Give the second book what it lacks and the first one has; the first one is deleted, as books are.

    Raises NotFound.
    """
    books = await _lock(db, from_id, into_id)
    if set(books) != {from_id, into_id} or any(book.deleted_at is not None for book in books.values()):
        raise NotFound("There is no such book.")
    gone, stays = books[from_id], books[into_id]
    before = [await counted(db, gone), await counted(db, stays)]
    subjects = await _added_subjects(db, gone.id, stays.id)
    sources = await _move_sources(db, gone.id, stays.id)
    given = missing(gone, stays)
    editions = await move_editions(db, gone.id, stays.id)
    own = None if "isbn" in given else await add_edition(db, gone, stays.id)
    # One after the other: the ISBN must be free before the other book has it.
    gone.deleted_at = clock.now()
    gone.version += 1
    await db.flush()
    changed = await _set(db, stays, given)
    if subjects:
        changed["subjects"] = [[], await _names(db, subjects)]
    await store(db)
    await search.forget(db, [gone.id])
    await reindex(db, [stays.id])
    await note(db, actor, gone, "deleted", {"merged_into": [None, _named(stays)]})
    await note(db, actor, stays, "edited", {"merged_with": [None, _named(gone)], **changed})
    await _count(db, before, [await counted(db, stays)])
    kept: Kept = {"given": given, "subjects": subjects, "sources": sources, "editions": editions, "own_edition": own}
    return Moved(gone.title, stays.title, kept)


async def move_back(db: AsyncSession, actor: Actor, from_id: int, into_id: int, kept: Kept) -> list[str]:
    """Bring the first book back, and take from the second what it was given, unless that was changed since.

    Returns what could not be brought back. Raises NotFound when one of them is gone for ever.
    """
    books = await _lock(db, from_id, into_id)
    if set(books) != {from_id, into_id}:
        raise NotFound("One of the two books is gone for ever.")
    again, stays = books[from_id], books[into_id]
    before = [await counted(db, book) for book in books.values() if book.deleted_at is None]
    back, since = given_back(stays, kept["given"])
    remarks = [f"The {name} of “{stays.title}” was changed since, and stays." for name in since]
    changed = await _set(db, stays, back)
    if taken := await _take_subjects(db, stays.id, kept["subjects"]):
        changed["subjects"] = [await _names(db, taken), []]
    await _move_sources(db, stays.id, again.id, kept["sources"])
    await move_editions(db, stays.id, again.id, kept.get("editions", []))  # merges of before have none
    await remove_edition(db, stays.id, kept.get("own_edition"))
    await store(db)
    if again.deleted_at is None:
        remarks.append(f"“{again.title}” was already back.")
    else:
        remarks += await _return(db, again)
        await note(db, actor, again, "restored", {"merged_into": [_named(stays), None]})
    await note(db, actor, stays, "edited", {"merged_with": [_named(again), None], **changed})
    await reindex(db, [again.id, stays.id])
    await _count(db, before, [await counted(db, book) for book in books.values() if book.deleted_at is None])
    return remarks


async def _lock(db: AsyncSession, *ids: int) -> dict[int, Book]:
    rows = await db.scalars(select(Book).where(Book.id.in_(ids)).order_by(Book.id).with_for_update())
    return {row.id: row for row in rows}


def _named(book: Book) -> str:
    return f"{book.title} (number {book.id})"


async def _set(db: AsyncSession, book: Book, values: Mapping[str, Any]) -> Changes:
    """Set columns of a book and say what changed, as its history has it."""
    changed: Changes = {}
    for name, value in values.items():
        before = getattr(book, name)
        setattr(book, name, value)
        if name == "cover":
            changed[name] = ["picture" if before else "drawn", "picture" if value else "drawn"]
        elif name == "series_id":
            changed["series"] = [await _series(db, before), await _series(db, value)]
        elif name not in ("world_count", "world_average") and before != value:
            changed[name] = [before, value]
    if "world_count" in values:
        here = (book.here_quarters, book.here_count)
        book.rating_average, book.rating_count = rules.together(book.world_average, book.world_count, *here)
        book.score = rules.score(book.rating_average, book.rating_count)
    derive(book)
    book.version += 1
    return changed


async def _series(db: AsyncSession, series_id: int | None) -> str | None:
    with db.no_autoflush:
        return await db.scalar(select(Series.name).where(Series.id == series_id)) if series_id else None


async def _return(db: AsyncSession, book: Book) -> list[str]:
    """Put a deleted book back, without its ISBN if another book has that by now."""
    taken = select(Book.id).where(Book.isbn == book.isbn, Book.deleted_at.is_(None)).limit(1)
    remarks = []
    if book.isbn is not None and await db.scalar(taken) is not None:
        remarks.append(f"Another book has the ISBN {book.isbn} now, so “{book.title}” is back without it.")
        book.isbn = None
    book.deleted_at = None
    book.version += 1
    await store(db)
    return remarks


async def _added_subjects(db: AsyncSession, from_id: int, into_id: int) -> list[int]:
    there = select(BookSubject.subject_id).where(BookSubject.book_id == into_id)
    rows = (
        await db.execute(
            select(BookSubject.subject_id, BookSubject.weight)
            .where(BookSubject.book_id == from_id, BookSubject.subject_id.not_in(there))
            .order_by(BookSubject.subject_id)
        )
    ).all()
    if rows:
        new = [{"book_id": into_id, "subject_id": row.subject_id, "weight": row.weight} for row in rows]
        await db.execute(insert(BookSubject), new)
    return [row.subject_id for row in rows]


async def _take_subjects(db: AsyncSession, book_id: int, ids: list[int]) -> list[int]:
    """Take those subjects from a book that it still has, and return them."""
    mine = and_(BookSubject.book_id == book_id, BookSubject.subject_id.in_(ids))
    found = list(await db.scalars(select(BookSubject.subject_id).where(mine)))
    await db.execute(delete(BookSubject).where(mine))
    return found


async def _names(db: AsyncSession, subjects: list[int]) -> list[str]:
    with db.no_autoflush:
        return list(await db.scalars(select(Subject.name).where(Subject.id.in_(subjects)).order_by(Subject.name)))


async def _move_sources(
    db: AsyncSession, from_id: int, into_id: int, only: list[list[str]] | None = None
) -> list[list[str]]:
    """Let the keys of other catalogues mean the other book, all or `only` some, and return them."""
    if only == []:
        return []
    which = BookSource.book_id == from_id
    if only is not None:
        which = and_(which, tuple_(BookSource.source, BookSource.key).in_([tuple(key) for key in only]))
    rows = await db.execute(select(BookSource.source, BookSource.key).where(which))
    found = [[row.source, row.key] for row in rows]
    await db.execute(
        update(BookSource).where(which).values(book_id=into_id).execution_options(synchronize_session=False)
    )
    return found


async def _count(db: AsyncSession, before: list[Counted], after: list[Counted]) -> None:
    """Move the counts of both books at once, in one order, so that two merges never wait crosswise."""

    def all_of(found: list[Counted], name: str) -> list[Any]:
        return [one for each in found for one in getattr(each, name)]

    changes = (counts.difference(all_of(before, n), all_of(after, n)) for n in ("authors", "subjects", "facets"))
    await counts.move(db, *changes)
