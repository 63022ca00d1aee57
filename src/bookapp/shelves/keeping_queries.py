"""Reading all that a person keeps on their shelves, in steps, for them to take along."""

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Author, Book
from bookapp.circles.visibility import word
from bookapp.core.actor import Actor
from bookapp.core.sql import AnyRow, rows_as_json
from bookapp.shelves import detail_rules, rules
from bookapp.shelves.entry_queries import TAGS
from bookapp.shelves.models import Detail, Entry, Shelf, ShelfBook
from bookapp.shelves.results import KeptEntry, KeptShelf

_SHELVES = rows_as_json(
    select(Shelf.name)
    .join(ShelfBook, ShelfBook.shelf_id == Shelf.id)
    .where(Shelf.account_id == Entry.account_id, ShelfBook.book_id == Entry.book_id)
    .order_by(Shelf.name, Shelf.id)
    .correlate(Entry)
)


async def list_own_entries(
    db: AsyncSession, actor: Actor, after: int, limit: int
) -> tuple[tuple[KeptEntry, ...], int | None]:
    """A person's entries beyond the book with the id `after`, and where to go on; None when these are the last."""
    rows = (
        await db.execute(
            select(
                Entry,
                Detail,
                Book.title,
                Book.isbn,
                Author.name.label("author"),
                TAGS.label("tags"),
                _SHELVES.label("shelves"),
            )
            .join(Book, Book.id == Entry.book_id)
            .join(Author, Author.id == Book.author_id)
            .outerjoin(Detail, and_(Detail.account_id == Entry.account_id, Detail.book_id == Entry.book_id))
            .where(and_(Entry.account_id == actor.id, Entry.book_id > after))
            .order_by(Entry.book_id)
            .limit(limit)
        )
    ).all()
    return tuple(map(_kept, rows)), rows[-1].Entry.book_id if len(rows) == limit else None


def _kept(row: AnyRow) -> KeptEntry:
    entry: Entry = row.Entry
    return KeptEntry(
        book_id=entry.book_id,
        book=row.title,
        author=row.author,
        isbn=row.isbn,
        shelf=entry.state,  # type: ignore[arg-type]  # the table checks it
        stars=rules.stars(entry.quarters),
        rated_at=entry.rated_at,
        tags=tuple(name for (name,) in row.tags),
        own_shelves=tuple(name for (name,) in row.shelves),
        note=entry.note,
        is_owned=entry.is_owned,
        visibility=None if entry.visibility is None else word(entry.visibility),
        added_at=entry.added_at,
        shelved_at=entry.state_at,
        detail=detail_rules.kept(row.Detail),
    )


async def list_own_shelves(db: AsyncSession, actor: Actor) -> tuple[KeptShelf, ...]:
    """The shelves that a person made."""
    rows = await db.scalars(select(Shelf).where(Shelf.account_id == actor.id).order_by(Shelf.name, Shelf.id))
    return tuple(
        KeptShelf(
            name=row.name,
            about=row.about,
            visibility=None if row.visibility is None else word(row.visibility),
            created_at=row.created_at,
        )
        for row in rows
    )
