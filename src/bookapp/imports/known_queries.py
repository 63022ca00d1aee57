"""What is known of the rows of a step, in a handful of statements for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.books.edition_queries import find_by_isbns
from bookapp.books.keeping_queries import find_written_here
from bookapp.books.models import Author, Book, BookSource, Contribution
from bookapp.core.actor import Actor
from bookapp.core.sql import is_among, texts_as_rows
from bookapp.imports import matching, rules
from bookapp.imports.matching import Known, Match, title_of
from bookapp.imports.models import ImportMemory, ImportRow
from bookapp.imports.told import BookTold, RowTold

_MOST = 5000
"""Books that are compared with the rows of one step: of "Poems" there may be thousands."""
_LAST = "\U0010ffff"
_BEGINNINGS = 50
"""In one statement: an author of thousands of books must not crowd out those of the other rows."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a file told of a row before."""

    book_id: int
    is_deleted: bool
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person said of a row."""

    state: str
    book_id: int | None
    is_new: bool


async def find_person(db: AsyncSession, account_id: int) -> Actor | None:
    """The person whose import it is; None when they may not do anything here any more."""
    return await _find_person(db, Account.id == account_id)


async def find_person_by_name(db: AsyncSession, name_key: str) -> Actor | None:
    """The person of that name."""
    return await _find_person(db, Account.username_key == name_key)


async def _find_person(db: AsyncSession, who: ColumnElement[bool]) -> Actor | None:
    row = await db.scalar(select(Account).where(who, Account.disabled_at.is_(None)))
    if row is None:
        return None
    return Actor(row.id, row.username, is_admin=row.role == "admin", zone=row.time_zone)


async def find_memories(db: AsyncSession, actor: Actor, source: str, keys: Iterable[str]) -> dict[str, Remembered]:
    """What the rows with these keys told a person's shelves the last time."""
    rows = await db.execute(
        select(ImportMemory.key, ImportMemory.book_id, ImportMemory.told, Book.deleted_at)
        .join(Book, Book.id == ImportMemory.book_id)
        .where(ImportMemory.account_id == actor.id, ImportMemory.source == source)
        .where(is_among(db, ImportMemory.key, keys))
    )
    return {row.key: Remembered(row.book_id, row.deleted_at is not None, row.told) for row in rows}


async def find_choices(db: AsyncSession, import_id: int, numbers: Sequence[int]) -> dict[int, Chosen]:
    """What its person said of the rows with these numbers."""
    rows = await db.execute(
        select(ImportRow.number, ImportRow.state, Book.id.label("book_id"), ImportRow.is_new)
        .outerjoin(Book, and_(Book.id == ImportRow.book_id, Book.deleted_at.is_(None)))
        .where(
            ImportRow.import_id == import_id,
            is_among(db, ImportRow.number, numbers),
            ImportRow.state.in_(("chosen", "put", "left")),
        )
    )
    return {row.number: Chosen(row.state, row.book_id, row.is_new) for row in rows}


async def find_matches(
    db: AsyncSession, actor: Actor, source: str, rows: Mapping[int, RowTold], before: Mapping[str, Remembered]
) -> dict[int, Match]:
    """Which book each row is about: by what was remembered, by number, by title and author, in this order."""
    found: dict[int, Match] = {}
    gone: set[int] = set()
    for number, told in rows.items():
        memory = before.get(told.key)
        if memory is not None and not memory.is_deleted:
            found[number] = Match(book_id=memory.book_id)
        elif memory is not None:
            gone.add(number)
    rest = {number: told for number, told in rows.items() if number not in found}
    if not rest:
        return found
    numbered, deleted = await _by_number(db, actor, source, rest)
    gone |= deleted
    named = {number: told for number, told in rest.items() if number not in numbered and told.book.title}
    places = await _find_places(db, [told.book for told in named.values()])
    books = await _find_books(db, {*numbered.values(), *places})
    near = _near(places, books)
    for number, told in rest.items():
        found[number] = _match(told.book, numbered.get(number), books, near)
        if found[number] == matching.NEW and number in gone:
            found[number] = matching.DELETED
    return found


def _near(places: Mapping[int, str], books: Mapping[int, Known]) -> dict[str, list[Known]]:
    """The books that come into question, by their titles and by the beginnings of their authors' places."""
    near: defaultdict[str, list[Known]] = defaultdict(list)
    for book_id, author_sort in places.items():
        if book_id in books:
            for key in (*books[book_id].title.keys, f"by {matching.beginning(author_sort)}"):
                near[key].append(books[book_id])
    return near


