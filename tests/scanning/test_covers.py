"""Covers that come from Open Library: for whom, how often, and never over what somebody chose."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bookapp.books.actions import delete_book, restore_book, set_cover
from bookapp.books.models import Book
from bookapp.books.storage import CoverStore
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.actor import OPERATOR, Actor
from bookapp.core.db import Database
from bookapp.jobs.actions import cancel_any_job
from bookapp.jobs.models import Job
from bookapp.jobs.queries import show_last
from bookapp.jobs.results import JobShown
from bookapp.jobs.worker import run_one
from bookapp.openlibrary import cover_actions
from bookapp.openlibrary import cover_rules as rules
from bookapp.openlibrary.client import SILENT, NoAnswer
from bookapp.openlibrary.models import OutsideCover
from bookapp.scanning.cover_jobs import cover_work
from bookapp.scanning.cover_queries import list_missing
from bookapp.web.application import Application
from tests.books.test_actions import shown
from tests.clients import Browser
from tests.factories import a_book, a_picture
from tests.people import a_person, as_person
from tests.shelves.shelved import put

EMMA, PERSUASION, ABSENT = "9780141439587", "9780141439686", "9780306406157"
GOOD = a_picture("JPEG", (300, 450))
Answers = dict[int | str, bytes | Exception | None]


class Pictures:
    """Open Library with the pictures that it has, which remembers what it was asked; `meanwhile` happens then."""

    def __init__(self, answers: Answers | None = None, meanwhile: Callable[[], Any] | None = None) -> None:
        self.answers, self.meanwhile = answers or {}, meanwhile
        self.asked: list[int | str] = []

    async def ask_cover(self, cover_id: int) -> bytes | None:
        return await self._answer(cover_id)

    async def ask_cover_of(self, isbn: str) -> bytes | None:
        return await self._answer(isbn)

    async def _answer(self, what: int | str) -> bytes | None:
        self.asked.append(what)
        if self.meanwhile is not None:
            await self.meanwhile()
        answer = self.answers.get(what)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Night:
    """A place where covers are fetched."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db, self.store = db, CoverStore(settings.covers_dir)

    async def goes_by(self, library: Pictures) -> JobShown:
        """Ask for the covers of a night, and have that done."""
        async with self.db.writing() as session:
            await cover_actions.add_now(session)
        assert await self.work(library)
        job = await self.last(rules.NIGHTLY)
        assert job is not None
        return job

    async def work(self, library: Pictures | None) -> bool:
        """Do one job."""
        work = cover_work(library, self.store)  # type: ignore[arg-type]  # it asks, as the real one does
        return await run_one(self.db, {rules.NIGHTLY: work, rules.SOON: work})

    async def last(self, kind: str) -> JobShown | None:
        """The newest job."""
        async with self.db.reading() as session:
            return await show_last(session, kind)

    async def has_cover(self, book: int) -> bool:
        """Whether a book has a picture."""
        return not (await shown(self.db, book)).cover_drawn

    async def told(self, book: int, cover_id: int) -> None:
        """A dump told which picture a book has."""
        async with self.db.writing() as session:
            await cover_actions.put_covers(session, {book: cover_id})

    async def wanted(self, book: int) -> None:
        """Somebody waits for the cover of a book."""
        async with self.db.writing() as session:
            await cover_actions.want_cover(session, book)


@pytest.fixture
def night(db: Database, settings: Settings) -> Night:
    return Night(db, settings)


@pytest.fixture
async def alice(db: Database) -> Actor:
    return await a_person(db, "alice")


def _later(monkeypatch: pytest.MonkeyPatch, **time: float) -> None:
    now = clock.now() + timedelta(**time)
    monkeypatch.setattr(clock, "now", lambda: now)


def test_three_oclock_is_when_a_night_is_due() -> None:
    three = datetime(2026, 3, 4, 3, tzinfo=UTC)
    assert rules.last_night(three) == rules.last_night(three + timedelta(hours=23)) == three
    assert rules.last_night(three - timedelta(seconds=1)) == three - timedelta(days=1)


