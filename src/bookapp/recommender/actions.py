"""What a person says about what is recommended to them, and what the recommender hears of changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.books.models import Author, Book, Subject
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.events import Changed, announce
from bookapp.core.sql import upsert
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
    own = {"account_id": actor.id, "book_id": command.book_id}
    await _put(db, Dismissal, [own | told], tuple(own))
    _tell(db, actor, command.book_id)
    return DismissalShown(command.book_id, title, told["until"], rules.dismissal_url(command.book_id))


async def take_back(db: AsyncSession, actor: Actor, book_id: int) -> str:
    """Let a book be recommended again, and return its title; one that was not dismissed stays as it is.

    Raises NotFound for an unknown book.
    """
    title = await db.scalar(select(Book.title).where(Book.id == book_id, Book.deleted_at.is_(None)))
    if title is None:
        raise NotFound(ABSENT)
    await db.execute(delete(Dismissal).where(Dismissal.account_id == actor.id, Dismissal.book_id == book_id))
    _tell(db, actor, book_id)
    return title


def _tell(db: AsyncSession, actor: Actor, book_id: int) -> None:
    assert actor.id is not None
    announce(db, Changed("dismissals-changed", frozenset({actor.id}), about=book_id))


async def mute(db: AsyncSession, actor: Actor, command: MuteThing) -> Muted:
    """Recommend nothing more by an author or about a subject. Raises Invalid for an unknown name, or for too many."""
    kind = Author if command.kind == "author" else Subject
    row = (await db.execute(select(kind.id, kind.name).where(kind.name_key == name_key(command.name)))).one_or_none()
    if row is None:
        raise Invalid({"name": [f"There is no such {command.kind}"]})
    await hold(db, actor, absent=ABSENT)
    many = await db.scalar(select(func.count()).select_from(Mute).where(Mute.account_id == actor.id))
    if (many or 0) >= MOST_MUTED:
        raise Invalid({"name": [f"You have muted {MOST_MUTED} already, and more do not fit"]})
    what = {"account_id": actor.id, "kind": command.kind, "key": row.id}
    await _put(db, Mute, [what | {"at": clock.now()}], tuple(what))
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
    await _put(db, Taste, [{"account_id": actor.id, "adventure": adventure}], ("account_id",))
    assert actor.id is not None
    announce(db, Changed("recommendations-changed", frozenset({actor.id})))


async def hear(db: AsyncSession, change: Changed) -> None:
    """Note that books were rated: their own rows are soon made anew. Plugged in by the application."""
    if change.name in _RATED and (books := change.about_all):
        now = clock.now()
        await _put(db, StaleBook, [{"book_id": book_id, "at": now} for book_id in sorted(books)], ("book_id",))


async def _put(db: AsyncSession, table: Any, rows: Sequence[Mapping[str, Any]], key: Sequence[str]) -> None:
    """Insert rows, or let those that are there hold what these do."""
    add = upsert(db, table)
    rest = {name: add.excluded[name] for name in rows[0] if name not in key}
    await db.execute(add.values([dict(row) for row in rows]).on_conflict_do_update(index_elements=key, set_=rest))
