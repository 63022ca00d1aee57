"""Changing a person's own shelves, and what stands on them."""

from typing import Any

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid
from bookapp.core.events import Changed, announce
from bookapp.shelves import rules
from bookapp.shelves.commands import AddShelf, EditShelf
from bookapp.shelves.entry_actions import changing, chosen, hold
from bookapp.shelves.models import Detail, Entry, EntryTag, Quote, Reading, Review, Shelf, ShelfBook
from bookapp.shelves.person_queries import find_choices
from bookapp.shelves.shelf_queries import find_shelf, show_own_shelf


async def add_shelf(db: AsyncSession, actor: Actor, command: AddShelf) -> str:
    """Make a shelf of one's own and return its slug. Raises Invalid when there are too many, or one of that name."""
    assert actor.id is not None
    await hold(db, actor)
    if (await db.scalar(select(func.count()).where(Shelf.account_id == actor.id)) or 0) >= rules.MOST_SHELVES:
        raise Invalid({"name": [f"You have {rules.MOST_SHELVES} shelves, and more do not fit"]})
    visibility = chosen(command.visibility)
    shelf = Shelf(
        account_id=actor.id,
        name=command.name,
        slug=await _free_slug(db, actor, command.name),
        about=command.about,
        visibility=visibility,
        seen_by=rules.effective(visibility, None, await find_choices(db, actor)),
        created_at=clock.now(),
        version=1,
    )
    db.add(shelf)
    await db.flush()
    _announce(db, actor)
    return shelf.slug


async def edit_shelf(db: AsyncSession, actor: Actor, slug: str, command: EditShelf, version: int | None) -> str:
    """Change what `command` holds, and return the slug, which goes with the name.

    Raises NotFound, Conflict with the newer shelf when it is no longer `version`, Invalid for a name that is taken.
    """
    await hold(db, actor)
    shelf = await find_shelf(db, actor, slug, to_change=True)
    if version is not None and shelf.version != version:
        newer = await show_own_shelf(db, actor, slug)
        raise Conflict("This shelf was changed since you opened it. Nothing was overwritten.", newer=newer)
    if "name" in command and command["name"] != shelf.name:
        shelf.slug = await _free_slug(db, actor, command["name"], beside=shelf.id)
        shelf.name = command["name"]
    if "about" in command:
        shelf.about = command["about"]
    if "visibility" in command:
        shelf.visibility = chosen(command["visibility"])
        shelf.seen_by = rules.effective(shelf.visibility, None, await find_choices(db, actor))
    if db.is_modified(shelf):
        shelf.version += 1
        await db.flush()
        _announce(db, actor)
    return shelf.slug


async def delete_shelf(db: AsyncSession, actor: Actor, slug: str, version: int | None) -> str:
    """Take a shelf down and return its name; the books stay wherever else they stand.

    Raises NotFound, and Conflict with the newer shelf when it is no longer `version`.
    """
    await hold(db, actor)
    shelf = await find_shelf(db, actor, slug, to_change=True)
    if version is not None and shelf.version != version:
        newer = await show_own_shelf(db, actor, slug)
        raise Conflict("This shelf was changed since you opened it. Nothing was overwritten.", newer=newer)
    name = shelf.name
    await db.delete(shelf)
    await db.flush()
    await _sweep(db, actor)
    _announce(db, actor)
    return name


async def put_on_own(db: AsyncSession, actor: Actor, slug: str, book_id: int) -> None:
    """Put a book on a shelf of one's own; it may stand on several. Raises NotFound."""
    await hold(db, actor)
    shelf = await find_shelf(db, actor, slug)
    async with changing(db, actor, book_id) as change:
        on_it = (ShelfBook.shelf_id == shelf.id, ShelfBook.book_id == book_id)
        if await db.scalar(select(ShelfBook.shelf_id).where(*on_it)) is None:
            await db.execute(insert(ShelfBook).values(shelf_id=shelf.id, book_id=book_id, added_at=clock.now()))
            change.is_touched = True


async def take_off_own(db: AsyncSession, actor: Actor, slug: str, book_id: int) -> None:
    """Take a book off a shelf of one's own. Raises NotFound."""
    await hold(db, actor)
    shelf = await find_shelf(db, actor, slug)
    async with changing(db, actor, book_id) as change:
        taken = delete(ShelfBook).where(ShelfBook.shelf_id == shelf.id, ShelfBook.book_id == book_id)
        change.is_touched = await db.scalar(taken.returning(ShelfBook.book_id)) is not None


async def _free_slug(db: AsyncSession, actor: Actor, name: str, beside: int | None = None) -> str:
    """A slug for a name. Raises Invalid when another shelf of the person's has that name."""
    rows = (await db.execute(select(Shelf.id, Shelf.name, Shelf.slug).where(Shelf.account_id == actor.id))).all()
    others = [row for row in rows if row.id != beside]
    named = {row.name.casefold() for row in others} | {title.casefold() for title in rules.TITLES.values()}
    if name.casefold() in named:
        raise Invalid({"name": ["You have a shelf of that name already"]})
    return rules.slug(name, [row.slug for row in others])


async def _sweep(db: AsyncSession, actor: Actor) -> None:
    """Let go of all entries that say nothing any more and on which nothing hangs."""

    def hangs(kind: Any) -> Any:
        return exists().where(kind.account_id == Entry.account_id, kind.book_id == Entry.book_id).correlate(Entry)

    stands = (
        exists()
        .where(ShelfBook.book_id == Entry.book_id, ShelfBook.shelf_id == Shelf.id, Shelf.account_id == actor.id)
        .correlate(Entry)
    )
    empty = (Entry.state, Entry.quarters, Entry.note, Entry.visibility)
    says = (*(column.is_(None) for column in empty), Entry.is_owned.is_(False))
    await db.execute(
        delete(Entry)
        .where(Entry.account_id == actor.id, *says, ~stands)
        .where(*(~hangs(kind) for kind in (EntryTag, Review, Reading, Quote, Detail)))
        .execution_options(synchronize_session=False)
    )


def _announce(db: AsyncSession, actor: Actor) -> None:
    assert actor.id is not None
    announce(db, Changed("shelf-changed", frozenset({actor.id})))
