"""Keeps the numbers of the place where counting them takes long."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bookapp.core import clock
from bookapp.statistics.results import PlaceShown

FEW = 20_000
"""So many books are counted anew for everybody who asks."""
KEPT = timedelta(minutes=10)


class Numbers:
    """What was counted last, in one process. Who asks while it is counted waits for that count."""

    def __init__(self) -> None:
        self._last: PlaceShown | None = None
        self._turn = asyncio.Lock()

    async def get(self, count: Callable[[], Awaitable[PlaceShown]]) -> PlaceShown:
        """The numbers: those of `count`, or the last ones while they are fresh and there are many books."""
        async with self._turn:
            last = self._last
            if last is None or last.books < FEW or clock.now() - last.counted_at > KEPT:
                self._last = last = await count()
            return last
