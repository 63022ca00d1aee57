"""Reading all that a person has to do with a book."""

from typing import Any

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.models import Book
from bookapp.books.rules import book_url
from bookapp.circles.visibility import word
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyRow, rows_as_json
from bookapp.shelves import detail_rules, rules
from bookapp.shelves.entry_queries import NO_BOOK, TAGS
from bookapp.shelves.models import Detail, Entry, Reader, Shelf, ShelfBook
from bookapp.shelves.person_queries import choices_of
from bookapp.shelves.quote_queries import list_own_quotes
from bookapp.shelves.reading_queries import list_own_readings
from bookapp.shelves.results import MineBook, MyBook, OwnShelf
from bookapp.shelves.review_queries import find_own_review


async def show_mine(db: AsyncSession, actor: Actor, book_id: int) -> MyBook:
    """What a person has to do with a book, be it nothing yet. Raises NotFound when there is no such book."""
    shelves = rows_as_json(
        select(
            Shelf.slug,
            Shelf.name,
            exists().where(ShelfBook.shelf_id == Shelf.id, ShelfBook.book_id == Book.id).correlate(Shelf, Book),
        )
        .where(Shelf.account_id == actor.id)
        .order_by(Shelf.name, Shelf.id)
        .correlate(Book)
    )
    row = (
        await db.execute(
            select(Book.id, Book.title, Book.pages, Entry, Detail, Reader, TAGS.label("tags"), shelves.label("shelves"))
            .select_from(Book)
            .outerjoin(Entry, and_(Entry.book_id == Book.id, Entry.account_id == actor.id))
            .outerjoin(Detail, and_(Detail.book_id == Book.id, Detail.account_id == actor.id))
            .outerjoin(Reader, Reader.account_id == actor.id)
            .where(Book.id == book_id, Book.deleted_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        raise NotFound(NO_BOOK)
    return _mine(
        row,
        actor,
        review=await find_own_review(db, actor, book_id),
        readings=await list_own_readings(db, actor, book_id),
        quotes=await list_own_quotes(db, actor, book_id),
    )


def _mine(row: AnyRow, actor: Actor, **hangs: Any) -> MyBook:
    entry: Entry | None = row.Entry
    state = entry.state if entry else None
    quarters = entry.quarters if entry else None
    own = entry.visibility if entry else None
    choices = choices_of(row.Reader)
    return MyBook(
        book=MineBook(row.id, row.title, book_url(row.id), row.pages),
        state=state,  # type: ignore[arg-type]  # the table checks it
        stars=rules.stars(quarters),
        stars_words=rules.stars_words(quarters),
        visibility=None if own is None else word(own),
        seen_by=word(rules.effective(own, state, choices)),
        seen_by_shelf=word(choices.of_shelf(state)),
        tags=tuple(name for (name,) in row.tags),
        shelves=tuple(_own_shelf(actor, row.id, *shelf) for shelf in row.shelves),
        note=entry.note if entry else None,
        detail=detail_rules.shown(row.Detail),
        is_owned=entry is not None and entry.is_owned,
        url=rules.mine_url(row.id),
        shelves_url=rules.shelves_url(actor.name),
        version=entry.version if entry else 0,
        **hangs,
    )


def _own_shelf(actor: Actor, book_id: int, slug: str, name: str, is_chosen: object) -> OwnShelf:
    url = rules.shelf_url(actor.name, slug)
    return OwnShelf(slug, name, url, f"{url}/books/{book_id}", bool(is_chosen))
