"""A whole account moves to another place, and is there what it was here."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from bookapp.accounts.models import Account
from bookapp.app import create_app
from bookapp.books.models import Book, Edition
from bookapp.circles.visibility import MEMBERS
from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.core.place import Place, word_of
from bookapp.shelves.models import Entry
from bookapp.web.application import Application
from tests.clients import Browser
from tests.conftest import copies_of
from tests.databases import PostgresCopies, SqliteCopies
from tests.factories import a_book, a_picture
from tests.imports.brought import form, work
from tests.people import as_person

OF_THE_PLACE = {"suggestions.json", "asks.json", "advice.json", "changes.json", "manifest.json", "README.txt"}
"""What was said to others, and done, in the one place, is not said and done again in the other."""


@pytest.fixture
async def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Application]:
    """Another place, without a book."""
    copies: SqliteCopies | PostgresCopies = copies_of(request, request.node.callspec.params["url"])
    fresh = await copies.fresh()
    application = create_app(Settings(database_url=fresh, data_dir=tmp_path / "elsewhere", secret_key="k" * 32))
    async with application.test_app():
        yield application
    await copies.drop(fresh)


async def _ok(who: Browser, method: str, path: str, **body: Any) -> Any:
    answer = await who.ask(method, path, json=body)
    assert answer.status in (200, 201), f"{method} {path}: {answer.text}"
    return answer.json


async def _with_everything(app: Application) -> Browser:
    """Alice, with all that one can have."""
    db: Database = app.extensions["db"]
    alice, bob = await as_person(app, "alice", zone="Europe/Berlin"), await as_person(app, "bob")
    await as_person(app, "eve")
    await a_book(db, title="Taken", author="Somebody")  # so that the numbers differ
    emma = await a_book(
        db, isbn="9780141439587", year=1815, language="en", pages=474, description="A matchmaker.",
        subjects=["classics", "love"], series="Novels", series_position="4",
    )  # fmt: skip
    poems, lost = await a_book(db, title="Poems", author="Emily Brontë"), await a_book(db, title="=Lost", author="-")
    task_only = await a_book(db, title="Only in a task", author="Jane Austen", isbn="9780199535538")
    await _ok(alice, "PATCH", "/accounts/alice", about="I like the sea.\nAnd tea.", version=1)
    await _ok(alice, "PUT", "/accounts/alice/reading-settings", visibility="me", want="everyone", is_counted=False)
    await _ok(alice, "PUT", "/suggestions/choice", welcome="trusted", tells_outcome=False)
    await _ok(alice, "PUT", "/recommendations/taste", adventure=1)
    await _ok(alice, "PUT", "/accounts/bob/trust")
    await _ok(alice, "PUT", "/accounts/eve/block")
    for year, books in ((2025, 30), (2026, 12)):
        await _ok(alice, "PUT", f"/accounts/alice/goals/{year}", books=books)
    await _ok(alice, "POST", "/recommendations/mutes", kind="author", name="Emily Brontë")
    await _ok(
        alice, "POST", "/accounts/alice/shelves", name="Sea, and land", about="By the *shore*.", visibility="everyone"
    )
    await _ok(alice, "POST", "/accounts/alice/shelves", name="Empty")
    await _ok(alice, "PUT", f"/books/{emma}/rating", stars=4.25)
    await _ok(
        alice,
        "PUT",
        f"/books/{emma}/entry",
        tags=["sea", "=love"],
        note="Lent to Bob",
        is_owned=True,
        visibility="everyone",
    )
    await _ok(alice, "PUT", f"/accounts/alice/shelves/sea-and-land/books/{emma}")
    await _ok(
        alice, "PUT", f"/books/{emma}/entry/detail", moods=["dark", "own word"], pace="slow", drive="plot", flawed="no",
        warnings=["graphic: Death", "Snakes"], warning_note="The end.", format="audio", copies=2, is_favorite=True,
    )  # fmt: skip
    await _ok(
        alice, "PUT", f"/books/{emma}/review", text="*Good* >!she marries!<", is_spoiler=True, visibility="members"
    )
    await _ok(alice, "PUT", f"/books/{emma}/review", text="*Good*, on second thoughts", version=1)
    await _ok(
        alice, "POST", f"/books/{emma}/readings", started="2019-12-30", finished="2020-01-02", note="On the train"
    )
    await _ok(alice, "POST", f"/books/{emma}/readings", finished="2024-05")
    await _ok(alice, "POST", f"/books/{emma}/readings", started="2021", outcome="stopped", progress="45%")
    for page in (7, None):
        await _ok(alice, "POST", f"/books/{emma}/quotes", text=f"It is a truth {page}", page=page, visibility="me")
    await _ok(alice, "PUT", f"/books/{poems}/shelf", state="reading")
    await _ok(alice, "POST", f"/books/{poems}/progress", progress="12")
    await _ok(alice, "PUT", f"/books/{lost}/entry", note="+ nothing else")
    for name, more in (
        ("Read it", {"book_id": emma, "due_date": "2026-12-24", "note": "with tea"}),
        ("Look for it", {"book_id": task_only, "due_date": "2999-01-01T12:00"}),
        ("Done", {"completed": True, "creation_date": "2020-01-01T10:00"}),
    ):
        await _ok(alice, "POST", "/accounts/alice/tasks", name=name, **more)
    await _ok(alice, "POST", "/asks", text="Something funny")
    await _ok(alice, "PUT", f"/books/{emma}/praise", reason="Read it!")
    await _ok(bob, "POST", "/suggestions", to="alice", book_id=poems, reason="You will like it")
    for book in (emma, poems):
        cover = await alice.put(f"/books/{book}/cover", data=a_picture(), headers={"Content-Type": "image/png"})
        assert cover.status == 200, cover.text
    async with db.writing() as session:
        session.add(Edition(isbn=9780141439587, book_id=emma, publisher="Penguin", year=2003, pages=474))
    return alice


async def _archive(who: Browser) -> zipfile.ZipFile:
    answer = await who.get("/exports/account.zip")
    assert answer.status == 200
    return zipfile.ZipFile(io.BytesIO(answer.body))


def _parts(archive: zipfile.ZipFile) -> dict[str, Any]:
    """What is in a file but for the numbers of its books, the moment it was made, and what belongs to its place."""
    titles = {one["id"]: one["title"] for one in json.loads(archive.read("books.json"))}
    found: dict[str, Any] = {}
    for name in archive.namelist():
        if name in OF_THE_PLACE:
            continue
        if name.startswith("covers/"):
            found.setdefault("covers", []).append(titles[int(name[7:-5])])
            assert archive.read(name)[8:12] == b"WEBP"
        else:
            found[name] = json.loads(archive.read(name))
    head = found["account.json"]
    del head["exported_at"]
    head["account"] = {name: head["account"][name] for name in ("username", "about", "email", "time_zone")}
    for name, rows in found.items():
        if name.endswith(".json") and isinstance(rows, list):
            for row in rows:
                for key in ("book_id", "id"):
                    if row.get(key) is not None:
                        row[key] = titles[row[key]]
                row.pop("cover", None)
            rows.sort(key=lambda row: json.dumps(row, sort_keys=True))
    return found


async def _import(app: Application, who: Browser, archive: bytes) -> dict[str, Any]:
    answer = await who.post("/imports", **form(archive, "bookapp-alice.zip"))
    assert answer.status == 202, answer.text
    await work(app)
    shown: dict[str, Any] = (await who.get(answer.headers["Location"])).json
    assert shown["state"] == "done", shown
    return shown


async def _made_of_a_backup(elsewhere: Application, app: Application) -> None:
    """The other place is this one, restored: the people of one name are the same in both."""
    word = await word_of(app.extensions["db"])
    async with elsewhere.extensions["db"].writing() as session:
        session.add(Place(id=1, word=word))


async def test_everything_of_hers_comes_along(app: Application, elsewhere: Application) -> None:
    here = await _with_everything(app)
    await _made_of_a_backup(elsewhere, app)
    there = await as_person(elsewhere, "alice", zone="Europe/Berlin")
    bob = await as_person(elsewhere, "bob")
    await as_person(elsewhere, "eve")
    answer = await here.get("/exports/account.zip")
    before = _parts(zipfile.ZipFile(io.BytesIO(answer.body)))
    assert [len(before[name]) for name in ("shelves.json", "readings.json", "quotes.json", "tasks.json")] == [
        3,
        4,
        2,
        3,
    ]
    assert (before["covers"], len(before["books.json"])) == (["Emma"], 4)  # one picture, though two books have it

    shown = await _import(elsewhere, there, answer.body)
    assert {name: count for name, count in shown["counts"].items() if count} == {"read": 3, "new": 3}
    after = _parts(await _archive(there))
    for name in before:
        if name == "books.json":  # what others said of them comes by the catalogue's own file
            keys = ("title", "authors", "isbn", "year", "language", "pages", "description", "series", "key")
            assert [[one.get(key) for key in keys] for one in after[name]] == [
                [one.get(key) for key in keys] for one in before[name]
            ]
        else:
            assert after[name] == before[name], name

    # To others there she is what she was to others here.
    seen = json.dumps((await bob.get("/accounts/alice/shelves/all")).json)
    assert "Emma" in seen
    assert "Poems" not in seen
    assert "=Lost" not in seen

    # Once more changes nothing, there and where it comes from.
    for place, who in ((elsewhere, there), (app, here)):
        shown = await _import(place, who, answer.body)
        assert {name: count for name, count in shown["counts"].items() if count} == {"read": 3, "known": 3}
        again, was = _parts(await _archive(who)), after if who is there else before
        assert {name: again[name] for name in was if name != "books.json"} == {
            name: was[name] for name in was if name != "books.json"
        }
        assert len(again["books.json"]) == len(was["books.json"])


async def test_bob_elsewhere_may_be_another_bob(app: Application, elsewhere: Application) -> None:
    here = await _with_everything(app)
    there = await as_person(elsewhere, "alice")
    for name in ("bob", "eve"):
        await as_person(elsewhere, name)
    archive = (await here.get("/exports/account.zip")).body
    shown = await _import(elsewhere, there, archive)
    assert [remark for remark in shown["remarks"] if "from another place" in remark] == [
        "Trusted and blocked people were not taken over (eve, bob): the file is from another place, "
        "where these names may be other people's."
    ]
    head = _parts(await _archive(there))["account.json"]
    assert (head["trusted"], head["blocked"]) == ([], [])


async def test_a_name_that_somebody_else_has_by_now_is_not_bob(app: Application) -> None:
    alice = await _with_everything(app)
    archive = (await alice.get("/exports/account.zip")).body
    db: Database = app.extensions["db"]
    async with db.writing() as session:
        await session.execute(delete(Account).where(Account.username.in_(("bob", "eve"))))
    await as_person(app, "bob")
    shown = await _import(app, alice, archive)
    (remark,) = [remark for remark in shown["remarks"] if "not taken over" in remark]
    assert "(eve, bob): nobody has had that name since before" in remark
    head = _parts(await _archive(alice))["account.json"]
    assert (head["trusted"], head["blocked"]) == ([], [])


async def test_what_she_chose_there_stays(app: Application, elsewhere: Application) -> None:
    here = await _with_everything(app)
    archive = (await here.get("/exports/account.zip")).body
    there = await as_person(elsewhere, "alice")
    db: Database = elsewhere.extensions["db"]
    await _ok(there, "PATCH", "/accounts/alice", about="Another me", version=1)
    await _ok(there, "PUT", "/accounts/alice/reading-settings", visibility="members")
    await _ok(there, "PUT", "/accounts/alice/goals/2026", books=99)
    await _ok(there, "POST", "/accounts/alice/shelves", name="sea, and land")
    emma = await a_book(db, isbn="9780141439587")
    await _ok(there, "PUT", f"/books/{emma}/rating", stars=1)
    cover = await there.put(
        f"/books/{emma}/cover", data=a_picture(size=(90, 60)), headers={"Content-Type": "image/png"}
    )
    assert cover.status == 200
    await _import(elsewhere, there, archive)
    told = _parts(await _archive(there))
    head = told["account.json"]
    assert (head["account"]["about"], head["reading_settings"]["visibility"]) == ("Another me", "members")
    assert (head["goals"], head["trusted"]) == ({"2025": 30, "2026": 99}, [])
    assert [shelf["name"] for shelf in told["own_shelves.json"]] == ["Empty", "sea, and land"]
    (entry,) = [one for one in told["shelves.json"] if one["book"] == "Emma"]
    assert (entry["stars"], entry["note"], entry["own_shelves"]) == (1, "Lent to Bob", ["sea, and land"])
    async with db.reading() as session:
        kept = await session.scalar(select(Book.cover).where(Book.id == emma))
    assert kept is not None
    assert kept[:12] in cover.json["cover_url"]


async def test_no_file_shows_everybody_what_was_here_before_it(app: Application, elsewhere: Application) -> None:
    here, there = await as_person(app), await as_person(elsewhere, "bob")
    mine = await a_book(app.extensions["db"], title="Dune", author="Frank Herbert")
    await _ok(here, "PUT", f"/books/{mine}/rating", stars=5)
    await _ok(here, "PUT", "/accounts/alice/reading-settings", visibility="everyone", want="me")
    archive = (await here.get("/exports/account.zip")).body
    emma = await a_book(elsewhere.extensions["db"])
    await _ok(there, "PUT", f"/books/{emma}/rating", stars=5)
    await _import(elsewhere, there, archive)
    settings = (await there.get("/accounts/bob/reading-settings")).json
    assert (settings["visibility"], settings["want"]) == ("members", "me")
    db: Database = elsewhere.extensions["db"]
    async with db.reading() as session:
        assert set(await session.scalars(select(Entry.seen_by))) == {MEMBERS}
