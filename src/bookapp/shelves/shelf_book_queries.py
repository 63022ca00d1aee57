"""Reading the books of one shelf, a page at a time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.finding import Order
from bookapp.books.lines import facts_of, lines
from bookapp.books.models import Author, Book, Contribution
from bookapp.circles.visibility import visible, word
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.paging import Int16, Value, address, read_cursor, write_cursor
from bookapp.core.sql import AnyColumn, AnyRow, AnySelect
from bookapp.core.text import fold, name_key
from bookapp.shelves import rules
from bookapp.shelves.commands import BOOKS_ON_A_PAGE, FindOnShelf
from bookapp.shelves.entry_queries import TAGS
from bookapp.shelves.models import Entry, EntryTag, Shelf, ShelfBook
from bookapp.shelves.person_queries import Person, find_person
from bookapp.shelves.results import ShelfBookLine, ShelfShown, Sort
from bookapp.shelves.shelf_queries import ABSENT, seen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A shelf, whichever kind it is of: what it is called, and what stands on it."""

    name: str
    about: str | None
    kind: Literal["state", "own", "all"]
    seen_by: int
    version: int
    on_it: ColumnElement[bool]
    at: AnyColumn
    """When a book came onto it."""
    shelf_id: int | None = None


async def list_shelf(db: AsyncSession, actor: Actor, username: str, shelf: str, question: FindOnShelf) -> ShelfShown:
    """One page of the books on somebody's shelf, as far as `actor` may see them.

    Raises NotFound for a shelf that is not there or not for them to see, Invalid for a cursor of another list.
    """
    person = await find_person(db, actor, username, absent=ABSENT)
    place = await _find_place(db, actor, person, shelf)
    wanted = and_(Book.deleted_at.is_(None), seen(actor, person), place.on_it, *_filters(question, person))
    total = await db.scalar(_from(place, select(func.count()).select_from(Book)).where(wanted)) or 0
    if person.reach > place.seen_by and total == 0:
        raise NotFound(ABSENT)  # the shelf is closed, and nothing on it is open by itself
    order = _order(question.sort, place)
    rows = (
        await db.execute(_page(place, order).where(wanted, _beyond(question, order)).limit(question.limit + 1))
    ).all()
    following = None
    if len(rows) > question.limit:
        following = _url(person, shelf, question, write_cursor(_keys(rows[question.limit - 1], order)))
    is_mine = person.id == actor.id
    return ShelfShown(
        username=person.name,
        is_mine=is_mine,
        slug=shelf,
        name=place.name,
        about=place.about,
        kind=place.kind,
        visibility=word(place.seen_by) if is_mine else None,
        books=tuple(_line(row, is_mine=is_mine) for row in rows[: question.limit]),
        next=following,
        total=total,
        q=question.q,
        tag=question.tag,
        sort=question.sort,
        url=rules.shelf_url(person.name, shelf),
        shelves_url=rules.shelves_url(person.name),
        version=place.version,
    )


def _page(place: Place, order: Order) -> AnySelect:
    """The books of a shelf in order, each with what its reader says of it."""
    return (
        _from(place, lines())
        .add_columns(
            Entry.state,
            Entry.quarters,
            Entry.is_owned,
            Entry.seen_by,
            place.at.label("placed_at"),
            TAGS.label("tags"),
            *[column.label(f"key_{i}") for i, column in enumerate(order.columns)],
        )
        .order_by(*order.by())
    )


async def _find_place(db: AsyncSession, actor: Actor, person: Person, shelf: str) -> Place:
    choices = person.choices
    if shelf == "all":
        on_it = Entry.account_id == person.id
        return Place(rules.TITLES[shelf], None, "all", choices.default, 0, on_it, Entry.added_at)
    if shelf in rules.STATES:
        on_it, seen_by = Entry.state == shelf, choices.of_shelf(shelf)
        return Place(rules.TITLES[shelf], None, "state", seen_by, 0, on_it, Entry.state_at)
    row = await db.scalar(
        select(Shelf).where(
            Shelf.account_id == person.id, Shelf.slug == shelf, visible(actor, Shelf.account_id, Shelf.seen_by)
        )
    )
    if row is None:
        raise NotFound(ABSENT)
    on_it = ShelfBook.shelf_id == row.id
    return Place(row.name, row.about, "own", row.seen_by, row.version, on_it, ShelfBook.added_at, row.id)


def _from(place: Place, statement: AnySelect) -> AnySelect:
    statement = statement.join(Entry, Entry.book_id == Book.id)
    return statement if place.shelf_id is None else statement.join(ShelfBook, ShelfBook.book_id == Book.id)


def _filters(question: FindOnShelf, person: Person) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for part in fold(question.q).split()[:_WORDS]:
        # Folded words hold letters and digits only, so nothing in them means more to LIKE than itself.
        like = f"%{part}%"
        by = (
            select(Contribution.book_id)
            .join(Author, Author.id == Contribution.author_id)
            .where(Contribution.book_id == Book.id, Author.written_key.like(like))
        )
        found.append(or_(Book.title_sort.like(like), by.exists()))
    if question.tag:
        tagged = select(EntryTag.book_id).where(
            EntryTag.account_id == person.id, EntryTag.name_key == name_key(question.tag)[:80]
        )
        found.append(Book.id.in_(tagged))
    return found


def _order(sort: Sort, place: Place) -> Order:
    if sort == "title":
        return Order((Book.title_sort, Book.id), (str, int), False)
    if sort == "author":
        return Order((Book.author_sort, Book.title_sort, Book.id), (str, str, int), False)
    if sort == "rating":
        return Order((func.coalesce(Entry.quarters, 0), Book.id), (Int16, int), True)
    return Order((place.at, Book.id), (int, int), True)


def _beyond(question: FindOnShelf, order: Order) -> ColumnElement[bool]:
    if not question.cursor:
        return true()
    values: list[Any] = list(read_cursor(question.cursor, order.kinds))
    if question.sort == "newest":
        try:
            values[0] = _EPOCH + timedelta(microseconds=values[0])
        except OverflowError:
            raise Invalid({"cursor": ["Is not one of ours; start again without it"]}) from None
    return order.beyond(tuple(values))


def _keys(row: AnyRow, order: Order) -> list[Value]:
    found = [getattr(row, f"key_{i}") for i in range(len(order.columns))]
    return [(key - _EPOCH) // timedelta(microseconds=1) if isinstance(key, datetime) else key for key in found]


def _line(row: AnyRow, *, is_mine: bool) -> ShelfBookLine:
    return ShelfBookLine(
        **facts_of(row),
        state=row.state,
        stars=rules.stars(row.quarters),
        stars_words=rules.stars_words(row.quarters),
        tags=tuple(name for (name,) in row.tags),
        placed_at=row.placed_at,
        is_owned=row.is_owned,
        visibility=word(row.seen_by) if is_mine else None,
    )


def _url(person: Person, shelf: str, question: FindOnShelf, cursor: str) -> str:
    sort = None if question.sort == "newest" else question.sort
    limit = None if question.limit == BOOKS_ON_A_PAGE else question.limit
    url = rules.shelf_url(person.name, shelf)
    return address(url, q=question.q, tag=question.tag, sort=sort, limit=limit, cursor=cursor)
