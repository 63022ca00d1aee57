"""Hashing: Argon2id, two at once, a short line, and the same time for people who do not exist."""

import asyncio
import threading
import time

import pytest
from argon2 import PasswordHasher, extract_parameters

from bookapp.accounts import passwords
from bookapp.accounts.passwords import Passwords, is_outdated
from bookapp.core.errors import Busy
from tests.people import PASSWORD
from tests.quick import SHIPPED


@pytest.fixture(autouse=True)
def as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", SHIPPED)
    passwords._dummy.cache_clear()


async def test_a_hash_is_argon2id_with_todays_parameters() -> None:
    stored = await Passwords().hash(PASSWORD)
    said = extract_parameters(stored)
    assert stored.startswith("$argon2id$")
    assert (said.memory_cost, said.time_cost, said.parallelism) == (19_456, 2, 1)
    assert PASSWORD not in stored
    assert stored != await Passwords().hash(PASSWORD), "a salt of its own"


@pytest.mark.parametrize("other", [PASSWORD + " ", " " + PASSWORD, PASSWORD.upper(), PASSWORD[:-1], "", PASSWORD * 2])
async def test_only_exactly_the_same_password_fits(other: str) -> None:
    hasher = Passwords()
    stored = await hasher.hash(PASSWORD)
    assert await hasher.fits(PASSWORD, stored)
    assert not await hasher.fits(other, stored)


async def test_a_long_password_is_compared_to_its_last_sign() -> None:
    hasher, long = Passwords(), "many words " * 90
    stored = await hasher.hash(long)
    assert await hasher.fits(long, stored)
    assert not await hasher.fits(long[:-1] + "x", stored)


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_hash_that_is_none_fits_nothing(stored: str) -> None:
    assert not await Passwords().fits(PASSWORD, stored)


async def test_nobody_takes_as_long_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    fits = passwords._fits

    def watched(password: str, stored: str) -> bool:
        compared.append(stored)
        return fits(password, stored)

    monkeypatch.setattr(passwords, "_fits", watched)
    assert not await Passwords().fits("somebody who is not here", None)  # even with the password of the dummy
    assert extract_parameters(compared[0]) == extract_parameters(await Passwords().hash(PASSWORD))


async def test_two_are_hashed_at_once_and_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(_password: str) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return "hash"

    class Slow:
        hash = staticmethod(slow)

    monkeypatch.setattr(passwords, "_hasher", Slow())
    hasher, worst = Passwords(), 0.0

    async def watch() -> None:
        nonlocal worst
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.002)
            worst = max(worst, time.monotonic() - began)

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(hasher.hash("x") for _ in range(20)))
    watcher.cancel()
    assert most == passwords.AT_ONCE == 2
    assert worst < 0.2


async def test_a_line_that_is_too_long_is_refused_and_then_is_short_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        @staticmethod
        def hash(_password: str) -> str:
            time.sleep(0.002)
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    hasher = Passwords()
    came = await asyncio.gather(*(hasher.hash("x") for _ in range(passwords.IN_LINE + 5)), return_exceptions=True)
    assert sum(isinstance(one, Busy) for one in came) == 5
    assert came.count("hash") == passwords.IN_LINE
    assert await hasher.hash("x") == "hash"


def test_an_old_hash_is_known_as_old() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))
    assert not is_outdated(passwords._hasher.hash("x"))
