"""Answers that are the same for every reader, made once per version of the catalogue and served as bytes."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished answer, true for one version of the catalogue."""

    version: int
    status: int
    headers: tuple[Header, ...]
    body: bytes
    etag: bytes
    endpoint: str


class Cache:
    """The least recently used answers go first; `most_bytes` bounds the memory, however many addresses there are."""

    def __init__(self, most_bytes: int = 16 * 2**20) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._room = most_bytes

    def get(self, key: Hashable, version: int | None) -> Kept | None:
        """The answer for `key`, if it was made for `version`."""
        kept = self._kept.get(key)
        if kept is None or kept.version != version:
            return None
        self._kept.move_to_end(key)
        return kept

    def had(self, key: Hashable) -> bool:
        """Whether there is an answer for `key`, be it of an older version."""
        return key in self._kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer in place of older ones."""
        self._drop(key)
        self._kept[key] = kept
        self._room -= _weight(kept)
        while self._room < 0:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._room += _weight(old)


class Flights:
    """When a version ends, many ask for the same page at once: one of them draws it, the others wait for that."""

    def __init__(self, seconds: float = 2.0) -> None:
        self._under_way: dict[Hashable, asyncio.Event] = {}
        self._patience = seconds

    async def joined(self, key: Hashable) -> bool:
        """Wait until somebody else has made the answer for `key`; False when it is now the caller's to make.

        Who was told False says `land` when done. The wait is bounded: a slow draw must not hold everybody up.
        """
        landing = self._under_way.get(key)
        if landing is None:
            self._under_way[key] = asyncio.Event()
            return False
        try:
            async with asyncio.timeout(self._patience):
                await landing.wait()
        except TimeoutError:
            pass
        return True

    def land(self, key: Hashable) -> None:
        """Let the others go on, whether or not there is an answer now."""
        self._under_way.pop(key).set()


def _weight(kept: Kept) -> int:
    return len(kept.body) + 1500
