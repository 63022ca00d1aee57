"""Making two authors one, and two of one again."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bookapp.books import counts
from bookapp.books.actions import reindex
from bookapp.books.author_actions import BATCH, note_on_all
from bookapp.books.merge_rules import Kept, Moved, left_alone
from bookapp.books.models import Author, Book, Contribution
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, NotFound
from bookapp.core.sql import AnyRow, upsert

_COLUMNS = ("name", "name_key", "sort_key", "written_key", "version")


async def move(db: AsyncSession, actor: Actor, from_id: int, into_id: int) -> Moved:
    """Give all books of the first author to the second; the first one goes. Raises NotFound."""
    await _lock_books(db, from_id)
    authors = await _lock_authors(db, from_id, into_id)
    if set(authors) != {from_id, into_id}:
        raise NotFound("There is no such author.")
    gone, stays = authors[from_id], authors[into_id]
    places = await _places(db, from_id, into_id)
    await _hand_over(db, from_id, stays, places)
    await _tell(db, actor, [place.book_id for place in places], gone.name, stays.name)
    more = sum(place.deleted_at is None and place.beside is None for place in places)
    await counts.move(db, {into_id: more}, {}, {})
    kept: Kept = {
        "author": {name: getattr(gone, name) for name in _COLUMNS},
        "books": [[place.book_id, place.position, place.beside, place.author_id == from_id] for place in places],
    }
    await db.execute(delete(Author).where(Author.id == from_id))
    return Moved(gone.name, stays.name, kept)


async def _lock_books(db: AsyncSession, author_id: int) -> None:
    # Books before authors, as whoever edits a book does, and each in order: nobody waits crosswise on PostgreSQL.
    theirs = select(Contribution.book_id).where(Contribution.author_id == author_id)
    await db.execute(select(Book.id).where(Book.id.in_(theirs)).order_by(Book.id).with_for_update())


async def _lock_authors(db: AsyncSession, *ids: int) -> dict[int, Author]:
    rows = await db.scalars(select(Author).where(Author.id.in_(ids)).order_by(Author.id).with_for_update())
    return {row.id: row for row in rows}


async def _places(db: AsyncSession, from_id: int, into_id: int) -> Sequence[AnyRow]:
    """Where the first author stands in the author lines of their books, and where the second one stands beside them."""
    other = aliased(Contribution)
    statement = (
        select(
            Contribution.book_id,
            Contribution.position,
            other.position.label("beside"),
            Book.author_id,
            Book.deleted_at,
        )
        .join(Book, Book.id == Contribution.book_id)
        .outerjoin(other, and_(other.book_id == Contribution.book_id, other.author_id == into_id))
        .where(Contribution.author_id == from_id)
        .order_by(Contribution.book_id)
    )
    return (await db.execute(statement)).all()


async def _hand_over(db: AsyncSession, from_id: int, into: Author, places: Sequence[AnyRow]) -> None:
    both = select(Contribution.book_id).where(Contribution.author_id == into.id).scalar_subquery()
    await db.execute(
        update(Contribution)
        .where(Contribution.author_id == from_id, Contribution.book_id.not_in(both))
        .values(author_id=into.id)
        .execution_options(synchronize_session=False)
    )
    await db.execute(delete(Contribution).where(Contribution.author_id == from_id))
    forward = {p.book_id: p.position for p in places if p.beside is not None and p.position < p.beside}
    await _put_in_place(db, into.id, forward)
    await _put_first(db, Book.author_id == from_id, into)


async def _put_in_place(db: AsyncSession, author_id: int, positions: Mapping[int, int]) -> None:
    rows = [{"the_book": book_id, "place": place} for book_id, place in positions.items()]
    if rows:
        table = cast(Table, Contribution.__table__)
        mine = and_(table.c.author_id == author_id, table.c.book_id == bindparam("the_book"))
        await db.execute(update(table).where(mine).values(position=bindparam("place")), rows)


async def _put_first(db: AsyncSession, which: Any, author: Author) -> None:
    await db.execute(
        update(Book)
        .where(which)
        .values(author_id=author.id, author_sort=author.sort_key)
        .execution_options(synchronize_session=False)
    )


async def _tell(db: AsyncSession, actor: Actor, ids: Sequence[int], before: str, after: str) -> None:
    """A new version of each book, its history and what search knows of it, in batches."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        await note_on_all(db, actor, batch, {"author": [before, after]})
        await reindex(db, batch)


