"""Generations: made whole, put in the place of the old one, mended in between."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import Conflict
from bookapp.core.events import Changed, announce
from bookapp.recommender import fit_actions, fit_queries, nightly, rules
from bookapp.recommender.actions import hear
from bookapp.recommender.fit import neighbours
from bookapp.recommender.material import Material, Rows
from bookapp.recommender.models import BookNeighbor, Fit, FitClaim, StaleBook
from bookapp.shelves.models import Entry
from tests.factories import a_book
from tests.people import a_person
from tests.recommender.taste import a_club, books, candidates, fit, rated, reasons, unheard


async def _generations(db: Database) -> list[tuple[int, bool, int]]:
    """Number, whether it is in use, and rows of each."""
    rows = select(func.count()).where(BookNeighbor.fit_id == Fit.id).scalar_subquery()
    async with db.reading() as session:
        return [tuple(row) for row in await session.execute(select(Fit.id, Fit.is_current, rows).order_by(Fit.id))]


async def test_a_new_generation_takes_the_place_of_the_old_one(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    made = await fit(db)
    assert (made.readers, made.ratings, made.books, made.neighbors) == (3, 6, 2, 2)
    (first, _current, _rows), *_ = await _generations(db)
    await fit(db)
    ((second, is_current, rows),) = await _generations(db)
    assert (second > first, is_current, rows) == (True, True, 2)


async def test_a_fit_with_nothing_to_learn_leaves_the_old_generation(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    await fit(db)
    before = await _generations(db)
    async with db.writing() as session:
        await session.execute(update(Entry).values(quarters=None, state="want"))
    with pytest.raises(Conflict, match="nothing to fit"):
        await fit(db)
    assert await _generations(db) == before


async def test_a_fit_that_breaks_off_leaves_the_old_generation_and_the_next_one_cleans_up(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    await fit(db)
    ((old, _current, _rows),) = await _generations(db)

    def breaks(material: Material, targets: Sequence[int] | None, around: Sequence[int]) -> Iterator[Rows]:
        yield from neighbours(material, targets, around)
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError):
        await fit_actions.fit_all(db, breaks, unheard)
    assert (await _generations(db))[0][:2] == (old, True)
    await fit(db)
    assert [is_current for _number, is_current, _rows in await _generations(db)] == [True]


async def test_two_fits_are_never_made_at_once(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    refused: list[Exception] = []

    def slowly(material: Material, targets: Sequence[int] | None, around: Sequence[int]) -> Iterator[Rows]:
        yield from neighbours(material, targets, around)

    results = await asyncio.gather(
        *(fit_actions.fit_all(db, slowly, unheard) for _ in range(3)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == 2
    assert len(await _generations(db)) == 1


async def test_the_turn_of_somebody_who_died_runs_out(db: Database) -> None:
    async with db.writing() as session:
        assert await fit_actions.take_turn(session, "fit", "a", timedelta(minutes=1))
        assert not await fit_actions.take_turn(session, "fit", "b", timedelta(minutes=1))
        assert await fit_actions.take_turn(session, "fit", "a", timedelta(minutes=1))
        await session.execute(update(FitClaim).values(until=clock.now() - timedelta(seconds=1)))
        assert await fit_actions.take_turn(session, "fit", "b", timedelta(minutes=1))


async def _rate_aloud(db: Database, book_id: int) -> None:
    async with db.writing() as session:
        announce(session, Changed("rating-changed", frozenset({1}), about=book_id))


async def test_a_rated_book_and_a_new_one_get_their_rows_before_the_night(db: Database) -> None:
    db.listeners.append(hear)
    emma, persuasion, dune = await books(db, 3)
    people = await a_club(db, [emma, persuasion])
    await fit(db)
    assert await fit_actions.refresh(db, neighbours, unheard) is None
    for person in people:
        await rated(db, person, dune)
    await _rate_aloud(db, dune)
    await _rate_aloud(db, dune)
    sanditon = await a_book(db, title="Sanditon", author="Author 0")
    made = await fit_actions.refresh(db, neighbours, unheard)
    assert made is not None
    alice = await a_person(db)
    await rated(db, alice, emma)
    assert set(await candidates(db, alice)) == {persuasion, dune, sanditon}
    assert (await reasons(db, alice, sanditon))[0][0] == emma
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(StaleBook)) == 0
        new_one_speaks = select(BookNeighbor.target_id).where(BookNeighbor.source_id == sanditon)
        assert list(await session.scalars(new_one_speaks)) == [emma]
    assert await fit_actions.refresh(db, neighbours, unheard) is None


async def test_when_there_is_nothing_in_use_refreshing_fits(db: Database) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    assert await fit_actions.refresh(db, neighbours, unheard) is not None
    assert [is_current for _number, is_current, _rows in await _generations(db)] == [True]


async def _work(db: Database) -> str | None:
    async with db.reading() as session:
        return await fit_queries.find_work(session)


async def test_work_is_found_when_something_changed(db: Database) -> None:
    assert await _work(db) is None
    emma, persuasion = await books(db, 2)
    people = await a_club(db, [emma, persuasion])
    assert await _work(db) == "fit"
    await fit(db)
    assert await _work(db) is None
    async with db.writing() as session:
        await session.execute(update(Fit).values(made_at=clock.now() - timedelta(days=2)))
        await session.execute(update(Entry).values(rated_at=clock.now() - timedelta(days=3)))
    assert await _work(db) is None
    async with db.writing() as session:
        await session.execute(update(Entry).where(Entry.account_id == people[0].id).values(quarters=None, state="want"))
    assert await _work(db) == "fit"
    async with db.writing() as session:
        await session.execute(update(Fit).values(made_at=clock.now()))
        announce(session, Changed("rating-changed", about=emma))
        await hear(session, Changed("rating-changed", about=emma))
    assert await _work(db) == "refresh"


def test_the_nightly_hour_comes_once_a_day() -> None:
    made = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    assert rules.is_due(None, made)
    assert not rules.is_due(made, datetime(2026, 3, 1, 2, 59, tzinfo=UTC))
    assert rules.is_due(made, datetime(2026, 3, 1, 3, 0, tzinfo=UTC))
    assert not rules.is_due(datetime(2026, 3, 1, 3, 5, tzinfo=UTC), datetime(2026, 3, 2, 2, 59, tzinfo=UTC))
    assert rules.is_due(datetime(2026, 3, 1, 3, 5, tzinfo=UTC), datetime(2026, 3, 4, 1, 0, tzinfo=UTC))


async def test_of_two_workers_one_learns_in_a_process_of_its_own(db: Database, tmp_path: object) -> None:
    emma, persuasion = await books(db, 2)
    await a_club(db, [emma, persuasion])
    assert await nightly._due(db, "one worker") == "fit"
    assert await nightly._due(db, "another") is None
    assert await nightly.run("fit", {"DATABASE_URL": db.url, "BOOKAPP_DATA_DIR": str(tmp_path)})
    assert [is_current for _number, is_current, _rows in await _generations(db)] == [True]


async def test_the_process_ends_with_the_one_that_started_it(db: Database, tmp_path: object) -> None:
    await books(db, 2)
    task = asyncio.create_task(nightly.run("fit", {"DATABASE_URL": db.url, "BOOKAPP_DATA_DIR": str(tmp_path)}))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _generations(db) == []
