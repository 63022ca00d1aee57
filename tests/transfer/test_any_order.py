"""Alice sends her own files back into her account, in any order, and nothing there is another thing."""

import io
import itertools
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookapp.accounts.queries import find_sealed
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.shelves.bulk_actions import Put, put_entries
from bookapp.shelves.reading_rules import typed_when
from bookapp.shelves.told import DetailTold, EntryTold, ReadingTold, ReviewTold
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book
from tests.imports.brought import form, work
from tests.people import as_person

FILES = {"account.zip": "bookapp-alice.zip", "goodreads.csv": "goodreads.csv", "storygraph.csv": "storygraph.csv"}
PARTS = ("shelves.json", "own_shelves.json", "readings.json", "reviews.json", "quotes.json", "tasks.json")
ADDED = datetime(2021, 5, 6, 17, 30, 12, tzinfo=UTC)


def _time(outcome: str = "finished", started: str = "", finished: str = "", **more: Any) -> ReadingTold:
    dates = {"started": started, "finished": finished}
    told = {name: typed_when(text) for name, text in dates.items() if text}
    return ReadingTold(outcome=outcome, **told, **more)  # type: ignore[arg-type]


ENTRIES: dict[str, EntryTold] = {
    "Read, and nobody knows when": EntryTold(state="read"),
    "Read once without dates": EntryTold(state="read", readings=(_time(),), quarters=17),
    "Read twice, once without dates": EntryTold(state="read", readings=(_time(), _time(finished="2020-02-03"))),
    "Begun on a day that is known": EntryTold(state="read", readings=(_time(started="2020-01-02"),), quarters=3),
    "In a month and in a year": EntryTold(
        state="read", readings=(_time(finished="2019-05"), _time(started="2015", finished="2016"))
    ),
    "Given up once and read then": EntryTold(
        state="read", readings=(_time("stopped", "2018-01-01", "2018-01-09"), _time(finished="2019-01-01"))
    ),
    "Read and given up, and said to be read": EntryTold(state="read", readings=(_time("stopped", "2021"),)),
    "Read, and then given up": EntryTold(
        state="stopped", readings=(_time(finished="2017-01-01"), _time("stopped", "2018-01-01", "2018-01-09"))
    ),
    "Given up, and read long after": EntryTold(
        state="stopped", readings=(_time("stopped", "2018-01-01", "2018-01-09"), _time(finished="2019-01-01"))
    ),
    "Given up": EntryTold(state="stopped"),
    "Given up without dates": EntryTold(state="stopped", readings=(_time("stopped"),)),
    "Being read again": EntryTold(
        state="reading", readings=(_time(finished="2010-01-01"), _time("reading", "2020-02-02", page=12))
    ),
    "Begun, laid aside and read meanwhile": EntryTold(
        state="reading", readings=(_time("reading", "2010-01-01"), _time(started="2011-01-01", finished="2011-02-01"))
    ),
    "Being read": EntryTold(state="reading"),
    "Wanted once more": EntryTold(state="want", readings=(_time(finished="2010-01-01"), _time())),
    "Wanted": EntryTold(state="want", tags=("sea", "Sea and land")),
    "On a shelf of hers": EntryTold(shelves=("Sea, and land", "For Bob"), tags=("Lent", "old")),
    "Nothing but a note": EntryTold(note="Look at it"),
    "Owned": EntryTold(state="want", is_owned=True),
    "Counted and not owned": EntryTold(state="want", detail=DetailTold(copies=2)),
    "Owned twice": EntryTold(
        state="read", is_owned=True, readings=(_time(finished="2010-01-01"),), quarters=10,
        review=ReviewTold(text="*Good*, on the whole.\n\n>!He dies.!<\n\n- one\n- two", is_spoiler=True),
        tags=("=sum(a1)", "-minus"), note="+1 for _the_ end",
        detail=DetailTold(
            moods=("dark", "Own word"), pace="slow", traits={"drive": "plot", "flawed": "complicated"},
            warnings=(("graphic", "Death"), ("", "Snakes")), warning_note="The *end*.", format="audio", copies=2,
            is_favorite=True,
        ),
    ),
}  # fmt: skip


async def _fill(app: Application) -> Browser:
    alice = await as_person(app, "alice", zone="Europe/Berlin")
    db: Database = app.extensions["db"]
    async with db.reading() as session:
        found = await find_sealed(session, "alice")
    assert found is not None
    her = Actor(found.id, "alice", zone="Europe/Berlin")
    books = [
        await a_book(db, title=title, author=f"Author {number}", isbn=_isbn(number) if number % 2 else None)
        for number, title in enumerate(ENTRIES)
    ]
    for book, told in zip(books, ENTRIES.values(), strict=True):
        async with db.writing() as session:
            since = ADDED + timedelta(days=book)
            dated = {"added_at": since, "state_at": since, "rated_at": since if told.quarters else None}
            fields = {name: getattr(told, name) for name in EntryTold.__slots__} | dated
            await put_entries(session, her, [Put(book_id=book, told=EntryTold(**fields))])
    # What only a person says of their own books, not a file.
    for path, body in (
        (f"/books/{books[0]}/entry/detail", {"moods": ["sad"], "warnings": ["graphic: War, or peace; or both"]}),
        (f"/books/{books[1]}/entry", {"tags": ["a tag that has as many as forty letters!"], "is_owned": True}),
    ):
        answer = await alice.put(path, json=body)
        assert answer.status == 200, answer.text
    return alice


def _isbn(number: int) -> str:
    digits = f"978000000{number:03}"
    return digits + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)


async def _files(who: Browser) -> dict[str, bytes]:
    return {name: (await who.get(f"/exports/{name}")).body for name in FILES}


async def _account(who: Browser) -> dict[str, Any]:
    archive = zipfile.ZipFile(io.BytesIO((await who.get("/exports/account.zip")).body))
    return {name: json.loads(archive.read(name)) for name in PARTS}


@pytest.mark.parametrize("order", list(itertools.permutations(FILES)), ids=" ".join)
async def test_her_own_files_change_nothing(app: Application, order: tuple[str, ...]) -> None:
    alice = await _fill(app)
    before, files = await _account(alice), await _files(alice)
    assert len(before["shelves.json"]) == len(ENTRIES)
    for name in order:
        sent = await alice.post("/imports", **form(files[name], FILES[name]))
        assert sent.status == 202, sent.text
        await work(app)
        shown = (await alice.get(sent.headers["Location"])).json
        assert shown["state"] == "done"
        assert (shown["counts"]["new"], shown["counts"]["doubtful"], shown["counts"]["failed"]) == (0, 0, 0), shown
        after = await _account(alice)
        for part, rows in before.items():
            assert after[part] == rows, (name, part)
