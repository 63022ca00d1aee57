"""Changing the catalogue. Every change is kept in the book's history."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import counts, derived, rules
from bookapp.books.commands import AddBook, EditBook
from bookapp.books.edition_queries import find_by_isbns
from bookapp.books.lines import lines
from bookapp.books.models import Author, Book, BookChange, BookSubject, Contribution, Series, Subject
from bookapp.books.names import ids_by_name
from bookapp.books.queries import find_book, show_book
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Busy, Conflict, Invalid, Stale
from bookapp.core.events import CATALOGUE, announce
from bookapp.core.text import name_key
from bookapp.search import actions as search

PLAIN = ("title", "isbn", "year", "language", "pages", "description", "series_position")


async def add_book(db: AsyncSession, actor: Actor, command: AddBook) -> int:
    """Add a book and return its id. Raises Invalid when another book has the ISBN."""
    author_id = (await ids_by_name(db, Author, [command.author]))[name_key(command.author)]
    book = Book(
        author_id=author_id,
        author_sort=rules.author_sort(command.author),
        random_key=rules.random_key(),
        created_at=clock.now(),
        created_by=actor.name,
        version=1,
        **{name: getattr(command, name) for name in PLAIN},
    )
    derive(book)
    await _check_isbn(db, book)
    if command.series:
        book.series_id = (await ids_by_name(db, Series, [command.series]))[name_key(command.series)]
    db.add(book)
    await store(db)
    await db.execute(insert(Contribution).values(book_id=book.id, author_id=author_id, position=0))
    subjects = await _put_subjects(db, book.id, command.subjects or [])
    await _finish(db, actor, book, "added", {})
    await _count(db, Counted(), Counted({author_id}, subjects, counts.facets_of(book.year, book.language)))
    return book.id


async def edit_book(db: AsyncSession, actor: Actor, book_id: int, command: EditBook, version: int | None) -> None:
    """Change what `command` holds; `version` is the one that was read, None for whichever is there.

    Raises NotFound, Conflict with the newer book when it is no longer `version`, Invalid for a taken ISBN.
    """
    book = await find_book(db, book_id)
    await _check_version(db, book, version)
    before = await counted(db, book)
    # The book is sent by `store` alone, which knows what a taken ISBN means; a query in between must not send it.
    with db.no_autoflush:
        changed = _set_plain(book, command)
        await _edit_author(db, book, command, changed)
        await _edit_series(db, book, command, changed)
        await _edit_subjects(db, book, command, changed)
        if "isbn" in changed:
            await _check_isbn(db, book)
    if not changed:
        return
    derive(book)
    book.version += 1
    await store(db)
    await _finish(db, actor, book, "edited", changed)
    await _count(db, before, await counted(db, book))


async def delete_book(db: AsyncSession, actor: Actor, book_id: int, version: int | None) -> str:
    """Take a book out of the catalogue, to be restored if wanted, and return its title.

    Raises NotFound, and Conflict when it is no longer `version`.
    """
    book = await find_book(db, book_id)
    await _check_version(db, book, version)
    book.deleted_at = clock.now()
    book.version += 1
    await db.flush()
    await search.forget(db, [book.id])
    await note(db, actor, book, "deleted", {})
    announce(db, CATALOGUE)
    await _count(db, await counted(db, book), Counted())
    return book.title


async def restore_book(db: AsyncSession, actor: Actor, book_id: int, version: int | None) -> None:
    """Put a deleted book back; one that is there stays.

    Raises NotFound, Stale when it is no longer `version`, Invalid when its ISBN was taken meanwhile.
    """
    book = await find_book(db, book_id, or_deleted=True)
    if book.deleted_at is None:
        return
    if version is not None and book.version != version:
        raise Stale("The deleted book has another version.")
    book.deleted_at = None
    book.version += 1
    await store(db)
    await _finish(db, actor, book, "restored", {})
    await _count(db, Counted(), await counted(db, book))


async def set_cover(db: AsyncSession, actor: Actor, book_id: int, cover: str | None, version: int | None) -> None:
    """Give a book the stored cover with this hash, or none.

    Raises NotFound, and Conflict when it is no longer `version`.
    """
    book = await find_book(db, book_id)
    await _check_version(db, book, version)
    if book.cover == cover:
        return
    had, book.cover = book.cover is not None, cover
    book.version += 1
    await db.flush()
    words = {True: "picture", False: "drawn"}
    await note(db, actor, book, "cover", {"cover": [words[had], words[cover is not None]]})
    announce(db, CATALOGUE)


def _set_plain(book: Book, command: EditBook) -> dict[str, list[Any]]:
    changed: dict[str, list[Any]] = {}
    for name in PLAIN:
        if name in command and getattr(book, name) != command[name]:  # type: ignore[literal-required]  # names of fields
            changed[name] = [getattr(book, name), command[name]]  # type: ignore[literal-required]
            setattr(book, name, command[name])  # type: ignore[literal-required]
    return changed


def derive(book: Book) -> None:
    """Fill the columns that follow from others."""
    for name, value in derived.columns(book.title, book.year, book.series_position).items():
        setattr(book, name, value)


async def _edit_author(db: AsyncSession, book: Book, command: EditBook, changed: dict[str, list[Any]]) -> None:
    """Put another author in the first place; those who contributed besides stay."""
    if "author" not in command:
        return
    author_id = (await ids_by_name(db, Author, [command["author"]]))[name_key(command["author"])]
    if author_id == book.author_id:
        return
    before = await db.scalar(select(Author.name).where(Author.id == book.author_id))
    changed["author"] = [before, command["author"]]
    both = {book.author_id, author_id}
    await db.execute(delete(Contribution).where(Contribution.book_id == book.id, Contribution.author_id.in_(both)))
    try:
        await db.execute(insert(Contribution).values(book_id=book.id, author_id=author_id, position=0))
    except IntegrityError as error:
        raise Busy(_AUTHOR_GONE) from error
    book.author_id = author_id
    book.author_sort = rules.author_sort(command["author"])


async def _edit_series(db: AsyncSession, book: Book, command: EditBook, changed: dict[str, list[Any]]) -> None:
    if "series" not in command:
        return
    name = command["series"]
    series_id = (await ids_by_name(db, Series, [name]))[name_key(name)] if name else None
    if series_id != book.series_id:
        before = await db.scalar(select(Series.name).where(Series.id == book.series_id))
        changed["series"] = [before, name]
        book.series_id = series_id


async def _edit_subjects(db: AsyncSession, book: Book, command: EditBook, changed: dict[str, list[Any]]) -> None:
    if "subjects" not in command:
        return
    old = {row.id: row.name for row in await db.execute(_subjects_of(book.id))}
    wanted = command["subjects"] or []
    if {name_key(name) for name in wanted} == {name_key(name) for name in old.values()}:
        return
    await db.execute(delete(BookSubject).where(BookSubject.book_id == book.id))
    await _put_subjects(db, book.id, wanted)
    changed["subjects"] = [list(old.values()), list(wanted)]


def _subjects_of(book_id: int) -> Any:
    return (
        select(Subject.id, Subject.name)
        .join(BookSubject, BookSubject.subject_id == Subject.id)
        .where(BookSubject.book_id == book_id)
        .order_by(BookSubject.weight.desc(), Subject.name)
    )


async def _put_subjects(db: AsyncSession, book_id: int, names: Iterable[str]) -> set[int]:
    ids = list((await ids_by_name(db, Subject, names)).values())
    if ids:
        rows = [{"book_id": book_id, "subject_id": subject_id, "weight": 0} for subject_id in ids]
        await db.execute(insert(BookSubject).values(rows))
    return set(ids)


async def _check_version(db: AsyncSession, book: Book, version: int | None) -> None:
    if version is not None and book.version != version:
        newer = await show_book(db, book.id)
        raise Conflict("Somebody changed this book since you opened it. Nothing was overwritten.", newer=newer)


async def _check_isbn(db: AsyncSession, book: Book) -> None:
    """An ISBN of another book's edition is as taken as that book's own, of which the database itself takes care."""
    if book.isbn is not None and (await find_by_isbns(db, [book.isbn])).get(book.isbn, book.id) != book.id:
        raise Invalid(_ISBN_TAKEN)


async def store(db: AsyncSession) -> None:
    """Send the book. The ISBN is the one thing about it that another book can have taken. Raises Invalid for that."""
    try:
        await db.flush()
    except IntegrityError as error:
        if "isbn" in str(error.orig):
            raise Invalid(_ISBN_TAKEN) from error
        if "author_id" in str(error.orig):
            raise Busy(_AUTHOR_GONE) from error
        raise


_ISBN_TAKEN = {"isbn": ["Another book here has this ISBN"]}
_AUTHOR_GONE = "That author was merged with another at this moment. Try again."


@dataclass(frozen=True, slots=True)
class Counted:
    """In whose counts a book is: its authors', its subjects' and its facets'."""

    authors: Set[int] = frozenset()
    subjects: Set[int] = frozenset()
    facets: Set[counts.Facet] = frozenset()


