"""How often something may be tried: counted in the database, given back by time alone."""

from datetime import timedelta

import pytest

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.errors import TooMany
from bookapp.web import rates
from bookapp.web.rates import Rate, network

THREE = Rate("three", 3, 60)


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> "Stopped":
    return Stopped(monkeypatch)


class Stopped:
    """A clock that only moves when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.moment)

    def move(self, seconds: float) -> None:
        """Go on, or back."""
        self.moment += timedelta(seconds=seconds)


async def _take(db: Database, whose: str = "alice") -> int:
    async with db.writing() as session:
        return (await rates.take(session, THREE, whose)).remaining


async def test_three_tries_and_no_fourth(db: Database, stopped: Stopped) -> None:
    assert [await _take(db) for _ in range(3)] == [2, 1, 0]
    with pytest.raises(TooMany) as refused:
        await _take(db)
    assert refused.value.retry_after == 20  # a third of a minute brings one back
    assert await _take(db, "bob") == 2


async def test_a_refused_try_costs_nothing_and_time_brings_them_back(db: Database, stopped: Stopped) -> None:
    for _ in range(3):
        await _take(db)
    stopped.move(19)
    with pytest.raises(TooMany):
        await _take(db)
    stopped.move(1)
    assert await _take(db) == 0
    stopped.move(60)
    assert await _take(db) == 2


async def test_nobody_waits_for_a_clock_that_was_set_back(db: Database, stopped: Stopped) -> None:
    for _ in range(3):
        await _take(db)
    stopped.move(-86_400)
    assert [await _take(db) for _ in range(3)] == [2, 1, 0]
    with pytest.raises(TooMany):
        await _take(db)


async def test_what_was_taken_can_be_given_back(db: Database, stopped: Stopped) -> None:
    for _ in range(3):
        await _take(db)
    async with db.writing() as session:
        await rates.give_back(session, THREE, "alice")
    assert await _take(db) == 2


async def test_full_buckets_are_swept_and_others_stay(db: Database, stopped: Stopped) -> None:
    await _take(db, "alice")
    stopped.move(30)
    await _take(db, "bob")
    async with db.writing() as session:
        assert await rates.sweep(session) == 1
    assert await _take(db, "bob") == 1


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("local", "local"),
    ],
)
def test_a_household_is_one_network(address: str, whose: str) -> None:
    assert network(address) == whose