def _match(
    told: BookTold, numbered: int | None, books: Mapping[int, Known], near: Mapping[str, Sequence[Known]]
) -> Match:
    if numbered is not None:
        if numbered in books and matching.agrees(told, books[numbered]):
            return Match(book_id=numbered)
        return Match(candidates=(numbered,), is_doubtful=True, reason=matching.OTHER)
    if not told.title:
        return matching.NEW
    keys = [*title_of(told.title).keys, *(f"by {matching.author_prefix(name)}" for name in told.authors)]
    found = {book.id: book for key in keys for book in near.get(key, ())}
    return matching.decide(told, list(found.values()))


async def _by_number(
    db: AsyncSession, actor: Actor, source: str, rows: Mapping[int, RowTold]
) -> tuple[dict[int, int], set[int]]:
    """The books that the rows' own numbers and ISBNs lead to, and the rows whose book was deleted."""
    keys = {rules.catalogue_key(source, actor.id or 0, told.key): number for number, told in rows.items()}
    query = (
        select(BookSource.key, BookSource.book_id, Book.deleted_at)
        .join(Book, Book.id == BookSource.book_id)
        .where(BookSource.source == rules.source_of(source), is_among(db, BookSource.key, keys))
    )
    sources = {row.key: row for row in await db.execute(query)}
    owners = await find_by_isbns(db, [isbn for told in rows.values() for isbn in told.book.isbns])
    # Whoever brings back what they took along here means the very same books.
    own = await find_written_here(db, [told.key for told in rows.values()]) if source == rules.OURS else {}
    found: dict[int, int] = {}
    gone: set[int] = set()
    for number, told in rows.items():
        row = sources.get(rules.catalogue_key(source, actor.id or 0, told.key))
        if row is not None and row.deleted_at is None:
            found[number] = row.book_id
            continue
        if row is not None:
            gone.add(number)
        if told.key in own:
            found[number] = own[told.key]
            continue
        book_id = next((owners[isbn] for isbn in told.book.isbns if isbn in owners), None)
        if book_id is not None:
            found[number] = book_id
    return found, gone


async def _find_places(db: AsyncSession, told: Sequence[BookTold]) -> dict[int, str]:
    """The books that come into question for these: of their titles, or by their authors; with the author's place."""
    titles = sorted({key for book in told for key in title_of(book.title).keys if key})
    authors = sorted({matching.author_prefix(name) for book in told for name in book.authors[:2]})
    if not titles:
        return {}
    here = Book.deleted_at.is_(None)
    query = select(Book.id, Book.author_sort)
    rows = list(await db.execute(query.where(here, is_among(db, Book.title_sort, titles)).limit(_MOST)))
    if alone := [name for name in authors if " " not in name]:
        rows += await db.execute(query.where(here, is_among(db, Book.author_sort, alone)).limit(_MOST))
    parted = [name for name in authors if " " in name]
    for start in range(0, len(parted), _BEGINNINGS):
        # Joined to the beginnings: of as many conditions with OR, SQLite would ask each book that there is.
        beginning = texts_as_rows(db, parted[start : start + _BEGINNINGS], "beginning").c.value
        within = and_(Book.author_sort >= beginning, Book.author_sort <= beginning.concat(_LAST))
        rows += await db.execute(query.join_from(beginning.table, Book, within).where(here).limit(_MOST))
    return {row.id: row.author_sort for row in rows}


async def _find_books(db: AsyncSession, ids: Iterable[int]) -> dict[int, Known]:
    wanted = sorted(ids)
    titles: dict[int, tuple[str, int | None]] = {}
    authors: defaultdict[int, list[str]] = defaultdict(list)
    for start in range(0, len(wanted), _MOST):
        part = wanted[start : start + _MOST]
        for row in await db.execute(select(Book.id, Book.title, Book.year).where(is_among(db, Book.id, part))):
            titles[row.id] = (row.title, row.year)
        names = (
            select(Contribution.book_id, Author.name)
            .join(Author, Author.id == Contribution.author_id)
            .where(is_among(db, Contribution.book_id, part))
            .order_by(Contribution.book_id, Contribution.position)
        )
        for book_id, name in await db.execute(names):
            authors[book_id].append(name)
    return {
        book_id: matching.known(book_id, title, authors[book_id], year) for book_id, (title, year) in titles.items()
    }
