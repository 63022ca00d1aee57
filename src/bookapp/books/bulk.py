"""Putting whole catalogues in: a few statements for a thousand books, repeatable, and kind to what people edited.

A source (`goodbooks`, `demo`) knows each book by a key. A key that is new becomes a book; a key that is known is
compared, and only what the source changed and no person has edited since is written. Deleted books stay deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import bulk_tables as tables
from bookapp.books import derived, rules
from bookapp.books.bulk_joining import keep_to_what_lacks
from bookapp.books.bulk_stored import Facts, Stored, find_stored, heaviest_first, key_of
from bookapp.books.edition_queries import find_by_isbns
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.events import CATALOGUE, announce
from bookapp.search import actions as search
from bookapp.search.documents import Document

BATCH = 1000
"""Books in one set of statements: 22 columns of 1,000 rows stay below the 32,766 parameters of one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRecord:
    """A book as a source tells it: clean values, within the lengths of the tables. At least one author."""

    key: str
    title: str
    authors: tuple[str, ...]
    isbn: str | None = None
    year: int | None = None
    language: str | None = None
    pages: int | None = None
    description: str | None = None
    subjects: tuple[tuple[str, int], ...] = ()
    """Names and weights; the heaviest comes first on the page."""
    series: str | None = None
    series_position: str | None = None
    rating_average: float | None = None
    rating_count: int = 0


@dataclass(frozen=True, slots=True)
class BulkCounts:
    """What became of the records; the three numbers add up to all of them."""

    new: int = 0
    known: int = 0
    """Already here and left alone: the same, edited by a person, or deleted."""
    changed: int = 0
    isbn_taken: tuple[str, ...] = ()
    """Keys of the records whose ISBN another book has; they were put in without it."""

    def __add__(self, other: "BulkCounts") -> "BulkCounts":
        return BulkCounts(
            self.new + other.new,
            self.known + other.known,
            self.changed + other.changed,
            self.isbn_taken + other.isbn_taken,
        )


@dataclass(frozen=True, slots=True)
class _Change:
    """A known book and what is different now: field to [before, after]."""

    stored: Stored
    facts: Facts
    fields: dict[str, list[Any]]


async def put_books(
    db: AsyncSession,
    actor: Actor,
    source: str,
    records: Sequence[BookRecord],
    *,
    sharing: bool = False,
    findable: bool = True,
) -> BulkCounts:
    """Bring the catalogue up to what `source` tells, in the order of `records`.

    Without `findable` search does not learn of it: for books that are taken out again in the same transaction. When
    `sharing`, books that somebody other than `actor` made are given what they lack, and keep what they have.
    May raise IntegrityError when another writer put in the same key or ISBN meanwhile; trying again is right then.
    """
    distinct = list({record.key: record for record in reversed(records)}.values())[::-1]
    counts = BulkCounts(known=len(records) - len(distinct))
    for start in range(0, len(distinct), BATCH):
        counts += await _put_batch(db, actor, source, distinct[start : start + BATCH], sharing, findable)
    if counts.new or counts.changed:
        announce(db, CATALOGUE)
    return counts


async def _put_batch(
    db: AsyncSession, actor: Actor, source: str, records: Sequence[BookRecord], sharing: bool, findable: bool
) -> BulkCounts:
    stored = await find_stored(db, source, [record.key for record in records], actor.name if sharing else None)
    told = {r.key: _facts(r) for r in records if not (r.key in stored and stored[r.key].deleted)}
    keep_to_what_lacks(told, stored)
    taken = await _drop_taken_isbns(db, told, stored)
    new = {key: facts for key, facts in told.items() if key not in stored}
    changes = [change for key in told if key in stored and (change := _compare(stored[key], told[key])).fields]
    if new or changes:
        written = await _write(db, actor, source, new, changes)
        if findable:
            await search.index(db, [_document(book_id, facts) for book_id, facts in written.items()])
    return BulkCounts(len(new), len(records) - len(new) - len(changes), len(changes), tuple(taken))


def _facts(record: BookRecord) -> Facts:
    authors = {key_of(name): name for name in reversed(record.authors)}
    subjects = {key_of(name): (name, weight) for name, weight in reversed(record.subjects)}
    return Facts(
        title=record.title,
        authors=tuple(reversed(authors.values())),
        isbn=record.isbn,
        year=record.year,
        language=record.language,
        pages=record.pages,
        description=record.description,
        subjects=tuple(sorted(subjects.values(), key=heaviest_first)),
        series=record.series,
        series_position=record.series_position if record.series else None,
        world_average=record.rating_average,
        world_count=record.rating_count,
    )