@pytest.mark.parametrize(
    ("width", "height", "is_good"),
    [(300, 450, True), (500, 400, True), (120, 199, False), (500, 200, False), (200, 900, False), (0, 300, False)],
)
def test_a_cover_is_neither_small_nor_a_banner(width: int, height: int, is_good: bool) -> None:
    assert rules.is_good(width, height) is is_good


async def test_a_book_on_a_shelf_gets_its_cover_overnight(night: Night, alice: Actor) -> None:
    emma = await a_book(night.db, isbn=EMMA)
    other = await a_book(night.db, title="Persuasion", isbn=PERSUASION)
    await put(night.db, alice, emma, "read")
    library = Pictures({EMMA: GOOD, PERSUASION: GOOD})
    job = await night.goes_by(library)
    assert (job.state, job.done, job.total, library.asked) == ("done", 1, 1, [EMMA])
    book = await shown(night.db, emma)
    assert (book.cover_drawn, book.version) == (False, 2)
    newest = book.history[0]
    assert (newest.who, newest.what, newest.fields[0].after) == ("Open Library", "cover", "picture")
    assert not await night.has_cover(other), "nobody here has to do with it"
    assert (await night.goes_by(library)).done == 0
    assert library.asked == [EMMA]


async def test_what_only_its_owner_may_see_tells_nobody_by_its_cover(night: Night, alice: Actor) -> None:
    secret = await a_book(night.db, isbn=EMMA)
    await put(night.db, alice, secret, "read", "me")
    mine = await a_book(night.db, alice, title="Persuasion", isbn=PERSUASION)
    library = Pictures({EMMA: GOOD, PERSUASION: GOOD})
    await night.goes_by(library)
    assert library.asked == [PERSUASION], "what alice added says so in its history"
    assert (await night.has_cover(mine), await night.has_cover(secret)) == (True, False)


async def test_the_number_of_the_dump_comes_first_and_then_the_isbn(night: Night, alice: Actor) -> None:
    emma = await a_book(night.db, alice, isbn=EMMA)
    small = await a_book(night.db, alice, title="Persuasion")
    await night.told(emma, 7)
    await night.told(small, 8)
    library = Pictures({7: b"no picture at all", EMMA: GOOD, 8: a_picture("PNG", (120, 180))})
    await night.goes_by(library)
    assert library.asked == [8, 7, EMMA], "the newest book first"
    assert (await night.has_cover(emma), await night.has_cover(small)) == (True, False)


