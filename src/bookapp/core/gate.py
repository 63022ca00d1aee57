"""The queue in front of the writing door: writers of this process enter in the order they came, so many at a time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bookapp.core.errors import Busy

PATIENCE = 1.8
"""Seconds a writer waits when nobody gets in at all: some other program holds the database."""
QUEUE_PATIENCE = 25.0
"""Seconds a writer waits while the queue moves."""
_LOOK = 0.2


class Gate:
    """Tells a long queue, where waiting helps, from one that stands still, where it does not."""

    def __init__(self, places: int) -> None:
        self._free = asyncio.Semaphore(places)
        self._moved = time.monotonic()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["Turn"]:
        """Wait for a place. Raises Busy when nobody has moved for a while."""
        turn = Turn(self)
        await self._wait(turn)
        try:
            yield turn
        finally:
            # Only who got to write moved the queue: behind a foreign lock all give up together, not one after another.
            if turn.begun:
                self.move()
            self._free.release()

    async def _wait(self, turn: "Turn") -> None:
        # One waiter from beginning to end: a time limit around `acquire` would send it to the end of the queue.
        waiter = asyncio.ensure_future(self._free.acquire())
        try:
            while not (await asyncio.wait({waiter}, timeout=_LOOK))[0]:
                turn.give_up_if_stuck()
        except BaseException:
            if not waiter.cancel() and not waiter.cancelled():
                self._free.release()
            raise

    def move(self) -> None:
        """Somebody got on."""
        self._moved = time.monotonic()

    def stands_since(self) -> float:
        """Seconds since somebody got on."""
        return time.monotonic() - self._moved


class Turn:
    """One writer's place in the queue, and then at the database."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._arrived = time.monotonic()
        self.begun = False

    def begin(self) -> None:
        """The transaction is open."""
        self.begun = True
        self._gate.move()

    def give_up_if_stuck(self) -> None:
        """Raises Busy when waiting on makes no sense."""
        waited = time.monotonic() - self._arrived
        if waited > QUEUE_PATIENCE or (waited > PATIENCE * 0.9 and self._gate.stands_since() > PATIENCE * 0.8):
            raise Busy("The database is not to be had at the moment. Nothing was changed.")
