"""Looking for authors and books that are there twice: each page looks at some of the newest, so its work is bounded.

What is compared is folded and has an index: the name with the surname first, and the title without its article.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.admin import rules
from bookapp.admin.commands import FindDoubles
from bookapp.admin.queries import newest_first
from bookapp.admin.results import Choice, Double, DoubleList, Kind, Overview, Pair
from bookapp.books.author_queries import list_authors
from bookapp.books.commands import FindAuthors, FindBooks
from bookapp.books.models import Author, Book
from bookapp.books.queries import list_books
from bookapp.books.results import AuthorLine, BookLine
from bookapp.books.rules import author_url, book_url
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, write_cursor
from bookapp.core.sql import AnyRow, AnySelect

WINDOW = 200
"""How many a page looks at."""
_MOST, _SHOWN = 2000, 20


async def count_doubles(db: AsyncSession, overview: Overview) -> Overview:
    """The overview with how many of the newest authors and books look like older ones."""
    authors = await list_author_doubles(db, FindDoubles())
    books = await list_book_doubles(db, FindDoubles())
    return replace(overview, author_doubles=len(authors.items), book_doubles=len(books.items), looked_at=WINDOW)


async def list_author_doubles(db: AsyncSession, question: FindDoubles) -> DoubleList:
    """Authors that look like older ones, or those that a search finds. Raises Invalid for a wrong cursor."""
    if question.q:
        found = await list_authors(db, FindAuthors(q=question.q, cursor=question.cursor))
        pairs = tuple(Pair(one=_found_author(author), older=None) for author in found.authors)
        return _searched("author", question, pairs, found.next)
    rows = (await db.execute(newest_first(_authors(), Author.id, question.cursor, WINDOW))).all()
    return _looked_through("author", rows, await _authors_like(db, rows[:WINDOW]))


async def list_book_doubles(db: AsyncSession, question: FindDoubles) -> DoubleList:
    """Books that look like older ones, or those that a search finds. Raises Invalid for a wrong cursor."""
    if question.q:
        found = await list_books(db, FindBooks(q=question.q, cursor=question.cursor))
        pairs = tuple(Pair(one=_found_book(book), older=None) for book in found.books)
        return _searched("book", question, pairs, found.next)
    rows = (await db.execute(newest_first(_books(), Book.id, question.cursor, WINDOW))).all()
    return _looked_through("book", rows, await _books_like(db, rows[:WINDOW]))


async def show_author_choice(db: AsyncSession, author_id: int, q: str) -> Choice:
    """Into whom an author can be merged: who looks like them, or whom a search finds. Raises NotFound."""
    row = (await db.execute(_authors().where(Author.id == author_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such author.")
    if q:
        found = await list_authors(db, FindAuthors(q=q, limit=_SHOWN))
        others = [_found_author(author) for author in found.authors]
    else:
        others = list(map(_double, (await _authors_like(db, [row]))[row.id]))
    return _choice("author", _double(row), others, q)


async def show_book_choice(db: AsyncSession, book_id: int, q: str) -> Choice:
    """Into which book one can be merged: what looks like it, or what a search finds. Raises NotFound."""
    row = (await db.execute(_books().where(Book.id == book_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such book.")
    if q:
        found = await list_books(db, FindBooks(q=q, limit=_SHOWN))
        others = [_found_book(book) for book in found.books]
    else:
        others = list(map(_double, (await _books_like(db, [row]))[row.id]))
    return _choice("book", _double(row), others, q)


def _authors() -> AnySelect:
    columns = select(Author.id, Author.name, Author.sort_key, Author.written_key, Author.book_count)
    return columns.where(Author.book_count > 0)


def _books() -> AnySelect:
    columns = select(
        Book.id, Book.title, Book.title_sort, Book.author_sort, Book.year, Book.isbn, Author.name.label("author")
    )
    return columns.join(Author, Author.id == Book.author_id).where(Book.deleted_at.is_(None))


Alike = Mapping[int, Sequence[AnyRow]]
"""What looks like each of some rows, by its id."""


async def _authors_like(db: AsyncSession, rows: Sequence[AnyRow]) -> Alike:
    alike: list[ColumnElement[bool]] = [Author.sort_key.in_(sorted({row.written_key for row in rows}))]
    for start in sorted({rules.beginning(row.sort_key) for row in rows}):
        # A range, not LIKE: it uses the index on both databases.
        alike.append(and_(Author.sort_key >= start, Author.sort_key < start + "\U0010ffff"))
    found = (await db.execute(_authors().where(or_(*alike)).limit(_MOST))).all() if rows else ()
    groups = _grouped((key, o) for o in found for key in {rules.beginning(o.sort_key), o.sort_key})
    keys = {row.id: {rules.beginning(row.sort_key), row.written_key} for row in rows}
    return {row.id: _alike(row, (o for k in keys[row.id] for o in groups[k]), "sort_key") for row in rows}


async def _books_like(db: AsyncSession, rows: Sequence[AnyRow]) -> Alike:
    titles = {row.id: rules.titles(row.title) for row in rows}
    wanted = sorted(frozenset().union(*titles.values()))
    found = (await db.execute(_books().where(Book.title_sort.in_(wanted)).limit(_MOST))).all() if rows else ()
    groups = _grouped((o.title_sort, o) for o in found)
    return {row.id: _alike(row, (o for t in titles[row.id] for o in groups[t]), "author_sort") for row in rows}


def _grouped(pairs: Iterable[tuple[str, AnyRow]]) -> dict[str, list[AnyRow]]:
    groups = defaultdict(list)
    for key, row in pairs:
        groups[key].append(row)
    return groups


def _alike(row: AnyRow, others: Iterable[AnyRow], person: str) -> list[AnyRow]:
    """Those of the others that may be the same, each once, the oldest first."""
    mine = getattr(row, person)
    found = {o.id: o for o in others if o.id != row.id and rules.may_be_one_person(mine, getattr(o, person))}
    return [found[id_] for id_ in sorted(found)]


def _looked_through(kind: Kind, rows: Sequence[AnyRow], like: Alike) -> DoubleList:
    older = [(row, next((o for o in like[row.id] if o.id < row.id), None)) for row in rows[:WINDOW]]
    pairs = tuple(Pair(one=_double(row), older=_double(o)) for row, o in older if o is not None)
    following = address(f"/admin/{kind}s", cursor=write_cursor([rows[WINDOW - 1].id])) if len(rows) > WINDOW else None
    return DoubleList(kind=kind, items=pairs, next=following, q="", looked_at=min(len(rows), WINDOW))


def _searched(kind: Kind, question: FindDoubles, pairs: tuple[Pair, ...], following: str | None) -> DoubleList:
    cursor = rules.cursor_of(following)
    onward = address(f"/admin/{kind}s", q=question.q, cursor=cursor) if cursor else None
    return DoubleList(kind=kind, items=pairs, next=onward, q=question.q, looked_at=0)


def _choice(kind: Kind, one: Double, others: Iterable[Double], q: str) -> Choice:
    here = tuple(other for other in others if other.id != one.id)[:_SHOWN]
    return Choice(kind=kind, one=one, others=here, q=q)


def _double(row: AnyRow) -> Double:
    if hasattr(row, "title"):
        return _book(row.id, row.title, rules.facts(row.author, row.year, row.isbn))
    return _author(row.id, row.name, row.book_count)


def _found_author(author: AuthorLine) -> Double:
    return _author(author.id, author.name, author.book_count)


def _found_book(book: BookLine) -> Double:
    return _book(book.id, book.title, rules.facts(book.author.name, book.year, book.isbn))


def _author(id_: int, name: str, books: int) -> Double:
    return Double(
        id=id_, name=name, about=rules.books(books), url=author_url(id_), merge_url=f"/admin/authors/{id_}/merge"
    )


def _book(id_: int, title: str, about: str) -> Double:
    return Double(id=id_, name=title, about=about, url=book_url(id_), merge_url=f"/admin/books/{id_}/merge")
