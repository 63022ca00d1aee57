"""Copying passages out of books."""

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.circles.visibility import EVERYONE
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid
from bookapp.core.events import CATALOGUE, Changed, announce
from bookapp.shelves.entry_actions import changing, chosen
from bookapp.shelves.models import Quote
from bookapp.shelves.quote_commands import MOST_QUOTES, AddQuote, EditQuote
from bookapp.shelves.quote_queries import count_quotes, find_quote, show_own_quote


async def add_quote(db: AsyncSession, actor: Actor, book_id: int, command: AddQuote) -> int:
    """Copy a passage out of a book, and return its id. Raises NotFound, and Invalid when there are too many."""
    async with changing(db, actor, book_id) as change:
        change.is_touched = change.was_seen_by is None
        if await count_quotes(db, actor, book_id) >= MOST_QUOTES:
            raise Invalid({"text": [f"You have copied {MOST_QUOTES} passages out of it, and more do not fit"]})
        own = chosen(command.visibility)
        quote = Quote(
            account_id=actor.id,
            book_id=book_id,
            text=command.text,
            page=command.page,
            visibility=own,
            seen_by=change.seen_by(own),
            created_at=clock.now(),
            version=1,
        )
        db.add(quote)
        await db.flush()
        _announce(db, actor, book_id, quote.seen_by)
    return quote.id


async def edit_quote(
    db: AsyncSession, actor: Actor, book_id: int, quote_id: int, command: EditQuote, version: int | None
) -> None:
    """Change what `command` holds; `version` is the one that was read, None for whichever is there.

    Raises NotFound, and Conflict with the newer quote when it is no longer `version`.
    """
    await show_own_quote(db, actor, book_id, quote_id)  # what is not there is not there, whatever the book
    async with changing(db, actor, book_id) as change:
        quote = await find_quote(db, actor, book_id, quote_id)
        await _check_version(db, actor, quote, version)
        before = quote.seen_by
        if "text" in command:
            quote.text = command["text"]
        if "page" in command:
            quote.page = command["page"]
        if "visibility" in command:
            quote.visibility = chosen(command["visibility"])
        quote.seen_by = change.seen_by(quote.visibility)
        if db.is_modified(quote):
            quote.version += 1
            await db.flush()
            _announce(db, actor, book_id, before, quote.seen_by)


async def remove_quote(db: AsyncSession, actor: Actor, book_id: int, quote_id: int, version: int | None) -> None:
    """Throw a quote away. Raises NotFound, and Conflict with the newer quote when it is no longer `version`."""
    await show_own_quote(db, actor, book_id, quote_id)
    async with changing(db, actor, book_id) as change:
        quote = await find_quote(db, actor, book_id, quote_id)
        await _check_version(db, actor, quote, version)
        change.is_touched = True  # an entry on which nothing else hangs goes with it
        await db.delete(quote)
        await db.flush()
        _announce(db, actor, book_id, quote.seen_by)


async def _check_version(db: AsyncSession, actor: Actor, quote: Quote, version: int | None) -> None:
    if version is not None and quote.version != version:
        newer = await show_own_quote(db, actor, quote.book_id, quote.id)
        raise Conflict("This quote was changed since you opened it. Nothing was overwritten.", newer=newer)


def _announce(db: AsyncSession, actor: Actor, book_id: int, *seen_by: int) -> None:
    assert actor.id is not None
    announce(db, Changed("quotes-changed", frozenset({actor.id}), about=book_id))
    if EVERYONE in seen_by:
        announce(db, CATALOGUE)
