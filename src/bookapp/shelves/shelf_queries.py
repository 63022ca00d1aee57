"""Reading a person's shelves, as far as the one who asks may see them."""

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.rules import person_url
from bookapp.books.lines import line_of, lines
from bookapp.books.models import Book
from bookapp.books.results import BookLine
from bookapp.circles.visibility import Visibility, visible, word
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.shelves import rules
from bookapp.shelves.models import Entry, EntryTag, Shelf, ShelfBook
from bookapp.shelves.person_queries import Person, find_person
from bookapp.shelves.results import ShelfLine, ShelfList

ABSENT = "There is no such shelf, or it is not for you to see."
COVERS, TAGS_SHOWN = 6, 24
_HERE = Book.deleted_at.is_(None)


def seen(actor: Actor, person: Person) -> ColumnElement[bool]:
    """What holds of those of a person's entries that `actor` may see. Notes make no reader, so they show nothing."""
    own = Entry.account_id == person.id
    if person.id == actor.id:
        return own
    says = or_(Entry.state.is_not(None), Entry.quarters.is_not(None), _stands(actor))
    return and_(own, says, visible(actor, Entry.account_id, Entry.seen_by))


def _stands(actor: Actor) -> ColumnElement[bool]:
    """Whether the book stands on an own shelf that `actor` may see: what stands only on a private one is private."""
    on_it = (ShelfBook.book_id == Entry.book_id, ShelfBook.shelf_id == Shelf.id, Shelf.account_id == Entry.account_id)
    return exists().where(*on_it, visible(actor, Shelf.account_id, Shelf.seen_by)).correlate(Entry)


async def find_shelf(db: AsyncSession, actor: Actor, shelf: str, *, to_change: bool = False) -> Shelf:
    """The row of a shelf of the person's own. Raises NotFound for anybody else's."""
    own = select(Shelf).where(Shelf.account_id == actor.id, Shelf.slug == shelf)
    found = await db.scalar(own.with_for_update() if to_change else own)
    if found is None:
        raise NotFound(ABSENT)
    return found


async def show_own_shelf(db: AsyncSession, actor: Actor, shelf: str) -> ShelfLine:
    """A shelf that the person made, without its books. Raises NotFound for anybody else's."""
    row = await find_shelf(db, actor, shelf)
    on_it = select(func.count()).select_from(ShelfBook).join(Book, Book.id == ShelfBook.book_id)
    count = await db.scalar(on_it.where(ShelfBook.shelf_id == row.id, _HERE))
    return _own_line(row, actor.name, count or 0, (), is_mine=True)


async def list_shelves(db: AsyncSession, actor: Actor, username: str) -> ShelfList:
    """A person's shelves with what `actor` may see of each. Raises NotFound for somebody who is not here."""
    person = await find_person(db, actor, username)
    is_mine = person.id == actor.id
    own = await _list_own(db, actor, person)
    counts, total = await _count_states(db, actor, person)
    covers = await _list_covers(db, actor, person)
    shelves = tuple(
        ShelfLine(
            slug=state,
            name=rules.TITLES[state],
            about=None,
            kind="state",
            count=counts.get(state, 0),
            covers=covers.get(state, ()),
            visibility=word(person.choices.of_shelf(state)) if is_mine else None,
            chosen=_said(person.choices.shelves.get(state)) if is_mine else None,
            url=rules.shelf_url(person.name, state),
            version=0,
        )
        for state in rules.STATES
        if counts.get(state) or person.choices.of_shelf(state) >= person.reach
    )
    return ShelfList(
        username=person.name,
        is_mine=is_mine,
        total=total,
        shelves=shelves,
        own=tuple(_own_line(row, person.name, count, covers.get(row.slug, ()), is_mine=is_mine) for row, count in own),
        tags=await _list_tags(db, actor, person),
        url=rules.shelves_url(person.name),
        account_url=person_url(person.name),
        settings_url=rules.settings_url(person.name) if is_mine else None,
    )


def _own_line(row: Shelf, username: str, count: int, covers: tuple[BookLine, ...], *, is_mine: bool) -> ShelfLine:
    return ShelfLine(
        slug=row.slug,
        name=row.name,
        about=row.about,
        kind="own",
        count=count,
        covers=covers,
        visibility=word(row.seen_by) if is_mine else None,
        chosen=_said(row.visibility) if is_mine else None,
        url=rules.shelf_url(username, row.slug),
        version=row.version,
    )


