"""Which books a question means: its filters, its order and where its page begins, as SQL."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select, true, tuple_, union
from sqlalchemy.orm import aliased

from bookapp.books import rules
from bookapp.books.commands import FindBooks
from bookapp.books.languages import language_code
from bookapp.books.models import Author, Book, BookSubject, Contribution, Edition, Series, Subject
from bookapp.core.paging import Int16, Int32, Value, read_cursor
from bookapp.core.sql import AnyColumn, AnySelect
from bookapp.core.text import name_key

HERE = Book.deleted_at.is_(None)


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: its columns, all in one direction, the last one the id; and the types a cursor has for them."""

    columns: tuple[AnyColumn, ...]
    kinds: tuple[type, ...]
    descending: bool

    def by(self) -> list[AnyColumn]:
        """For ORDER BY."""
        return [column.desc() if self.descending else column.asc() for column in self.columns]

    def beyond(self, values: tuple[Value, ...]) -> ColumnElement[bool]:
        """The rows that come after the one with these values."""
        row = tuple_(*self.columns)
        return row < values if self.descending else row > values


ORDERS = {
    "newest": Order((Book.id,), (int,), True),
    "popular": Order((Book.rating_count, Book.id), (Int32, int), True),
    "rating": Order((Book.score, Book.id), (float, int), True),
    "title": Order((Book.title_sort, Book.id), (str, int), False),
    "author": Order((Book.author_sort, Book.id), (str, int), False),
    "year": Order((Book.year_sort, Book.id), (Int16, int), True),
}


def matching_id(kind: type[Author] | type[Series] | type[Subject], given: str) -> ColumnElement[bool]:
    """An author, a series or a subject, named by id or by name."""
    if not (given.isascii() and given.isdigit() and 0 < len(given) < 19):
        return kind.name_key == name_key(given)
    if kind is not Subject:
        return kind.id == int(given)
    # Lists name subjects by name, and "1984" is one: the name goes before the id.
    named = aliased(kind)
    return kind.id == func.coalesce(select(named.id).where(named.name_key == given).scalar_subquery(), int(given))


def words_asked(question: FindBooks) -> str:
    """The words to search for. An ISBN is none: it is a filter, which knows those of all editions."""
    return "" if rules.isbn_asked(question.q) else question.q


def _published_as(isbn: str) -> ColumnElement[bool]:
    named = aliased(Book)
    own = select(named.id).where(named.isbn == isbn, named.deleted_at.is_(None))
    return Book.id.in_(union(own, select(Edition.book_id).where(Edition.isbn == int(isbn))))


def filters(question: FindBooks) -> list[ColumnElement[bool]]:
    """What every book found must fulfil, besides the words searched for."""
    found: list[ColumnElement[bool]] = []
    if isbn := rules.isbn_asked(question.q):
        found.append(_published_as(isbn))
    if question.author:
        of_author = select(Author.id).where(matching_id(Author, question.author)).scalar_subquery()
        found.append(Book.id.in_(select(Contribution.book_id).where(Contribution.author_id == of_author)))
    if question.subject:
        of_subject = select(Subject.id).where(matching_id(Subject, question.subject)).scalar_subquery()
        found.append(Book.id.in_(select(BookSubject.book_id).where(BookSubject.subject_id == of_subject)))
    if question.series:
        of_series = select(Series.id).where(matching_id(Series, question.series)).scalar_subquery()
        found.append(Book.series_id == of_series)
    if question.decade is not None:
        first = rules.decade_of(question.decade)
        found.append(Book.year_sort.between(max(first, -9999), first + 9))
    if question.year is not None:
        found.append(Book.year_sort == question.year)
    if question.language:
        found.append(Book.language == _code(question.language))
    return found


def _code(given: str) -> str:
    try:
        return language_code(given)
    except ValueError:
        return given[:8]


def narrowed(question: FindBooks) -> ColumnElement[bool]:
    """The filters and that the book is here, as one condition."""
    return and_(HERE, *filters(question))


def page_of(statement: AnySelect, order: Order, cursor: str | None, limit: int) -> AnySelect:
    """One row more than a page, beginning after `cursor`: the extra row says that there is more.

    Raises Invalid for a cursor of another list.
    """
    beyond = order.beyond(read_cursor(cursor, order.kinds)) if cursor else true()
    return statement.where(beyond).order_by(*order.by()).limit(limit + 1)
