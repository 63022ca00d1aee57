"""Who liked what: entries put there directly, and a fit in this very process."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.recommender import fit_actions, queries
from bookapp.recommender.fit import neighbours
from bookapp.recommender.results import FitMade
from bookapp.shelves.models import Entry
from tests.factories import a_book
from tests.people import a_person


def unheard(_more: int, _total: int) -> None:
    """Nobody looks at how far it is."""


async def rated(db: Database, person: Actor, book_id: int, stars: float | None = 5, **more: Any) -> None:
    """That a person rated a book, or only has it on a shelf, for everybody to see."""
    now = clock.now() - timedelta(minutes=1)
    quarters = None if stars is None else round(4 * stars)
    row = {"state": "read", "seen_by": 2, "is_owned": False, "added_at": now, "state_at": now, "version": 1} | more
    async with db.writing() as session:
        await session.execute(
            insert(Entry).values(
                account_id=person.id, book_id=book_id, quarters=quarters, rated_at=now if quarters else None, **row
            )
        )


async def books(db: Database, count: int, **fields: Any) -> list[int]:
    """Books that have nothing in common, unless `fields` say so."""
    return [await a_book(db, **{"title": f"Book {n}", "author": f"Author {n}"} | fields) for n in range(count)]


async def a_club(db: Database, liked: list[int], size: int = 3, name: str = "reader") -> list[Actor]:
    """Readers who all gave these books five stars."""
    people = [await a_person(db, f"{name}{n}") for n in range(size)]
    for person in people:
        for book_id in liked:
            await rated(db, person, book_id)
    return people


async def fit(db: Database) -> FitMade:
    return await fit_actions.fit_all(db, neighbours, unheard)


async def candidates(db: Database, person: Actor) -> list[int]:
    """What a person's ratings speak for, the best first."""
    async with db.reading() as session:
        return [c.book_id for c in await queries.list_candidates(session, person.id or 0)]


async def reasons(db: Database, person: Actor, book_id: int) -> list[tuple[int, int]]:
    async with db.reading() as session:
        return list((await queries.list_reasons(session, person.id or 0, [book_id])).get(book_id, ()))
