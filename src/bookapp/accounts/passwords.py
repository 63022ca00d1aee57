"""Hashing passwords with Argon2id, in threads, at most two at once: each takes a core and 19 MiB.

Parameters: OWASP's Password Storage Cheat Sheet (19 MiB, two passes, one lane).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bookapp.core.errors import Busy

T = TypeVar("T")
AT_ONCE, IN_LINE = 2, 60
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Passwords:
    """Hashes and compares for one event loop."""

    def __init__(self) -> None:
        # Threads of their own: what others do in threads, such as drawing a long calendar, must not keep people out.
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to store. Raises Busy when too many wait."""
        return await self._run(_hasher.hash, password)

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one of `stored`; without a hash it takes as long and is False. Raises Busy."""
        return await self._run(_fits, password, stored or _dummy()) and stored is not None

    async def _run(self, work: Callable[..., T], *args: str) -> T:
        if self._waiting >= IN_LINE:
            raise Busy("Too many people are signing in just now.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        finally:
            self._waiting -= 1


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _fits(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _dummy() -> str:
    """The hash that is compared for names that do not exist, so that the time tells nothing."""
    return _hasher.hash("somebody who is not here")