async def move_back(db: AsyncSession, actor: Actor, from_id: int, into_id: int, kept: Kept) -> tuple[int, list[str]]:
    """Bring the first author back with the books that were theirs and are still the second one's.

    Returns their id now, and what could not be brought back. Raises Conflict when the second one is gone.
    """
    books = {row[0]: row[1:] for row in kept["books"]}
    await _lock_each(db, sorted(books))
    again, remarks = await _bring_back(db, from_id, kept["author"])
    authors = await _lock_authors(db, again, into_id)
    if again == into_id:
        raise Conflict(f"The author whom the books went to is called {authors[again].name} now. Rename them first.")
    if into_id not in authors:
        raise Conflict("The author whom the books went to is gone. If they were merged too, undo that first.")
    back, stays = authors[again], authors[into_id]
    changed: list[int] = []
    left: list[str] = []
    more = less = 0
    for start in range(0, len(books), BATCH):
        batch = sorted(books)[start : start + BATCH]
        given = _Return(back.id, stays.id, {id_: books[id_] for id_ in batch})
        await given.look(db)
        await given.write(db, back)
        changed, left = changed + given.changed, left + given.left
        more, less = more + given.more, less + given.less
    await _tell(db, actor, changed, stays.name, back.name)
    await counts.move(db, {back.id: more, stays.id: -less}, {}, {})
    return back.id, remarks + left_alone(left, "has another author now and stays as it is")


async def _lock_each(db: AsyncSession, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        await db.execute(select(Book.id).where(Book.id.in_(batch)).order_by(Book.id).with_for_update())


async def _bring_back(db: AsyncSession, from_id: int, author: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The id of the author who is back, or of the one who has the name by now."""
    named = select(Author.id).where(Author.name_key == author["name_key"])
    insert_ = upsert(db, Author)
    if (found := await db.scalar(named)) is not None:
        return found, [f"{author['name']} was already here again, and has the books now."]
    row = {**author, "book_count": 0}
    await db.execute(insert_.values(id=from_id, **row).on_conflict_do_nothing())
    if (found := await db.scalar(named)) is not None:
        return found, []
    # SQLite gives the number of the last row out again when that row is gone.
    await db.execute(insert_.values(**row).on_conflict_do_nothing())
    found = await db.scalar(named)
    assert found is not None
    return found, [f"{author['name']} has a new number, and so a new address."]


class _Return:
    """Some books that go back to an author, as far as nobody changed them meanwhile."""

    def __init__(self, back: int, stays: int, books: Mapping[int, Sequence[Any]]) -> None:
        self._back, self._stays, self._books = back, stays, books
        self._gone: list[int] = []
        self._new: list[dict[str, int]] = []
        self._behind: dict[int, int] = {}
        self._first: list[int] = []
        self.changed: list[int] = []
        self.left: list[str] = []
        self.more = self.less = 0

    async def look(self, db: AsyncSession) -> None:
        """Find out what is to be done with each."""
        ids = list(self._books)
        found = await db.execute(
            select(Contribution.book_id, Contribution.author_id, Contribution.position).where(
                Contribution.book_id.in_(ids), Contribution.author_id.in_([self._back, self._stays])
            )
        )
        places = {(row.book_id, row.author_id): row.position for row in found}
        rows = await db.execute(
            select(Book.id, Book.title, Book.author_id, Book.deleted_at).where(Book.id.in_(ids)).order_by(Book.id)
        )
        for book in rows:
            self._judge(book, places.get((book.id, self._stays)), places.get((book.id, self._back)))

    def _judge(self, book: AnyRow, now: int | None, there: int | None) -> None:
        position, beside, was_first = self._books[book.id]
        if now is None:
            self.left += [book.title] if there is None else []
            return
        here = book.deleted_at is None
        if beside is None:
            self._gone.append(book.id)
            self.less += here
        elif now == min(position, beside):
            self._behind[book.id] = beside
        if there is None:
            place = now if beside is None else position
            self._new.append({"book_id": book.id, "author_id": self._back, "position": place})
            self.more += here
        if book.author_id == self._stays and (was_first or beside is None):
            self._first.append(book.id)
        self.changed.append(book.id)

    async def write(self, db: AsyncSession, back: Author) -> None:
        """Do it."""
        mine = and_(Contribution.author_id == self._stays, Contribution.book_id.in_(self._gone))
        await db.execute(delete(Contribution).where(mine))
        if self._new:
            await db.execute(insert(Contribution), self._new)
        await _put_in_place(db, self._stays, self._behind)
        await _put_first(db, Book.id.in_(self._first), back)
