"""Telling browsers what changes, as it changes: one broker for each process, one stream for each that listens.

A stream tells names and no contents; whoever hears one asks again, with the rights that they have by then. No stream
holds a session of the database.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from bookapp.core.db import Database
from bookapp.core.errors import AppError, Busy
from bookapp.core.events import SESSION
from bookapp.core.outbox import MOST as MOST_READ
from bookapp.core.outbox import Missed, News, is_shut_out, list_after, show_missed
from bookapp.core.watch import Watch

log = structlog.get_logger("bookapp.live")

MOST = 2000
"""Streams of one process."""
MOST_OF_ONE = 10
"""Streams of one person in one process; one more ends the oldest."""
HEARTBEAT = 15.0
"""Seconds of silence after which a line is sent that says nothing."""
STUCK = 30.0
"""Seconds that a reader may leave unread what was sent."""
LIFE = (600.0, 900.0)
"""Seconds after which a stream ends, so that its reader comes again and is looked at again."""
MOST_WAITING = 500
"""Events that may wait for a reader who is slow; with more the stream ends, and goes on from where it was."""
JUST_NOW = timedelta(seconds=5)
"""Who was let in while their session was being ended is found out by looking back so far."""
AGAIN = (2000, 4000)
"""Milliseconds after which a browser whose stream has ended comes again: of hundreds, not all in the same moment."""
BEGINNERS = 4
"""Streams that look at once for what was missed: when hundreds come again they leave connections to other readers."""
MUCH_LATER = b"retry: 60000\n\n"
RESET = "reset"
"""Says that something was missed, so that all has to be looked at again."""


def line(number: int, name: str) -> bytes:
    """One event of a stream."""
    return f"id: {number}\nevent: {name}\ndata: {name}\n\n".encode()


class Stream:
    """What waits for one reader."""

    def __init__(self, person: int) -> None:
        self.person = person
        self.heard = 0
        """The number of the last event that is not to be told again."""
        self.is_over = False
        self.last_words = b""
        self._waiting: list[tuple[int, bytes]] = []
        self._woken = asyncio.Event()

    def tell(self, number: int, words: bytes) -> None:
        """Let an event wait for the reader."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append((number, words))
            self._woken.set()
        else:
            self.end()

    def end(self, last_words: bytes = b"") -> None:
        """Close it; what waits is told when the reader comes again."""
        self.is_over, self.last_words = True, last_words
        self._woken.set()

    async def next(self, here: Callable[[], int]) -> bytes:
        """What is to be sent: the events that wait, or after a long silence the number `here` alone."""
        try:
            async with asyncio.timeout(HEARTBEAT):
                await self._woken.wait()
        except TimeoutError:
            if not self._woken.is_set():  # not even in the same moment
                return f":\nid: {max(self.heard, here())}\n\n".encode()
        self._woken.clear()
        if self.is_over:
            return self.last_words
        told, self._waiting = self._waiting, []
        return b"".join(words for number, words in told if number > self.heard)


