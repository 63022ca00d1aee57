"""Taking one's things along: the file is whole, and holds nobody else's."""

import hashlib
import io
import json
import zipfile
from typing import Any

from bookapp.books.storage import CoverStore
from bookapp.core.db import Database
from bookapp.lists import actions as lists
from bookapp.lists.commands import AddTask
from bookapp.transfer import account_archive, archive_rows
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book, a_picture
from tests.people import a_person, as_person

SAID = {"reviews.json", "readings.json", "quotes.json"}


async def _read(client: Browser) -> dict[str, Any]:
    answer = await client.get("/exports/account.zip")
    assert answer.status == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"README.txt", "account.json", "tasks.json", "changes.json"} | SAID | {
            "shelves.json",
            "own_shelves.json",
            "suggestions.json",
            "asks.json",
            "advice.json",
            "books.json",
            "manifest.json",
        }
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


async def test_alice_takes_her_profile_her_tasks_and_her_changes_along(app: Application, db: Database) -> None:
    alice = await as_person(app, "alice")
    bob = await as_person(app, "bob")
    book = (await alice.post("/books", json={"title": "Emma", "author": "Jane Austen"})).json["id"]
    await alice.post("/accounts/alice/tasks", json={"name": "Read “Emma”", "book_id": book, "due_date": "2026-12-24"})
    await bob.post("/accounts/bob/tasks", json={"name": "Bob's secret"})
    await bob.post("/books", json={"title": "Persuasion", "author": "Jane Austen"})

    found = await _read(alice)
    assert found["account.json"]["format"] == "bookapp account"
    assert found["account.json"]["account"]["email"] == "alice@example.org"
    (task,) = found["tasks.json"]
    assert (task["name"], task["book"], task["completed"]) == ("Read “Emma”", "Emma", False)
    assert task["due_date"].startswith("2026-12-24T")
    assert [(change["what"], change["title"]) for change in found["changes.json"]] == [("added", "Emma")]
    assert "argon2" not in json.dumps(found)
    assert "Bob" not in json.dumps(found)


async def test_what_she_chose_comes_along(app: Application) -> None:
    alice, _bob = await as_person(app, "alice"), await as_person(app, "bob")
    await alice.put("/accounts/bob/trust")
    await alice.put("/accounts/alice/goals/2026", json={"books": 12})
    await alice.put("/suggestions/choice", json={"welcome": "trusted"})
    told = (await _read(alice))["account.json"]
    assert (told["trusted"], told["blocked"], told["goals"]) == (["bob"], [], {"2026": 12})
    assert told["recommendations_from"]["welcome"] == "trusted"


async def test_what_she_said_of_books_comes_along(app: Application, db: Database) -> None:
    alice, bob, _book = await as_person(app, "alice"), await as_person(app, "bob"), await a_book(db)
    for person in (alice, bob):
        await person.put("/books/1/review", json={"text": "*Good*", "visibility": "everyone"})
        await person.post("/books/1/readings", json={"started": "2024-05", "finished": "2024", "note": "On the train"})
        await person.post("/books/1/quotes", json={"text": "It is a truth", "page": 7})
    await alice.delete("/books/1")  # what she said of it stays hers
    found = await _read(alice)
    (review,), (reading,), (quote,) = (found[name] for name in ("reviews.json", "readings.json", "quotes.json"))
    assert (review["text"], review["visibility"], review["book"]) == ("*Good*", "everyone", "Emma")
    assert (reading["started"], reading["finished"], reading["note"]) == ("2024-05", "2024", "On the train")
    assert (quote["text"], quote["page"], quote["book_id"]) == ("It is a truth", 7, 1)


async def test_she_takes_her_shelves_along(app: Application, db: Database) -> None:
    alice, bob = await as_person(app, "alice"), await as_person(app, "bob")
    for title in ("Emma", "Persuasion"):
        await alice.post("/books", json={"title": title, "author": "Jane Austen"})
    await alice.put("/books/1/rating", json={"stars": 4.25})
    await alice.put("/books/1/entry", json={"tags": ["sea"], "note": "Lent"})
    await alice.post("/accounts/alice/shelves", json={"name": "Classics", "visibility": "me"})
    await alice.put("/accounts/alice/shelves/classics/books/1")
    await bob.put("/books/2/shelf", json={"state": "want"})
    found = await _read(alice)
    (entry,) = found["shelves.json"]
    assert [entry[name] for name in ("book", "stars", "shelf", "tags", "note", "own_shelves")] == [
        "Emma", 4.25, "read", ["sea"], "Lent", ["Classics"],
    ]  # fmt: skip
    assert [(shelf["name"], shelf["visibility"]) for shelf in found["own_shelves.json"]] == [("Classics", "me")]
    assert found["account.json"]["reading_settings"]["visibility"] == "members"


