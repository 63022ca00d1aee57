"""Recommending a book to everybody. What is counted for the lists is counted anew with every change."""

from collections.abc import Iterable

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.actions import record
from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.advice import rules
from bookapp.advice.commands import SayPraise
from bookapp.advice.models import Praise, Praised
from bookapp.advice.queries import find_own_praise
from bookapp.books.models import Book
from bookapp.books.queries import find_book
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, NotFound
from bookapp.core.events import CATALOGUE, Changed, announce


async def say_praise(
    db: AsyncSession, actor: Actor, book_id: int, command: SayPraise, version: int | None = None
) -> str:
    """Recommend a book to everybody, or say it in other words, and return its title.

    `version` is the one that was read, None for whichever is there. Raises NotFound, and Conflict with the newer
    words when they are no longer that version.
    """
    book = await find_book(db, book_id)  # locked: of two requests at once, one finds the other's praise
    praise = await db.scalar(_own(actor, book_id))
    if praise is None:
        db.add(Praise(account_id=actor.id, book_id=book_id, reason=command.reason, at=clock.now(), version=1))
    else:
        await _check_version(db, actor, praise, version)
        if praise.reason != command.reason:
            # The moment stays: who mends a word does not come up again.
            praise.reason = command.reason
            praise.version += 1
    await db.flush()
    await count_praise(db, [book_id])
    tell(db, actor, book_id)
    return book.title


async def take_praise_back(db: AsyncSession, actor: Actor, book_id: int, version: int | None = None) -> str:
    """Recommend a book no longer, if one did, and return its title.

    Raises NotFound, and Conflict with the newer words when they are no longer `version`.
    """
    book = await find_book(db, book_id)
    praise = await db.scalar(_own(actor, book_id))
    if praise is not None:
        await _check_version(db, actor, praise, version)
        await db.delete(praise)
        await db.flush()
        await count_praise(db, [book_id])
        tell(db, actor, book_id)
    return book.title


async def remove_praise(db: AsyncSession, actor: Actor, praise_id: int) -> int:
    """Take away what somebody said for a book, for an administrator, and return the book's id. Raises NotFound."""
    whose = select(Praise, Account.username).join(Account, Account.id == Praise.account_id)
    row = (await db.execute(whose.where(Praise.id == praise_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such recommendation.")
    praise, name = row
    book = await find_book(db, praise.book_id, or_deleted=True)
    await db.execute(delete(Praise).where(Praise.id == praise_id))
    await count_praise(db, [book.id])
    await record(db, actor, "praise removed", name, book=book.title)
    tell(db, actor, book.id)
    return book.id


async def count_praise(db: AsyncSession, book_ids: Iterable[int]) -> None:
    """Count the praise of these books anew, of people who are here; whoever calls holds the books' rows."""
    ids = sorted(set(book_ids))
    for start in range(0, len(ids), 1000):  # a statement takes some ten thousand values at most
        some = ids[start : start + 1000]
        counted = (
            select(Praise.book_id, func.count().label("voices"), func.max(Praise.at).label("last_at"))
            .join(Account, Account.id == Praise.account_id)
            .where(Praise.book_id.in_(some), ACTIVE)
            .group_by(Praise.book_id)
        )
        rows = [
            {"book_id": row.book_id, "voices": row.voices, "rank": rules.rank(row.last_at, row.voices)}
            for row in await db.execute(counted)
        ]
        await db.execute(delete(Praised).where(Praised.book_id.in_(some)))
        if rows:
            await db.execute(insert(Praised), rows)


async def hold_books(db: AsyncSession, book_ids: Iterable[int]) -> None:
    """Lock books, in order, so that nobody counts their praise meanwhile."""
    ids = sorted(set(book_ids))
    for start in range(0, len(ids), 1000):
        held = select(Book.id).where(Book.id.in_(ids[start : start + 1000])).order_by(Book.id).with_for_update()
        await db.execute(held)


def tell(db: AsyncSession, actor: Actor, book_id: int) -> None:
    """Announce that advice about a book is another one; guests see it, too."""
    announce(db, CATALOGUE)
    announce(db, Changed("advice-changed", frozenset({actor.id} if actor.id is not None else ()), about=book_id))


async def _check_version(db: AsyncSession, actor: Actor, praise: Praise, version: int | None) -> None:
    if version is not None and praise.version != version:
        newer = await find_own_praise(db, actor, praise.book_id)
        raise Conflict(
            "What you say for this book was changed since you opened it. Nothing was overwritten.", newer=newer
        )


def _own(actor: Actor, book_id: int) -> Select[Praise]:
    return select(Praise).where(Praise.account_id == actor.id, Praise.book_id == book_id)