class Broker:
    """Hears of every event of the place, and passes each to the streams of those whom it concerns."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._streams: dict[int, list[Stream]] = defaultdict(list)
        self._count = 0
        self._last: int | None = None
        """The number up to which everything was passed on; None while nobody listens."""
        self._somebody = asyncio.Event()
        self._beginners = asyncio.Semaphore(BEGINNERS)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_over = self._knows_end = False

    def open(self, watch: Watch) -> None:
        """Begin to pass on what `watch` notices."""
        self._tasks.append(asyncio.create_task(self._go_on(watch)))

    async def close(self) -> None:
        """End all streams, and pass nothing on any more."""
        self._end_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def end_with(self, stop: Callable[[], Awaitable[object]]) -> None:
        """End all streams as soon as `stop()` is over: the server is about to stop. Only the first one counts."""

        async def wait() -> None:
            await stop()
            self._end_all()

        if not self._knows_end:
            self._knows_end = True
            self._tasks.append(asyncio.create_task(wait()))

    def make_room(self) -> None:
        """Raises Busy when so many listen that another one has to ask now and then instead."""
        if self._count >= MOST:
            raise Busy("Too many are listening. Ask again every now and then, for JSON.")

    async def missed(self, person: int, last: int | None) -> Missed:
        """What `person` has not heard since number `last`. Raises Busy."""
        async with self._db.reading() as db:
            return await show_missed(db, person, last)

    async def stream(self, person: int, last: int | None, since: datetime) -> AsyncIterator[bytes]:
        """What `person`, who was let in at `since`, hears from number `last` on."""
        stream = self._enter(person)
        alarm = asyncio.get_running_loop().call_later(random.uniform(*LIFE), stream.end)
        try:
            with _in_time():
                yield await self._begin(stream, last, since)
            while not stream.is_over:
                piece = await stream.next(lambda: self._last or 0)
                with _in_time():
                    yield piece
        except AppError as error:
            log.warning("a stream could not go on", why=error.detail)  # its reader comes again
        finally:
            alarm.cancel()
            self._leave(stream)

    async def _begin(self, stream: Stream, last: int | None, since: datetime) -> bytes:
        """The first words. The stream is known to the broker by now: what is not in them will come through it."""
        again = f"retry: {random.randint(*AGAIN)}\n\n".encode()
        if self._is_over:
            stream.end()
            return again
        async with self._beginners, self._db.reading() as db:
            missed = await show_missed(db, stream.person, last)
            if await is_shut_out(db, stream.person, since - JUST_NOW):
                stream.end()
                return again
        stream.heard = missed.last
        if self._last is None:
            self._last = missed.last
            self._somebody.set()
        if missed.news is None:
            return again + line(missed.last, RESET)
        told = b"".join(line(news.id, news.name) for news in missed.news)
        # A number without a name: the browser keeps it, and comes again with it.
        return again + told + f"id: {missed.last}\n\n".encode()

    def _enter(self, person: int) -> Stream:
        streams = self._streams[person]
        if len(streams) >= MOST_OF_ONE:
            # Not at once, or the two would push each other out for ever.
            streams.pop(0).end(MUCH_LATER)
        stream = Stream(person)
        streams.append(stream)
        self._count += 1
        return stream

    def _leave(self, stream: Stream) -> None:
        self._count -= 1
        streams = self._streams[stream.person]
        if stream in streams:
            streams.remove(stream)
        if not streams:
            del self._streams[stream.person]
        if not self._streams:
            self._last = None
            self._somebody.clear()

    def _end_all(self) -> None:
        self._is_over = True
        for streams in self._streams.values():
            for stream in streams:
                stream.end()

    async def _go_on(self, watch: Watch) -> None:
        try:
            while True:
                await self._somebody.wait()
                await watch.changed()
                try:
                    await self._hear()
                except AppError as error:
                    log.warning("not listening to what changes", why=error.detail)
                    await asyncio.sleep(1)
        finally:
            await watch.close()

    async def _hear(self) -> None:
        """Pass on what is new."""
        count = MOST_READ
        while count == MOST_READ and self._last is not None:
            last = self._last
            async with self._db.reading() as db:
                found = await list_after(db, last)
            if self._last != last:
                return  # all have left meanwhile, and somebody else has come
            count = len(found)
            for news in found:
                self._pass_on(news)
                self._last = news.id

    def _pass_on(self, news: News) -> None:
        words = line(news.id, news.name)
        if news.person is None:
            for streams in self._streams.values():
                for stream in streams:
                    stream.tell(news.id, words)
            return
        for stream in self._streams.get(news.person, ()):
            if news.name == SESSION:
                stream.end()
            else:
                stream.tell(news.id, words)


@contextmanager
def _in_time() -> Iterator[None]:
    """Give up a reader who does not take what is sent meanwhile."""
    task = asyncio.current_task()
    assert task is not None
    alarm = asyncio.get_running_loop().call_later(STUCK, task.cancel)
    try:
        yield
    finally:
        alarm.cancel()


def number_of(said: str | None) -> int | None:
    """The number that a browser says it heard last. What is no number is one that was never given."""
    if not said:
        return None
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 2**63 - 1