async def _drop_taken_isbns(db: AsyncSession, told: dict[str, Facts], stored: Mapping[str, Stored]) -> list[str]:
    """Take the ISBN from those facts whose ISBN belongs to another book, and name their keys."""
    owners: dict[str, int | str] = dict(await find_by_isbns(db, [f.isbn for f in told.values() if f.isbn]))
    taken = []
    for key, facts in told.items():
        if facts.isbn is None or (key in stored and "isbn" in stored[key].edited):
            continue
        me: int | str = stored[key].id if key in stored else key
        if owners.setdefault(facts.isbn, me) != me:
            taken.append(key)
            told[key] = replace(facts, isbn=None)
    return taken


def _compare(stored: Stored, told: Facts) -> _Change:
    """What the source tells differently, without the fields that a person edited."""
    fields = {
        name: [_shown(name, getattr(stored.facts, name)), _shown(name, getattr(told, name))]
        for name in Facts.__slots__
        if name not in stored.edited
        and _comparable(name, getattr(stored.facts, name)) != _comparable(name, getattr(told, name))
    }
    return _Change(stored, replace(stored.facts, **{name: getattr(told, name) for name in fields}), fields)


def _comparable(name: str, value: Any) -> Any:
    """Names that are the same name are equal, and of subjects only names and order matter."""
    match name:
        case "authors":
            return tuple(key_of(author) for author in value)
        case "subjects":
            return tuple(key_of(subject) for subject, _weight in value)
        case "series":
            return value and key_of(value)
    return value


def _shown(name: str, value: Any) -> Any:
    if name == "subjects":
        return [subject for subject, _weight in value]
    return list(value) if name == "authors" else value


async def _write(
    db: AsyncSession, actor: Actor, source: str, new: Mapping[str, Facts], changes: Sequence[_Change]
) -> dict[int, Facts]:
    """Store what is new and what changed; answers the facts of these books by their ids."""
    ids = await tables.find_or_make_names(
        db, [*new.values(), *(c.facts for c in changes), *(c.stored.facts for c in changes)]
    )
    made = await tables.insert_books(db, [_new_row(actor, facts, ids) for facts in new.values()])
    added = dict(zip(made, new.values(), strict=True))
    await tables.insert_sources(db, source, dict(zip(new, made, strict=True)))
    await tables.update_books(
        db, [_row(c.facts, ids, c.stored.here) | {"id": c.stored.id, "version": c.stored.version + 1} for c in changes]
    )
    await tables.unlink(
        db,
        authors=[c.stored.id for c in changes if "authors" in c.fields],
        subjects=[c.stored.id for c in changes if "subjects" in c.fields],
    )
    after = {c.stored.id: c.facts for c in changes}
    await tables.link_authors(db, added | {c.stored.id: c.facts for c in changes if "authors" in c.fields}, ids)
    await tables.link_subjects(db, added | {c.stored.id: c.facts for c in changes if "subjects" in c.fields}, ids)
    await tables.move_counts(db, ids, gone=[c.stored.facts for c in changes], come=[*added.values(), *after.values()])
    await _tell_history(db, actor, added, changes)
    return added | after


async def _tell_history(db: AsyncSession, actor: Actor, added: Mapping[int, Facts], changes: Sequence[_Change]) -> None:
    line = {"at": clock.now(), "actor_id": actor.id, "actor_name": actor.name, "what": "imported"}
    lines = [line | {"book_id": book_id, "version": 1, "fields": {}} for book_id in added]
    lines += [line | {"book_id": c.stored.id, "version": c.stored.version + 1, "fields": c.fields} for c in changes]
    await tables.insert_history(db, lines)


def _new_row(actor: Actor, facts: Facts, ids: tables.Ids) -> dict[str, Any]:
    made = {"random_key": rules.random_key(), "version": 1, "created_at": clock.now(), "created_by": actor.name}
    return _row(facts, ids) | made


def _row(facts: Facts, ids: tables.Ids, here: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """The columns of `book` that come from a source, and what is derived from them and the ratings `here`."""
    average, count = rules.together(facts.world_average, facts.world_count, *here)
    return {
        "title": facts.title,
        "author_id": ids.author(facts.authors[0]),
        "author_sort": rules.author_sort(facts.authors[0]),
        "year": facts.year,
        "language": facts.language,
        "pages": facts.pages,
        "isbn": facts.isbn,
        "description": facts.description,
        "series_id": None if facts.series is None else ids.series(facts.series),
        "series_position": facts.series_position,
        "world_average": facts.world_average,
        "world_count": facts.world_count,
        "rating_average": average,
        "rating_count": count,
        "score": rules.score(average, count),
        **derived.columns(facts.title, facts.year, facts.series_position),
    }


def _document(book_id: int, facts: Facts) -> Document:
    subjects = (subject for subject, _weight in facts.subjects)
    return derived.document(book_id, facts.title, facts.authors, facts.series, subjects, facts.isbn)
