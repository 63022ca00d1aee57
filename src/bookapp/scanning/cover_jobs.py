"""Fetching covers: the books that wait for one first, then, at night, those that people have to do with.

While somebody far away takes their time no transaction is open. What came of each book is written down with it, so a
run that was stopped asks for none a second time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import partial

from bookapp.books.storage import CoverStore
from bookapp.core.errors import Invalid
from bookapp.jobs.work import GaveUp, Turn, Work
from bookapp.openlibrary import cover_rules as rules
from bookapp.openlibrary.client import NoAnswer, OpenLibrary
from bookapp.openlibrary.cover_actions import give_cover, settle
from bookapp.openlibrary.cover_queries import CoverKnown, find_known, list_wanted
from bookapp.scanning.cover_queries import count_missing, list_missing

_AT_ONCE = 100
"""Books that are looked up at once; what came since goes first the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a run is: it is where to go on, and what came of it."""

    asked: int = 0
    found: int = 0
    none: int = 0
    silent: int = 0

    def after(self, outcome: rules.Outcome | None) -> "Tally":
        """One book more; None for one that had a cover by then."""
        return replace(self, asked=self.asked + 1, **({outcome: getattr(self, outcome) + 1} if outcome else {}))


def cover_work(library: OpenLibrary | None, store: CoverStore) -> Work:
    """Asks for one cover after the other, as `library` lets it; what comes back goes through `store`."""

    async def work(turn: Turn) -> None:
        if library is None:
            raise GaveUp(rules.OFF)
        known = {field.name for field in fields(Tally)}
        tally = Tally(**{name: value for name, value in turn.job.place.items() if name in known})
        await _count(turn, tally)
        silences = 0
        while tally.asked < rules.MOST and (books := await _next(turn)):
            for book_id in books[: rules.MOST - tally.asked]:
                outcome = await _fetch(turn, library, store, book_id, tally)
                tally = tally.after(outcome)
                silences = silences + 1 if outcome == "silent" else 0
                if silences >= rules.SILENCES:
                    raise GaveUp(rules.SILENT)

    return work


async def _count(turn: Turn, tally: Tally) -> None:
    async with turn.database.reading() as db:
        total = len(await list_wanted(db, rules.MOST))
        if turn.job.kind == rules.NIGHTLY:
            total += await count_missing(db, rules.MOST)
    async with turn.step() as step:
        step.tell(total=min(tally.asked + total, rules.MOST), saying="Asking Open Library")


async def _next(turn: Turn) -> list[int]:
    async with turn.database.reading() as db:
        books = await list_wanted(db, _AT_ONCE)
        if not books and turn.job.kind == rules.NIGHTLY:
            books = await list_missing(db, _AT_ONCE)
    return books


async def _fetch(
    turn: Turn, library: OpenLibrary, store: CoverStore, book_id: int, tally: Tally
) -> rules.Outcome | None:
    """Ask for the cover of one book, give it to the book, and write down what came of it."""
    async with turn.database.reading() as db:
        known = await find_known(db, book_id)
    cover, outcome = None, None
    if known is not None and not known.has_cover:
        cover, outcome = await _ask(turn, library, store, known)
    async with turn.step() as step:
        if cover is not None:
            outcome = "found" if await give_cover(step.db, book_id, cover) else None
        await settle(step.db, book_id, outcome)
        now = tally.after(outcome)
        step.tell(done=now.asked, place=asdict(now), result=asdict(now))
    return outcome


async def _ask(
    turn: Turn, library: OpenLibrary, store: CoverStore, known: CoverKnown
) -> tuple[str | None, rules.Outcome | None]:
    """The hash of the stored picture; without one, why there is none."""
    try:
        for question in _questions(library, known):
            picture = await turn.through(question())
            if picture is not None and (cover := await _keep(store, picture)) is not None:
                return cover, None
    except NoAnswer:
        return None, "silent"
    return None, "none"


def _questions(library: OpenLibrary, known: CoverKnown) -> list[Callable[[], Awaitable[bytes | None]]]:
    """What to ask, one after the other until there is a picture."""
    questions: list[Callable[[], Awaitable[bytes | None]]] = []
    if known.cover_id is not None:
        questions.append(partial(library.ask_cover, known.cover_id))
    if known.isbn is not None:
        questions.append(partial(library.ask_cover_of, known.isbn))
    return questions


async def _keep(store: CoverStore, picture: bytes) -> str | None:
    try:
        return await store.keep(picture, rules.is_good)
    except Invalid:
        return None