async def test_each_book_that_is_named_anywhere_comes_along_with_its_cover(app: Application, db: Database) -> None:
    alice, bob = await as_person(app, "alice"), await as_person(app, "bob")
    for title in ("Emma", "Persuasion", "Sanditon", "Of nobody"):
        await alice.post("/books", json={"title": title, "author": "Jane Austen", "subjects": ["love"], "year": 1815})
    for number in (1, 2):
        picture = await alice.put(f"/books/{number}/cover", data=a_picture(), headers={"Content-Type": "image/png"})
        assert picture.status == 200
    await alice.put("/books/1/shelf", json={"state": "read"})
    await alice.post("/accounts/alice/tasks", json={"name": "Read it", "book_id": 2})
    await bob.post("/suggestions", json={"to": "alice", "book_id": 3, "because_id": 1})
    with zipfile.ZipFile(io.BytesIO((await alice.get("/exports/account.zip")).body)) as archive:
        books = json.loads(archive.read("books.json"))
        manifest = json.loads(archive.read("manifest.json"))
        for part in manifest["parts"]:
            data = archive.read(part["name"])
            assert (len(data), hashlib.sha256(data).hexdigest()) == (part["bytes"], part["sha256"])
        assert {part["name"] for part in manifest["parts"]} == {*archive.namelist()} - {"manifest.json"}
        assert [name for name in archive.namelist() if name.startswith("covers/")] == ["covers/1.webp"]
    assert [(book["title"], book.get("cover")) for book in books] == [
        ("Emma", "covers/1.webp"), ("Persuasion", "covers/1.webp"), ("Sanditon", None), ("Of nobody", None),
    ]  # fmt: skip  # she added the last one, so it stands among her changes
    assert (books[0]["authors"], books[0]["year"]) == (["Jane Austen"], 1815)
    assert [subject["name"] for subject in books[0]["subjects"]] == ["love"]
    assert (manifest["version"], {p["name"]: p["count"] for p in manifest["parts"]}["books.json"]) == (2, 4)


async def test_a_row_has_a_line_of_its_own(app: Application, db: Database) -> None:
    alice = await as_person(app, "alice")
    for title in ("Emma", "Persuasion"):
        await alice.post("/books", json={"title": title, "author": "Jane Austen"})
    await alice.put("/books/1/entry", json={"note": "two\nlines"})
    await alice.put("/books/2/entry", json={"note": "one"})
    with zipfile.ZipFile(io.BytesIO((await alice.get("/exports/account.zip")).body)) as archive:
        first, *rows, last = archive.read("shelves.json").decode().splitlines()
    assert (first, last) == ("[", "]")
    assert [json.loads(row.rstrip(","))["book"] for row in rows] == ["Emma", "Persuasion"]


async def test_a_long_list_is_whole_and_nothing_is_an_empty_list(
    app: Application, db: Database, monkeypatch: Any
) -> None:
    monkeypatch.setattr(archive_rows, "STEP", 7)
    alice = await as_person(app, "alice")
    assert (await _read(alice))["tasks.json"] == []
    person = await a_person(db, "bob")
    bob = await as_person(app, "charlie")
    async with db.writing() as session:
        for number in range(21):
            await lists.add_task(session, person, AddTask(name=f"Task {number}"))
    covers: CoverStore = app.extensions["covers"]
    pieces = [piece async for piece in account_archive.pieces(db, person, covers)]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        names = [task["name"] for task in json.loads(archive.read("tasks.json"))]
    assert names == [f"Task {number}" for number in range(21)]
    assert (await _read(bob))["changes.json"] == []


async def test_guests_have_nothing_to_take_along(client: Browser, db: Database) -> None:
    await a_book(db)
    assert (await client.get("/exports/account.zip")).status == 401
    page = await client.get("/exports/account.zip", "page")
    assert (page.status, page.headers["Location"]) == (303, "/login?next=%2Fexports%2Faccount.zip")


async def test_it_is_kept_by_nobody(app: Application, db: Database) -> None:
    alice = await as_person(app, "alice")
    answer = await alice.get("/exports/account.zip", "page")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="bookapp-alice.zip"'
    assert (await alice.ask("HEAD", "/exports/account.zip")).body == b""