async def counted(db: AsyncSession, book: Book) -> Counted:
    """The counts in which a book that is here has to be."""
    authors = await db.scalars(select(Contribution.author_id).where(Contribution.book_id == book.id))
    subjects = await db.scalars(select(BookSubject.subject_id).where(BookSubject.book_id == book.id))
    return Counted(set(authors), set(subjects), counts.facets_of(book.year, book.language))


async def _count(db: AsyncSession, before: Counted, after: Counted) -> None:
    """Move the counts; the last thing of a change, since every other change waits for these rows on PostgreSQL."""
    await counts.move(
        db,
        counts.difference(before.authors, after.authors),
        counts.difference(before.subjects, after.subjects),
        counts.difference(before.facets, after.facets),
    )


async def _finish(db: AsyncSession, actor: Actor, book: Book, what: str, changed: dict[str, list[Any]]) -> None:
    """What follows every change that can be seen: it can be found, it is in the history, and it is announced."""
    await reindex(db, [book.id])
    await note(db, actor, book, what, changed)
    announce(db, CATALOGUE)


async def reindex(db: AsyncSession, ids: Iterable[int]) -> None:
    """Let search find these books by what they say now."""
    rows = await db.execute(lines().where(Book.id.in_(list(ids))))
    await search.index(
        db,
        [
            derived.document(
                row.id,
                row.title,
                [name for _, name in row.authors],
                row.series_name,
                [name for (name,) in row.subjects],
                row.isbn,
            )
            for row in rows
        ],
    )


async def note(db: AsyncSession, actor: Actor, book: Book, what: str, changed: dict[str, list[Any]]) -> None:
    """Write a line into a book's history."""
    await db.execute(
        insert(BookChange).values(
            book_id=book.id,
            at=clock.now(),
            actor_id=actor.id,
            actor_name=actor.name,
            what=what,
            version=book.version,
            fields=changed,
        )
    )
