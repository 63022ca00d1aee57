"""Merging what is in the catalogue twice. Every merge can be undone."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books import author_merging, book_merging
from bookapp.books.merge_rules import Moved
from bookapp.books.models import Merge
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.core.events import CATALOGUE, announce


class Follower(Protocol):
    """What other rooms keep about a book or an author, and what therefore goes where that goes."""

    name: str

    async def move(self, db: AsyncSession, from_id: int, into_id: int) -> list[Any]:
        """Let everything be about the second one, and return what `move_back` needs, as JSON."""
        ...

    async def move_back(self, db: AsyncSession, from_id: int, into_id: int, moved: list[Any]) -> None:
        """Let what was moved be about the first one again, as far as it is still about the second."""
        ...


async def merge_authors(
    db: AsyncSession, actor: Actor, from_id: int, into_id: int, followers: Sequence[Follower] = ()
) -> int:
    """Give all books of the first author to the second and return the merge's id; the first author is gone.

    Raises NotFound, and Invalid for an author and themselves.
    """
    _check_two(from_id, into_id)
    moved = await author_merging.move(db, actor, from_id, into_id)
    await _take_along(db, moved, from_id, into_id, followers)
    return await _keep(db, actor, "author", from_id, into_id, moved)


async def merge_books(
    db: AsyncSession, actor: Actor, from_id: int, into_id: int, followers: Sequence[Follower] = ()
) -> int:
    """Give the second book what it lacks and return the merge's id; the first book is deleted, as books are.

    Raises NotFound, and Invalid for a book and itself.
    """
    _check_two(from_id, into_id)
    moved = await book_merging.move(db, actor, from_id, into_id)
    await _take_along(db, moved, from_id, into_id, followers)
    return await _keep(db, actor, "book", from_id, into_id, moved)


async def undo_merge(
    db: AsyncSession, actor: Actor, merge_id: int, followers: Sequence[Follower] = ()
) -> tuple[str, ...]:
    """Make two of one again; what was edited since stays. Returns sentences about what could not be brought back.

    The followers are those of both kinds: only what the merge took along comes back.
    Raises NotFound, and Conflict when it was undone before or a later merge has to be undone first.
    """
    merge = await db.scalar(select(Merge).where(Merge.id == merge_id).with_for_update())
    if merge is None:
        raise NotFound("There is no such merge.")
    if merge.undone_at is not None:
        raise Conflict("This merge is undone already.")
    await _check_last(db, merge)
    if merge.kind == "author":
        again, remarks = await author_merging.move_back(db, actor, merge.from_id, merge.into_id, merge.kept)
        await _renumber(db, merge, again)
    else:
        again = merge.from_id
        remarks = await book_merging.move_back(db, actor, again, merge.into_id, merge.kept)
    moved = merge.kept.get("followers", {})  # merges of authors that are older have none
    for each in followers:
        if each.name in moved:
            await each.move_back(db, again, merge.into_id, moved[each.name])
    merge.undone_at, merge.undone_by, merge.remarks = clock.now(), actor.name, remarks
    await db.flush()
    announce(db, CATALOGUE)
    return tuple(remarks)


async def _take_along(
    db: AsyncSession, moved: Moved, from_id: int, into_id: int, followers: Sequence[Follower]
) -> None:
    moved.kept["followers"] = {each.name: await each.move(db, from_id, into_id) for each in followers}


def _check_two(from_id: int, into_id: int) -> None:
    if from_id == into_id:
        raise Invalid({"into": ["Choose another one: nothing can be merged with itself"]})


async def _keep(db: AsyncSession, actor: Actor, kind: str, from_id: int, into_id: int, moved: Moved) -> int:
    merge = Merge(
        at=clock.now(),
        actor_id=actor.id,
        actor_name=actor.name,
        kind=kind,
        from_id=from_id,
        from_name=moved.from_name,
        into_id=into_id,
        into_name=moved.into_name,
        kept=moved.kept,
        remarks=[],
    )
    db.add(merge)
    await db.flush()
    announce(db, CATALOGUE)
    return merge.id


async def _check_last(db: AsyncSession, merge: Merge) -> None:
    """What came in by this merge may have been handed on by a later one, which then goes first."""
    later = select(Merge.id).where(
        Merge.kind == merge.kind,
        Merge.from_id == merge.into_id,
        Merge.id > merge.id,
        Merge.undone_at.is_(None),
    )
    if await db.scalar(later.limit(1)) is not None:
        raise Conflict(f"“{merge.into_name}” was merged with another one since. Undo that first.")


async def _renumber(db: AsyncSession, merge: Merge, again: int) -> None:
    """Earlier merges into an author who came back with another number mean that one."""
    if again != merge.from_id:
        await db.execute(
            update(Merge)
            .where(
                Merge.kind == "author",
                Merge.into_id == merge.from_id,
                Merge.id < merge.id,
                Merge.undone_at.is_(None),
            )
            .values(into_id=again)
            .execution_options(synchronize_session=False)
        )