def _said(chosen: int | None) -> Visibility | None:
    return None if chosen is None else word(chosen)


async def _list_own(db: AsyncSession, actor: Actor, person: Person) -> list[tuple[Shelf, int]]:
    """The shelves that a person made, each with the number of books that may be seen on it."""
    count = (
        select(func.count())
        .select_from(ShelfBook)
        .join(Entry, and_(Entry.book_id == ShelfBook.book_id, Entry.account_id == person.id))
        .join(Book, Book.id == ShelfBook.book_id)
        .where(ShelfBook.shelf_id == Shelf.id, _HERE, visible(actor, Entry.account_id, Entry.seen_by))
        .correlate(Shelf)
        .scalar_subquery()
    )
    rows = await db.execute(
        select(Shelf, count.label("books"))
        .where(Shelf.account_id == person.id, visible(actor, Shelf.account_id, Shelf.seen_by))
        .order_by(Shelf.name, Shelf.id)
    )
    return [(row.Shelf, row.books) for row in rows]


async def _count_states(db: AsyncSession, actor: Actor, person: Person) -> tuple[dict[str | None, int], int]:
    rows = await db.execute(
        select(Entry.state, func.count().label("books"))
        .join(Book, Book.id == Entry.book_id)
        .where(seen(actor, person), _HERE)
        .group_by(Entry.state)
    )
    counts = {row.state: row.books for row in rows}
    return counts, sum(counts.values())


async def _list_covers(db: AsyncSession, actor: Actor, person: Person) -> dict[str, tuple[BookLine, ...]]:
    """The books that came last onto each shelf, by its slug."""
    mine = and_(Entry.account_id == person.id, _HERE, visible(actor, Entry.account_id, Entry.seen_by))
    # The first of each of the four by its index: a window over all would sort ten thousand books for six.
    states = [
        select(Entry.book_id, Entry.state.label("slug"), Entry.state_at.label("at"))
        .join(Book, Book.id == Entry.book_id)
        .where(mine, Entry.state == state)
        .order_by(Entry.state_at.desc(), Entry.book_id.desc())
        .limit(COVERS)
        .subquery()
        for state in rules.STATES
    ]
    last = func.row_number().over(partition_by=Shelf.id, order_by=(ShelfBook.added_at.desc(), Entry.book_id.desc()))
    own = (
        select(Entry.book_id, Shelf.slug, ShelfBook.added_at.label("at"), last.label("place"))
        .join(Book, Book.id == Entry.book_id)
        .join(ShelfBook, ShelfBook.book_id == Entry.book_id)
        .join(Shelf, and_(Shelf.id == ShelfBook.shelf_id, Shelf.account_id == Entry.account_id))
        .where(mine, visible(actor, Shelf.account_id, Shelf.seen_by))
        .subquery()
    )
    of_own = select(own.c.book_id, own.c.slug, own.c.at).where(own.c.place <= COVERS)
    placed = union_all(*(select(state.c.book_id, state.c.slug, state.c.at) for state in states), of_own).subquery()
    rows = await db.execute(
        lines()
        .add_columns(placed.c.slug)
        .join(placed, placed.c.book_id == Book.id)
        .order_by(placed.c.slug, placed.c.at.desc(), Book.id.desc())
    )
    found: dict[str, list[BookLine]] = {}
    for row in rows:
        found.setdefault(row.slug, []).append(line_of(row))
    return {shelf: tuple(books) for shelf, books in found.items()}


async def _list_tags(db: AsyncSession, actor: Actor, person: Person) -> tuple[str, ...]:
    """The words that a person uses most, as far as they may be seen."""
    rows = await db.execute(
        select(func.min(EntryTag.name).label("name"))
        .join(Entry, and_(Entry.account_id == EntryTag.account_id, Entry.book_id == EntryTag.book_id))
        .join(Book, Book.id == Entry.book_id)
        .where(EntryTag.account_id == person.id, seen(actor, person), _HERE)
        .group_by(EntryTag.name_key)
        .order_by(func.count().desc(), EntryTag.name_key)
        .limit(TAGS_SHOWN)
    )
    return tuple(row.name for row in rows)
