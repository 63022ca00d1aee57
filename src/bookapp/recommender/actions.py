"""What a person says about what is recommended to them, and what the recommender hears of changes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.books.models import Author, Book, Subject
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.events import Changed, announce
from bookapp.core.model import Model
from bookapp.core.text import name_key
from bookapp.recommender import rules
from bookapp.recommender.commands import DismissBook, MuteThing
from bookapp.recommender.models import Dismissal, Mute, StaleBook, Taste
from bookapp.recommender.results import DismissalShown, Muted

ABSENT = "There is no such book."
NOT_MUTED = "You have not muted that."
MOST_MUTED = 500
_RATED = frozenset({"rating-changed", "entry-changed"})


async def dismiss(db: AsyncSession, actor: Actor, command: DismissBook) -> DismissalShown:
    """Keep a book away from what is recommended to the person. Raises Invalid for an unknown book."""
    title = await db.scalar(select(Book.title).where(Book.id == command.book_id, Book.deleted_at.is_(None)))
    if title is None:
        raise Invalid({"book_id": [ABSENT.rstrip(".")]})
    now = clock.now()
    told = {"at": now, "until": now + rules.NOT_NOW}
    await _put(db, Dismissal, {"account_id": actor.id, "book_id": command.book_id}, told)
    return DismissalShown(command.book_id, title, told["until"], rules.dismissal_url(command.book_id))


async def take_back(db: AsyncSession, actor: Actor, book_id: int) -> str:
    """Let a book be recommended again, and return its title; one that was not dismissed stays as it is.

    Raises NotFound for an unknown book.
    """
    title = await db.scalar(select(Book.title).where(Book.id == book_id, Book.deleted_at.is_(None)))
    if title is None:
        raise NotFound(ABSENT)
    await db.execute(delete(Dismissal).where(Dismissal.account_id == actor.id, Dismissal.book_id == book_id))
    return title


async def mute(db: AsyncSession, actor: Actor, command: MuteThing) -> Muted:
    """Recommend nothing more by an author or about a subject. Raises Invalid for an unknown name, or for too many."""
    kind = Author if command.kind == "author" else Subject
    row = (await db.execute(select(kind.id, kind.name).where(kind.name_key == name_key(command.name)))).one_or_none()
    if row is None:
        raise Invalid({"name": [f"There is no such {command.kind}"]})
    # The account's row is the gate: two requests at once could both find the last place free.
    await db.scalar(select(Account.id).where(Account.id == actor.id).with_for_update())
    many = await db.scalar(select(func.count()).select_from(Mute).where(Mute.account_id == actor.id))
    if (many or 0) >= MOST_MUTED:
        raise Invalid({"name": [f"You have muted {MOST_MUTED} already, and more do not fit"]})
    what = {"account_id": actor.id, "kind": command.kind, "key": row.id}
    await _put(db, Mute, what, {"at": clock.now()})
    return Muted(command.kind, row.id, row.name, rules.mute_url(command.kind, row.id))


async def unmute(db: AsyncSession, actor: Actor, kind: str, key: int) -> str:
    """Let an author or a subject be recommended again, and return the name. Raises NotFound when it was not muted."""
    its = (Mute.account_id == actor.id, Mute.kind == kind, Mute.key == key)
    if await db.scalar(select(Mute.key).where(*its)) is None:
        raise NotFound(NOT_MUTED)
    table = Author if kind == "author" else Subject
    name = await db.scalar(select(table.name).where(table.id == key))
    await db.execute(delete(Mute).where(*its))
    return name or kind


async def set_taste(db: AsyncSession, actor: Actor, adventure: int) -> None:
    """Remember how far from what they know the person wants to be led."""
    await _put(db, Taste, {"account_id": actor.id}, {"adventure": adventure})
    assert actor.id is not None
    announce(db, Changed("recommendations-changed", frozenset({actor.id})))


async def hear(db: AsyncSession, change: Changed) -> None:
    """Note that a book was rated: its own rows are soon made anew. Plugged in by the application."""
    if change.name in _RATED and change.about is not None:
        await _put(db, StaleBook, {"book_id": change.about}, {"at": clock.now()})


async def _put(db: AsyncSession, table: type[Model], key: Mapping[str, Any], rest: Mapping[str, Any]) -> None:
    make = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = make(table).values(**key, **rest)
    await db.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(rest)))
