"""What `bulk` compares with: the facts of the books that a source put in before, a few statements for a batch."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.books.models import Author, Book, BookChange, BookSource, BookSubject, Contribution, Series, Subject
from bookapp.core.sql import is_among
from bookapp.core.text import name_key

key_of = lru_cache(10_000)(name_key)
"""`name_key`, remembered: a batch asks for the same few names again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a source may tell about a book. The names are those of a book's history."""

    title: str
    authors: tuple[str, ...]
    isbn: str | None
    year: int | None
    language: str | None
    pages: int | None
    description: str | None
    subjects: tuple[tuple[str, int], ...]
    series: str | None
    series_position: str | None
    world_average: float | None
    world_count: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A book that the source's key already leads to."""

    id: int
    version: int
    deleted: bool
    facts: Facts
    edited: frozenset[str]
    """The facts that a person edited since the import."""
    shared: bool
    """Somebody else made it, or the source knows it by several keys: it is given only what it lacks."""
    here: tuple[int, int]
    """The ratings of readers here: their sum in quarter stars, and how many."""


async def find_stored(db: AsyncSession, source: str, keys: Sequence[str], maker: str | None) -> dict[str, Stored]:
    """The books that these keys of `source` lead to, locked until the transaction ends.

    With a `maker`, books that somebody of another name made are shared ones.
    """
    other = aliased(BookSource)
    several = select(other.key).where(
        other.book_id == BookSource.book_id, other.source == source, other.key != BookSource.key
    )
    query = (
        select(BookSource.key, *Book.__table__.c, Series.name.label("series"), several.exists().label("several"))
        .join(Book, Book.id == BookSource.book_id)
        .outerjoin(Series, Series.id == Book.series_id)
        .where(BookSource.source == source, is_among(db, BookSource.key, keys))
        .order_by(Book.id)
        .with_for_update(of=Book)
    )
    rows = (await db.execute(query)).all()
    if not rows:
        return {}
    ids = [row.id for row in rows]
    authors, renamed = await _authors_of(db, ids)
    subjects = await _subjects_of(db, ids)
    edited = await _edited(db, [row.id for row in rows if row.version > 1])
    return {
        row.key: Stored(
            row.id,
            row.version,
            row.deleted_at is not None,
            Facts(
                **{name: getattr(row, name) for name in Facts.__slots__ if name not in ("authors", "subjects")},
                authors=tuple(authors[row.id]),
                subjects=tuple(subjects[row.id]),
            ),
            frozenset(edited[row.id] | ({"authors"} if row.id in renamed else set())),
            row.several or (maker is not None and row.created_by != maker),
            (row.here_quarters, row.here_count),
        )
        for row in rows
    }


async def _authors_of(db: AsyncSession, ids: Sequence[int]) -> tuple[dict[int, list[str]], set[int]]:
    """The author line of each book, and the books of which a person renamed an author."""
    query = (
        select(Contribution.book_id, Author.name, Author.version)
        .join(Author, Author.id == Contribution.author_id)
        .where(Contribution.book_id.in_(ids))
        .order_by(Contribution.book_id, Contribution.position)
    )
    authors: defaultdict[int, list[str]] = defaultdict(list)
    renamed: set[int] = set()
    for book_id, name, version in await db.execute(query):
        authors[book_id].append(name)
        if version > 1:
            renamed.add(book_id)
    return authors, renamed


async def _subjects_of(db: AsyncSession, ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    query = (
        select(BookSubject.book_id, Subject.name, BookSubject.weight)
        .join(Subject, Subject.id == BookSubject.subject_id)
        .where(BookSubject.book_id.in_(ids))
    )
    subjects: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for book_id, name, weight in await db.execute(query):
        subjects[book_id].append((name, weight))
    for pairs in subjects.values():
        pairs.sort(key=heaviest_first)
    return subjects


def heaviest_first(subject: tuple[str, int]) -> tuple[int, str]:
    """The order of a book's subjects, given as name and weight."""
    return -subject[1], key_of(subject[0])


async def _edited(db: AsyncSession, ids: Sequence[int]) -> dict[int, set[str]]:
    """Which facts people edited. An edit names the first author `author`; the whole author line is then theirs."""
    query = select(BookChange.book_id, BookChange.fields).where(
        BookChange.book_id.in_(ids), BookChange.what == "edited"
    )
    edited: defaultdict[int, set[str]] = defaultdict(set)
    for book_id, fields in await db.execute(query):
        edited[book_id].update("authors" if name == "author" else name for name in fields)
    return edited
