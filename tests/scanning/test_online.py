"""What Open Library says of a book that is not here: kept, offered, and never in anybody's way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.openlibrary.client import NoAnswer
from bookapp.openlibrary.drafts import Draft
from tests.clients import Browser

ABSENT = "9780306406157"
DRAFT = Draft(
    isbn=ABSENT, title="Signals & <b>systems</b>", author="A. Mathematician", year=1980, pages=211, publisher="Plenum",
    subjects=("Mathematics",),
)  # fmt: skip


class Fake:
    """Open Library, which answers `answer` and counts."""

    def __init__(self, db: Database) -> None:
        self.db, self.answer, self.asked = db, DRAFT, 0
        self.trouble: str | None = None

    async def ask(self, isbn: str) -> Any:
        self.asked += 1
        async with self.db.writing():
            pass  # would wait for ever, were a transaction open while somebody far away is asked
        if self.trouble:
            raise NoAnswer(self.trouble)
        return self.answer


@pytest.fixture
def fake(alice: Browser) -> Iterator[Fake]:
    alice.app.extensions["openlibrary"] = fake = Fake(alice.app.extensions["db"])
    yield fake
    alice.app.extensions["openlibrary"] = None


def _later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    now = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: now)


async def test_a_draft_is_shown_and_added_by_one_click(alice: Browser, fake: Fake) -> None:
    told = (await alice.get(f"/isbn/{ABSENT}")).json
    assert (told["book"], told["source"], told["draft"]["title"]) == (None, "open library", DRAFT.title)
    page = (await alice.get(f"/isbn/{ABSENT}", "page")).text
    assert "Signals &amp; &lt;b&gt;systems&lt;/b&gt;" in page
    assert "<b>systems</b>" not in page
    assert f'action="/isbn/{ABSENT}"' in page
    form = {"title": DRAFT.title, "author": DRAFT.author, "year": "1980", "pages": "211", "subjects": "Mathematics"}
    added = await alice.post(f"/isbn/{ABSENT}", "page", data=form)
    assert (added.status, added.headers["Location"]) == (303, "/books/1")
    book = (await alice.get("/books/1")).json
    assert (book["isbn"], book["pages"], book["subjects"]) == (ABSENT, 211, ["Mathematics"])
    assert (await alice.get(f"/isbn/{ABSENT}")).json["source"] == "catalogue"
    assert fake.asked == 1


async def test_an_answer_is_kept_ninety_days_and_a_miss_seven(
    alice: Browser, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    db: Database = alice.app.extensions["db"]
    from bookapp.openlibrary.look_up_actions import look_up

    async def asked() -> int:
        await look_up(db, fake, ABSENT)  # type: ignore[arg-type]  # it asks, as the real one does
        return fake.asked

    assert [await asked(), await asked()] == [1, 1]
    _later(monkeypatch, 89)
    assert await asked() == 1
    _later(monkeypatch, 2)
    fake.answer = None  # type: ignore[assignment]  # there is no such book
    assert [await asked(), await asked()] == [2, 2]
    _later(monkeypatch, 6)
    assert await asked() == 2
    _later(monkeypatch, 2)
    assert await asked() == 3


async def test_trouble_is_a_sentence_on_a_page_that_goes_on_and_is_not_kept(alice: Browser, fake: Fake) -> None:
    fake.trouble = "Open Library did not answer."
    for form in ("page", "fragment", "json"):
        answer = await alice.get(f"/isbn/{ABSENT}", form)
        assert (answer.status, fake.trouble in answer.text) == (200, True)
    assert fake.asked == 3


async def test_guests_and_books_that_are_here_ask_nobody(alice: Browser, fake: Fake) -> None:
    await alice.post("/books", json={"title": "Emma", "author": "Jane Austen", "isbn": "9780141439587"})
    await alice.get("/isbn/9780141439587")
    await Browser(alice.app).get(f"/isbn/{ABSENT}")
    items = (await alice.post("/scan", json={"isbns": [ABSENT]})).json["items"]
    assert (items[0]["state"], fake.asked) == ("unknown", 0)
    row = await alice.post("/scan", "fragment", data={"isbns": ABSENT})
    assert f'hx-get="/isbn/{ABSENT}"' in row.text