async def test_each_is_asked_for_once_in_thirty_days(
    night: Night, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_book(night.db, alice, isbn=EMMA)
    await a_book(night.db, alice, title="Persuasion", isbn=PERSUASION)
    await a_book(night.db, alice, title="Without an ISBN")
    library = Pictures({PERSUASION: NoAnswer(SILENT)})
    assert (await night.goes_by(library)).done == 2
    assert (await night.goes_by(library)).done == 0
    _later(monkeypatch, days=2)
    assert (await night.goes_by(library)).done == 1
    assert library.asked == [PERSUASION, EMMA, PERSUASION], "no answer is none"
    _later(monkeypatch, days=29)
    assert (await night.goes_by(library)).done == 2


async def test_a_picture_that_somebody_chose_meanwhile_stays(night: Night, alice: Actor) -> None:
    emma = await a_book(night.db, alice, isbn=EMMA)

    async def upload() -> None:
        async with night.db.writing() as session:
            await set_cover(session, alice, emma, "a" * 64, None)

    await night.goes_by(Pictures({EMMA: GOOD}, upload))
    async with night.db.reading() as session:
        assert await session.scalar(select(Book.cover).where(Book.id == emma)) == "a" * 64


async def test_a_cover_that_was_taken_away_does_not_come_again(
    night: Night, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    emma = await a_book(night.db, alice, isbn=EMMA)
    await night.goes_by(Pictures({EMMA: GOOD}))
    async with night.db.writing() as session:
        await set_cover(session, alice, emma, None, None)
    _later(monkeypatch, days=100)
    assert (await night.goes_by(Pictures({EMMA: GOOD}))).done == 0
    await night.wanted(emma)
    assert await night.work(Pictures({EMMA: GOOD}))
    assert await night.has_cover(emma), "but when somebody asks for it"


async def test_a_deleted_book_is_left_alone(night: Night, alice: Actor) -> None:
    emma = await a_book(night.db, alice, isbn=EMMA)
    await night.wanted(emma)

    async def delete() -> None:
        async with night.db.writing() as session:
            await delete_book(session, alice, emma, None)

    await night.work(Pictures({EMMA: GOOD}, delete))
    async with night.db.writing() as session:
        await restore_book(session, alice, emma, None)
    assert not await night.has_cover(emma)


async def test_whoever_does_not_answer_is_left_in_peace(night: Night, alice: Actor) -> None:
    for number in range(8):
        await night.told(await a_book(night.db, alice, title=f"Tale {number}"), number + 1)
    library = Pictures({number + 1: NoAnswer(SILENT) for number in range(8)})
    job = await night.goes_by(library)
    assert (job.state, job.reason, job.done) == ("failed", rules.SILENT, 5)
    assert library.asked == [8, 7, 6, 5, 4]


async def test_a_run_that_was_stopped_goes_on_and_asks_for_none_again(
    night: Night, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST", 4)
    for number in range(6):
        await night.told(await a_book(night.db, alice, title=f"Tale {number}"), number + 1)
    library = Pictures()

    async def stop() -> None:
        if len(library.asked) == 3:
            async with night.db.writing() as session:
                await cancel_any_job(session, 1)

    library.meanwhile = stop
    job = await night.goes_by(library)
    assert (job.state, job.done, job.total) == ("cancelled", 2, 4)
    async with night.db.writing() as session:
        await session.execute(update(Job).values(state="queued", is_unwanted=False, begin_at=clock.now()))
    assert await night.work(library)
    job = await night.last(rules.NIGHTLY)  # type: ignore[assignment]  # it is there
    assert (job.state, job.done, job.total) == ("done", 4, 4)
    assert library.asked == [6, 5, 4, 4, 3], "the one in progress was not finished"


async def test_a_night_is_asked_for_once(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    await cover_actions.add_due(night.db)
    first = await night.last(rules.NIGHTLY)
    await cover_actions.add_due(night.db)
    assert await night.work(Pictures())
    await cover_actions.add_due(night.db)
    assert first is not None
    assert (await night.last(rules.NIGHTLY)).id == first.id  # type: ignore[union-attr]  # it is there
    _later(monkeypatch, days=1)
    await cover_actions.add_due(night.db)
    assert (await night.last(rules.NIGHTLY)).id == first.id + 1  # type: ignore[union-attr]
    assert await night.last(rules.SOON) is None


async def test_who_waits_in_vain_is_seen_to(night: Night) -> None:
    emma = await a_book(night.db, isbn=EMMA)
    await night.wanted(emma)
    async with night.db.writing() as session:
        await session.execute(update(Job).values(state="failed"))
    await cover_actions.add_due(night.db)
    assert await night.work(Pictures({EMMA: GOOD}))
    assert await night.has_cover(emma)


async def test_switched_off_nobody_is_asked(night: Night) -> None:
    await night.wanted(await a_book(night.db, isbn=EMMA))
    await night.work(None)
    job = await night.last(rules.SOON)
    assert job is not None
    assert (job.state, job.reason) == ("failed", rules.OFF)


async def test_books_of_a_dump_that_nobody_has_stay_as_they_are(night: Night) -> None:
    await night.told(await a_book(night.db, OPERATOR), 7)
    async with night.db.reading() as session:
        assert await list_missing(session, 10) == []


@pytest.fixture
async def online(app: Application) -> Browser:
    """Alice, where Open Library is asked."""
    alice = await as_person(app, "alice")
    app.extensions["openlibrary"] = Pictures()
    return alice


async def test_alice_fetches_a_cover_from_the_page_of_a_book(online: Browser, night: Night) -> None:
    emma = await a_book(night.db, isbn=EMMA)
    button = f'action="/books/{emma}/cover/search"'
    assert button in (await online.get(f"/books/{emma}", "page")).text
    sent = await online.post(f"/books/{emma}/cover/search", "page")
    assert (sent.status, sent.headers["Location"]) == (303, f"/books/{emma}/cover/search")
    waiting = await online.get(f"/books/{emma}/cover/search", "page")
    assert rules.SAYS["waiting"] in waiting.text
    assert "every 2s" in waiting.text
    again = await online.post(f"/books/{emma}/cover/search")
    assert (again.status, again.json["state"]) == (202, "waiting")
    assert await night.work(Pictures({EMMA: GOOD}))
    assert not await night.work(Pictures())
    found = (await online.get(f"/books/{emma}/cover/search")).json
    assert (found["state"], found["book"]["cover_drawn"], found["is_offered"]) == ("there", False, False)
    assert button not in (await online.get(f"/books/{emma}", "page")).text


async def test_what_cannot_be_fetched_is_said_plainly(online: Browser, night: Night) -> None:
    emma, unknown = await a_book(night.db, isbn=EMMA), await a_book(night.db, title="Persuasion")
    none = await online.post(f"/books/{unknown}/cover/search")
    assert (none.status, none.json["says"]) == (200, rules.SAYS["unknown"])
    assert (await online.post(f"/books/{emma}/cover/search")).status == 202
    assert await night.work(Pictures())
    page = (await online.get(f"/books/{emma}/cover/search", "page")).text
    assert rules.SAYS["none"] in page
    assert "Ask again" in page
    assert (await online.post(f"/books/{emma}/cover/search", "fragment")).status == 202


async def test_a_book_added_by_its_isbn_gets_its_cover_and_nobody_waits(online: Browser, night: Night) -> None:
    told = {"title": "Signals", "author": "A. Mathematician"}
    assert (await online.post(f"/isbn/{ABSENT}", json=told)).status == 201
    library = online.app.extensions["openlibrary"]
    assert library.asked == []
    assert await night.work(Pictures({ABSENT: GOOD}))
    assert await night.has_cover(1)


async def test_switched_off_nothing_of_it_shows(app: Application, night: Night) -> None:
    dora = await as_person(app, "dora")
    emma = await a_book(night.db, isbn=EMMA)
    assert "cover/search" not in (await dora.get(f"/books/{emma}", "page")).text
    assert "/admin/covers" not in (await dora.get("/admin/jobs", "page")).text
    assert (await dora.post(f"/books/{emma}/cover/search")).json["state"] == "off"
    assert (await dora.post("/admin/covers")).json["job"] is None
    await dora.post(f"/isbn/{ABSENT}", json={"title": "Signals", "author": "A. Mathematician"})
    async with night.db.reading() as session:
        assert await session.scalar(select(Job.id)) is None


async def test_dora_has_covers_fetched_and_sees_what_came_of_it(online: Browser, night: Night) -> None:
    dora = await as_person(online.app, "dora")
    await put(night.db, await a_person(night.db, "bob"), await a_book(night.db, isbn=EMMA), "want")
    assert 'href="/admin/covers"' in (await dora.get("/admin/jobs", "page")).text
    assert (await dora.post("/admin/covers", "page")).headers["Location"] == "/admin/covers"
    assert (await dora.post("/admin/covers")).status == 409
    assert (await online.post("/admin/covers")).status == 403
    assert await night.work(Pictures({EMMA: GOOD}))
    came = (await dora.get("/admin/covers")).json
    assert (came["found"], came["none"], came["silent"], came["job"]["state"]) == (1, 0, 0, "done")
    assert "1 found" in (await dora.get("/admin/covers", "page")).text
    assert (await dora.get("/admin/audit")).json["items"][0]["what"] == "covers asked for"


async def test_a_merge_takes_the_number_along_and_gives_it_back(app: Application, night: Night) -> None:
    dora = await as_person(app, "dora")
    first, second = await a_book(night.db), await a_book(night.db, title="Emma: a novel")
    await night.told(second, 7)

    async def numbers() -> dict[int, int | None]:
        async with night.db.reading() as session:
            rows = await session.execute(select(OutsideCover.book_id, OutsideCover.cover_id))
            return {row.book_id: row.cover_id for row in rows}

    merge = (await dora.post(f"/admin/books/{second}/merge", json={"into": first})).json
    assert await numbers() == {first: 7}
    await dora.post(merge["undo_url"])
    assert await numbers() == {second: 7}
    await night.wanted(first)
    merge = (await dora.post(f"/admin/books/{second}/merge", json={"into": first})).json
    assert await numbers() == {first: 7, second: 7}
    await dora.post(merge["undo_url"])
    assert await numbers() == {first: None, second: 7}
