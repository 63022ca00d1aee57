"""The work of an import: steps of some records each, so that others get their turn and a crash costs one step."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.config import Settings
from bookapp.core.actor import Actor
from bookapp.core.errors import AppError, Busy
from bookapp.imports import actions, queries, rules
from bookapp.imports.formats import bookapp
from bookapp.imports.formats.records import Source, open_records
from bookapp.imports.known_queries import find_person
from bookapp.imports.look_actions import look_at_records
from bookapp.imports.models import Import
from bookapp.imports.put_actions import Order, put_records, puts_of
from bookapp.imports.row_actions import find_chosen, keep_rows
from bookapp.imports.storage import ImportStore
from bookapp.imports.told import Record
from bookapp.jobs.work import GaveUp, Turn, Work
from bookapp.shelves.bulk_actions import draw_reviews

ATTEMPTS = 5
PAUSE = 0.02
"""Seconds between two steps: waiting writers of other processes look again every 10 ms."""
LARGE_ROWS = f"The rows that wait for you, or could not be read, are too large: {rules.MOST_KEPT // 10**6} MB are kept."
WRONG_FILE = f"More than {rules.MOST_FAILED:,} rows could not be read. Is this the right file?"


def import_work(settings: Settings) -> Work:
    """Who does jobs of the kind `import`."""
    store = ImportStore(settings.imports_dir)

    async def work(turn: Turn) -> None:
        async with turn.database.reading() as db:
            known = await queries.find_work(db, turn.job.payload["import_id"])
            person = None if known is None else await find_person(db, known.account_id)
            tokens = await queries.find_tokens(db)
        if known is None or person is None:
            raise GaveUp("The import is gone, and so there is nothing to do.")
        await asyncio.to_thread(store.sweep, tokens)
        order = Order(import_id=known.id, actor=person, source=known.format or "", options=known.options)
        if turn.job.payload["what"] == "chosen":
            await _put_chosen(turn, order, store)
            return
        if known.job_id != turn.job.id:
            raise GaveUp("The file was taken up again since, by another job.")
        if known.token is None:
            raise GaveUp("The file is not here any more. Please send it again.")
        reading = _Reading(turn, order, await _open(store, known.token, known.file_name, turn), store)
        if turn.job.payload["what"] == "look":
            await reading.run(look=True)
            return
        await _put(turn, reading, person, store.path(known.token), settings)
        await _put_chosen(turn, replace(order, source=reading.format), store, known.token)

    return work


async def _put(turn: Turn, reading: "_Reading", person: Actor, path: Path, settings: Settings) -> None:
    """Put a file in; one of our own has more than books."""
    if reading.format != bookapp.NAME:
        await reading.run(look=False)
        return
    from bookapp.imports import archive_jobs  # it knows many rooms, which other files do without

    found = await archive_jobs.put_first(turn, person, path)
    await reading.run(look=False)
    await archive_jobs.put_rest(turn, person, found, settings.covers_dir)


async def _open(store: ImportStore, token: str, file_name: str, turn: Turn) -> Source:
    def open_at() -> Source:
        source = open_records(store.path(token), file_name)
        source.skip(turn.job.place.get("records", 0))
        return source

    try:
        return await asyncio.to_thread(open_at)
    except FileNotFoundError:
        raise GaveUp("The file is not here any more. Please send it again.") from None
    except AppError as error:
        raise GaveUp(error.detail) from error


class _Reading:
    """A file that is read from where it ended the last time."""

    def __init__(self, turn: Turn, order: Order, source: Source, store: ImportStore) -> None:
        self._turn = turn
        self._order = replace(order, source=source.format)
        self._source = source
        self._store = store
        self._records: Iterator[Record] = iter(source)
        self._at_once = rules.STEP
        self.format = source.format

    async def run(self, *, look: bool) -> None:
        """Read to the end, and put in what is read unless it is only to be looked at."""
        with self._source:
            await self._run(look=look)

    async def _run(self, *, look: bool) -> None:
        while records := await self._next():
            drawn = {} if look else await self._turn.through(draw_reviews(puts_of(records)))
            await self._step(records, drawn, look=look)
            await asyncio.sleep(PAUSE)
        async with self._turn.step() as step:
            done = self._turn.job.place.get("records", 0)
            row = await _locked(step.db, self._order.import_id)
            self._tell_facts(row)
            step.tell(done=done, total=done, saying="")

    async def _next(self) -> list[Record]:
        try:
            return await asyncio.to_thread(self._take)
        except AppError as error:
            raise GaveUp(error.detail) from error

    def _take(self) -> list[Record]:
        self._store.check_room()
        found: list[Record] = []
        signs = 0
        for record in islice(self._records, self._at_once):
            found.append(record)
            signs += _signs(record.cells)
            if signs > rules.STEP_SIGNS:
                break
        return found

    async def _step(self, records: Sequence[Record], drawn: Mapping[str, str], *, look: bool) -> None:
        """One transaction, tried again when another writer added the same book: nothing of it was kept then."""
        for attempt in range(1, ATTEMPTS + 1):
            began = time.monotonic()
            try:
                await self._try_step(records, drawn, look=look)
                # On a machine that is slow, or busy, others do not wait longer for that.
                self._at_once = rules.next_step(self._at_once, time.monotonic() - began)
                return
            except (Busy, IntegrityError):
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(0.1 * attempt)

    async def _try_step(self, records: Sequence[Record], drawn: Mapping[str, str], *, look: bool) -> None:
        async with self._turn.step() as step:
            row = await _locked(step.db, self._order.import_id)
            came = (
                await look_at_records(step.db, self._order, records)
                if look
                else await put_records(step.db, self._order, records, drawn)
            )
            await keep_rows(step.db, self._order.import_id, [record.number for record in records], came.rows)
            actions.add_counts(row, came.counts, came.remarks)
            self._tell_facts(row)
            done = self._turn.job.place.get("records", 0) + len(records)
            total = max(done, self._source.approximate_total or 0)
            step.tell(done=done, total=total, saying=f"Row {done:,}", place={"records": done})
            failed = row.counts["failed"]
            kept = row.facts.get("kept", 0) + sum(_signs(one["cells"]) for one in came.rows)
            actions.tell_facts(row, kept=kept)
        if failed > rules.MOST_FAILED:
            raise GaveUp(WRONG_FILE)
        if kept > rules.MOST_KEPT:
            raise GaveUp(LARGE_ROWS)

    def _tell_facts(self, row: Import) -> None:
        row.format = self._source.format
        actions.tell_facts(row, columns=list(self._source.columns), encoding=self._source.encoding)


def _signs(cells: Mapping[str, str]) -> int:
    return sum(map(len, cells.values()))


async def _locked(db: AsyncSession, import_id: int) -> Import:
    row = await queries.find_locked(db, import_id)
    if row is None:
        raise GaveUp("The import is gone, and so there is nothing to do.")
    return row


async def _put_chosen(turn: Turn, order: Order, store: ImportStore, token: str | None = None) -> None:
    """Put in the rows for which somebody chose a book meanwhile. With the last of them the import is over."""
    while True:
        async with turn.step() as step:
            row = await _locked(step.db, order.import_id)
            records = await find_chosen(step.db, order.import_id)
            if not records:
                # In the transaction that saw that there is none: whoever chooses from now on begins another job.
                facts = {"is_over": True} if turn.job.payload["what"] == "put" else {"follow_up": None}
                actions.tell_facts(row, **facts)
                row.token = None if token else row.token
                break
            came = await put_records(step.db, order, records, {})
            await keep_rows(step.db, order.import_id, [record.number for record in records], came.rows)
            # They were read, and counted as doubtful, before.
            actions.add_counts(row, replace(came.counts, read=0), came.remarks)
            step.tell(done=turn.job.done + len(records), place=dict(turn.job.place) | {"chosen": records[-1].number})
    if token:
        await asyncio.to_thread(store.throw_away, token)
