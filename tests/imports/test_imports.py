"""Bringing one's books along, as its person sees it."""

import asyncio
import csv
import gzip
import io
import os
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from bookapp.accounts.models import Account
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.events import Changed
from bookapp.imports import rules
from bookapp.imports.models import Import
from bookapp.imports.queries import find_tokens
from bookapp.jobs.models import Job
from bookapp.system import caretaker
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book
from tests.imports.brought import DUNE, EMMA, NAMELESS, bring, form, goodreads, numbers, put_in, titles, work
from tests.people import as_person


async def test_a_file_is_put_in(app: Application) -> None:
    alice = await as_person(app)
    answer = await bring(alice, goodreads(EMMA, DUNE))
    assert answer.status == 202
    assert answer.json["state"] == "queued"
    assert answer.json["format"] == "goodreads"
    assert answer.headers["Location"] == answer.json["url"]
    await work(app)
    shown = (await alice.get(answer.json["url"])).json
    assert (shown["state"], numbers(shown)) == ("done", {"read": 2, "new": 2})
    read = (await alice.get("/accounts/alice/shelves/read")).json
    assert [book["title"] for book in read["books"]] == ["Emma"]
    dune = next(book for book in (await alice.get("/books")).json["books"] if book["title"] == "Dune")
    assert (dune["isbn"], dune["series"]["name"], dune["created_by"]) == ("9780441013593", "Dune", "alice")


async def test_the_same_file_again_changes_nothing(app: Application) -> None:
    alice = await as_person(app)
    await put_in(app, alice, EMMA, DUNE)
    before = (await alice.get("/accounts/alice/shelves/read")).json
    assert numbers(await put_in(app, alice, EMMA, DUNE)) == {"read": 2, "known": 2}
    assert (await alice.get("/accounts/alice/shelves/read")).json == before
    assert await titles(alice) == ["Dune", "Emma"]


async def test_what_the_file_says_anew_comes_in(app: Application) -> None:
    alice = await as_person(app)
    await put_in(app, alice, EMMA, DUNE)
    finished = DUNE | {"Exclusive Shelf": "read", "Date Read": "2022/03/04"}
    assert numbers(await put_in(app, alice, EMMA, finished)) == {"read": 2, "known": 1, "changed": 1}
    read = (await alice.get("/accounts/alice/shelves/read")).json
    assert {book["title"] for book in read["books"]} == {"Emma", "Dune"}


async def test_a_look_puts_nothing_in_and_promises_what_comes(app: Application) -> None:
    alice = await as_person(app)
    await a_book(app.extensions["db"], title="Emma", author="Jane Austen")
    looked = await put_in(app, alice, EMMA, DUNE, NAMELESS, dry_run="true")
    assert (looked["step"], looked["state"]) == ("look", "done")
    assert numbers(looked) == {"read": 3, "new": 2, "failed": 1}
    assert await titles(alice) == ["Emma"]
    assert (await alice.get("/accounts/alice/shelves/read")).json["books"] == []
    page = await alice.get(looked["url"], "page")
    assert "Put in" in page.text
    confirmed = await alice.post(looked["confirmation_url"])
    assert confirmed.status == 202
    await work(app)
    done = (await alice.get(looked["url"])).json
    assert (done["step"], numbers(done)) == ("put", numbers(looked))
    assert await titles(alice) == ["Dune", "Emma"]
    assert (await alice.post(f"{looked['url']}/confirmation")).status == 409


async def test_a_book_that_is_here_is_found_by_any_isbn_or_by_its_name(app: Application) -> None:
    db = app.extensions["db"]
    await a_book(db, title="Emma: a novel", author="Jane Austen", isbn="9780141439587")
    await a_book(db, title="Dune", author="Frank Herbert")
    alice = await as_person(app)
    assert numbers(await put_in(app, alice, EMMA, DUNE)) == {"read": 2, "new": 2}
    assert await titles(alice) == ["Dune", "Emma: a novel"]


async def test_rows_about_one_book_are_put_in_one_after_the_other(app: Application) -> None:
    alice = await as_person(app)
    other = EMMA | {"Book Id": "7", "ISBN13": '="9780199535521"', "Bookshelves": "classics"}
    counted = numbers(await put_in(app, alice, EMMA, other, EMMA))
    assert counted["read"] == 3
    assert counted["new"] == 1
    assert await titles(alice) == ["Emma"]


ALIKE = EMMA | {"Book Id": "9", "Title": "The Colour of Magik", "Author": "Terry Pratchett", "ISBN13": '=""'}


async def test_a_doubtful_row_waits_for_its_person(app: Application) -> None:
    alice = await as_person(app)
    here = await a_book(app.extensions["db"], title="The Colour of Magic", author="Terry Pratchett")
    shown = await put_in(app, alice, ALIKE, DUNE)
    assert numbers(shown) == {"read": 2, "new": 1, "doubtful": 1}
    found = (await alice.get(shown["matches_url"])).json
    assert [[book["id"] for book in row["candidates"]] for row in found["items"]] == [[here]]
    page = await alice.get(shown["matches_url"], "page")
    assert "The Colour of Magic" in page.text
    answer = await alice.post(shown["matches_url"], "page", data={"number": "1", "book": str(here)})
    assert (answer.status, answer.headers["Location"]) == (303, shown["url"])
    await work(app)
    done = (await alice.get(shown["url"])).json
    assert numbers(done) == {"read": 2, "new": 2}
    assert await titles(alice) == ["Dune", "The Colour of Magic"]
    assert numbers(await put_in(app, alice, ALIKE)) == {"read": 1, "known": 1}


async def test_a_choice_made_before_is_kept_to(app: Application) -> None:
    alice = await as_person(app)
    await a_book(app.extensions["db"], title="The Colour of Magic", author="Terry Pratchett")
    looked = await put_in(app, alice, ALIKE, DUNE, dry_run="true")
    assert (await alice.post(looked["matches_url"], json={"number": 1, "book": "new"})).status == 200
    await alice.post(looked["confirmation_url"])
    await work(app)
    assert numbers((await alice.get(looked["url"])).json) == {"read": 2, "new": 2}
    assert await titles(alice) == ["Dune", "The Colour of Magic", "The Colour of Magik"]


async def test_open_pages_hear_of_what_is_settled_and_of_what_is_deleted(app: Application) -> None:
    alice = await as_person(app)
    await a_book(app.extensions["db"], title="The Colour of Magic", author="Terry Pratchett")
    looked = await put_in(app, alice, ALIKE, dry_run="true")
    told: list[str] = []

    async def hear(_session: object, change: Changed) -> None:
        told.append(change.name)

    app.extensions["db"].listeners.append(hear)
    answer = await alice.post(looked["matches_url"], "page", data={"all": "new"})
    assert "1 row is settled." in (await alice.get(answer.headers["Location"], "page")).text
    assert (await alice.delete(looked["url"])).status == 204
    assert told == ["jobs-changed"] * 2


async def test_all_can_be_settled_at_once(app: Application) -> None:
    alice = await as_person(app)
    await a_book(app.extensions["db"], title="The Colour of Magic", author="Terry Pratchett")
    shown = await put_in(app, alice, ALIKE)
    left = await alice.post(shown["matches_url"], "fragment", data={"all": "likeliest"})
    assert left.status == 200
    assert "Everything is settled" in left.text
    await work(app)
    assert numbers((await alice.get(shown["url"])).json) == {"read": 1, "new": 1}
    assert await titles(alice) == ["The Colour of Magic"]


async def test_a_program_says_beforehand_what_becomes_of_doubtful_rows(app: Application) -> None:
    alice = await as_person(app)
    await a_book(app.extensions["db"], title="The Colour of Magic", author="Terry Pratchett")
    assert numbers(await put_in(app, alice, ALIKE, doubtful="likeliest")) == {"read": 1, "new": 1}
    assert await titles(alice) == ["The Colour of Magic"]


async def test_a_deleted_book_does_not_come_back_by_itself(app: Application) -> None:
    alice = await as_person(app)
    await put_in(app, alice, EMMA)
    book = (await alice.get("/books")).json["books"][0]
    assert (await alice.delete(book["url"])).status == 204
    shown = await put_in(app, alice, EMMA | {"My Rating": "5"})
    assert numbers(shown) == {"read": 1, "doubtful": 1}
    assert "deleted" in (await alice.get(shown["matches_url"])).json["items"][0]["reason"]
    await alice.post(shown["matches_url"], json={"number": 1, "book": "new"})
    await work(app)
    assert await titles(alice) == ["Emma"]
    assert (await alice.get("/books")).json["books"][0]["id"] != book["id"]


async def test_failed_rows_can_be_corrected_and_sent_again(app: Application) -> None:
    alice = await as_person(app)
    shown = await put_in(app, alice, EMMA, NAMELESS | {"Private Notes": "=1+1", "Publisher": "'=quoted"})
    answer = await alice.get(shown["errors_url"])
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["Author"] for row in rows] == ["Nobody"]
    assert rows[0]["bookapp: reason"]
    assert rows[0]["Private Notes"] == "'=1+1"
    corrected = answer.body.replace(b"1,,Nobody", b"1,A Name,Nobody")
    again = await bring(alice, corrected)
    assert again.status == 202, again.text
    await work(app)
    assert numbers((await alice.get(again.json["url"])).json) == {"read": 1, "new": 1}
    book = next(one for one in (await alice.get("/books")).json["books"] if one["title"] == "A Name")
    mine = (await alice.get(f"/books/{book['id']}/mine")).json
    assert mine["note"] == "=1+1"


async def test_an_import_can_be_stopped_and_deleted(app: Application, settings: Settings) -> None:
    alice = await as_person(app)
    shown = (await bring(alice, goodreads(EMMA))).json
    assert len(list(settings.imports_dir.iterdir())) == 1
    assert (await alice.delete(shown["url"])).status == 204
    await work(app)
    stopped = (await alice.get(shown["url"])).json
    assert stopped["state"] == "cancelled"
    assert "Stopped (" not in (await alice.get(shown["url"], "page")).text
    assert await titles(alice) == []
    assert (await alice.delete(shown["url"])).status == 204
    assert (await alice.get(shown["url"])).status == 404
    assert list(settings.imports_dir.iterdir()) == []


async def test_a_file_can_be_stopped_in_the_middle_of_a_step(app: Application, db: Database) -> None:
    alice = await as_person(app)
    url = (await bring(alice, goodreads(EMMA))).json["url"]
    async with db.writing() as step:  # as a worker does: the job first, and then what it is about
        await step.execute(select(Job).with_for_update())
        stopping = asyncio.create_task(alice.delete(url))
        await asyncio.sleep(0.3)
        await step.execute(select(Import).with_for_update())
    assert (await stopping).status == 204
    assert (await alice.get(url)).json["state"] == "cancelled"


async def test_a_file_that_is_in_is_thrown_away(app: Application, settings: Settings) -> None:
    alice = await as_person(app)
    await put_in(app, alice, EMMA)
    assert list(settings.imports_dir.iterdir()) == []


async def test_strangers_find_nothing(app: Application) -> None:
    alice, charlie = await as_person(app), await as_person(app, "charlie")
    await a_book(app.extensions["db"], title="The Colour of Magic", author="Terry Pratchett")
    shown = await put_in(app, alice, ALIKE, NAMELESS)
    for path in (shown["url"], shown["matches_url"], shown["errors_url"]):
        assert (await charlie.get(path)).status == 404
    assert (await charlie.post(shown["matches_url"], json={"all": "new"})).status == 404
    assert (await charlie.post(f"{shown['url']}/confirmation")).status == 404
    assert (await charlie.delete(shown["url"])).status == 404
    assert (await charlie.get("/imports")).json["items"] == []
    assert (await Browser(app).get("/imports")).status == 401


async def test_a_stranger_cannot_fill_the_disk(app: Application, settings: Settings) -> None:
    answer = await Browser(app).post("/imports", **form(goodreads(EMMA)))
    assert answer.status == 401
    assert not settings.imports_dir.exists()


async def test_what_is_no_table_of_books_is_refused_at_once(app: Application, settings: Settings) -> None:
    alice = await as_person(app)
    answer = await bring(alice, b"Name,Phone\nBob,123\n")
    assert answer.status == 422
    assert "Goodreads" in answer.json["errors"]["file"][0]
    page = await bring(alice, b"Name,Phone\nBob,123\n", "page")
    assert page.status == 422
    assert 'type="file"' in page.text
    assert (await bring(alice, b"", "page")).status == 422
    assert list(settings.imports_dir.iterdir()) == []


async def test_a_file_comes_as_the_body_as_well(app: Application) -> None:
    alice = await as_person(app)
    answer = await alice.post(
        "/imports?name=mine.csv&visibility=me", data=goodreads(EMMA), headers={"Content-Type": "text/csv"}
    )
    assert answer.status == 202
    assert (answer.json["file_name"], answer.json["options"]["visibility"]) == ("mine.csv", "me")
    wrong = await alice.post("/imports?doubtful=perhaps", data=goodreads(EMMA), headers={"Content-Type": "text/csv"})
    assert wrong.status == 422


async def test_five_files_may_wait_and_not_six(app: Application) -> None:
    alice = await as_person(app)
    for _ in range(5):
        assert (await bring(alice, goodreads(EMMA), dry_run="true")).status == 202
    await work(app)
    assert (await bring(alice, goodreads(EMMA))).status == 409


async def test_the_pages_stand_without_scripts(app: Application) -> None:
    alice = await as_person(app)
    empty = await alice.get("/imports", "page")
    assert "Goodreads" in empty.text
    sent = await bring(alice, goodreads(EMMA, NAMELESS), "page", dry_run="true")
    assert sent.status == 303
    assert "Being looked at" in (await alice.get(sent.headers["Location"], "page")).text
    await work(app)
    page = await alice.get(sent.headers["Location"], "page")
    assert "The rows that failed" in page.text
    assert re.search(r"Goodreads, [0-9]+ bytes", page.text)
    assert "Line 3" in page.text
    fragment = await alice.get(sent.headers["Location"], "fragment")
    assert fragment.text.strip() in page.text
    assert "goodreads_library_export.csv" in (await alice.get("/imports", "fragment")).text


async def test_what_a_file_told_goes_along_when_a_book_becomes_one_with_another(app: Application) -> None:
    alice = await as_person(app, role="admin")
    await put_in(app, alice, EMMA)
    book = (await alice.get("/books")).json["books"][0]
    other = await a_book(app.extensions["db"], title="Emma, an edition", author="Jane Austen")
    merged = await alice.post(f"/admin/books/{book['id']}/merge", json={"into": other})
    assert merged.status < 300, merged.text
    assert numbers(await put_in(app, alice, EMMA)) == {"read": 1, "known": 1}
    assert await titles(alice) == ["Emma, an edition"]


async def test_a_file_of_isbns_goes_where_its_person_says(app: Application) -> None:
    alice = await as_person(app)
    await a_book(app.extensions["db"], title="Emma", author="Jane Austen", isbn="9780141439587")
    answer = await bring(alice, b"9780141439587\n9780306406157\n", shelf="want")
    await work(app)
    shown = (await alice.get(answer.json["url"])).json
    assert numbers(shown) == {"read": 2, "new": 1, "failed": 1}
    assert "no title" in shown["first_failed"][0]["reason"]
    assert [book["title"] for book in (await alice.get("/accounts/alice/shelves/want")).json["books"]] == ["Emma"]
    again = await bring(alice, (await alice.get(shown["errors_url"])).body)
    assert again.status == 202, again.text


async def test_nobody_takes_a_number_that_leads_to_quite_another_book(app: Application) -> None:
    alice = await as_person(app)
    here = await a_book(app.extensions["db"], title="Pumping Iron", author="Charles Gaines", isbn="9780141439587")
    shown = await put_in(app, alice, EMMA)
    assert numbers(shown) == {"read": 1, "doubtful": 1}
    row = (await alice.get(shown["matches_url"])).json["items"][0]
    assert [book["id"] for book in row["candidates"]] == [here]
    await alice.post(shown["matches_url"], json={"number": 1, "book": "new"})
    await work(app)
    assert await titles(alice) == ["Emma", "Pumping Iron"]


async def test_a_stopped_file_takes_its_place_as_long_as_it_is_kept(app: Application, settings: Settings) -> None:
    alice = await as_person(app)
    for _ in range(5):
        shown = (await bring(alice, goodreads(EMMA))).json
        assert (await alice.delete(shown["url"])).status == 204
    assert (await bring(alice, goodreads(EMMA))).status == 409
    assert (await alice.delete(shown["url"])).status == 204
    assert (await bring(alice, goodreads(EMMA))).status == 202
    assert len(list(settings.imports_dir.iterdir())) == 5


async def test_a_look_of_before_does_not_begin_again_beside_what_is_put_in(app: Application) -> None:
    alice = await as_person(app)
    shown = (await bring(alice, goodreads(EMMA, DUNE), dry_run="true")).json
    look, put = shown["job_url"], f"{shown['url']}/confirmation"
    assert (await alice.post(f"{look}/cancellation")).status == 200
    confirmed = (await alice.post(put)).json
    assert (await alice.post(f"{confirmed['job_url']}/cancellation")).status == 200
    assert (await alice.post(f"{look}/retry")).status == 200
    await work(app)
    assert (await alice.get(look)).json["state"] == "failed"
    assert (await alice.post(f"{confirmed['job_url']}/retry")).status == 200
    await work(app)
    assert numbers((await alice.get(shown["url"])).json) == {"read": 2, "new": 2}


async def test_little_that_unpacks_to_much_does_not_fill_the_database(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_KEPT", 100_000)
    monkeypatch.setattr(rules, "STEP_SIGNS", 50_000)
    alice = await as_person(app)
    shown = (await bring(alice, gzip.compress(goodreads(*[NAMELESS | {"My Review": "x" * 20_000}] * 100)))).json
    await work(app)
    failed = (await alice.get(shown["url"])).json
    assert failed["state"] == "failed"
    assert "too large" in (await alice.get(shown["job_url"])).json["reason"]
    assert failed["counts"]["failed"] < 10


async def test_nothing_is_put_in_where_the_disk_is_nearly_full(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await as_person(app)
    shown = (await bring(alice, goodreads(EMMA))).json
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_bavail=10, f_frsize=4096))
    await work(app)
    failed = (await alice.get(shown["job_url"])).json
    assert (failed["state"], "disk" in failed["reason"]) == ("failed", True)
    assert await titles(alice) == []


async def test_the_files_of_who_left_go_with_them(app: Application, db: Database, settings: Settings) -> None:
    alice, bob = await as_person(app), await as_person(app, "bob")
    await bring(alice, goodreads(EMMA))
    await bring(bob, goodreads(DUNE), dry_run="true")
    long_ago = clock.now() - timedelta(days=1)
    for path in settings.imports_dir.iterdir():
        os.utime(path, (long_ago.timestamp(),) * 2)
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == "alice").values(delete_at=long_ago))
    await caretaker.go_round(db)
    await caretaker.throw_files_away(db, settings.imports_dir)
    async with db.reading() as session:
        assert {path.name for path in settings.imports_dir.iterdir()} == await find_tokens(session)
    assert len(list(settings.imports_dir.iterdir())) == 1


async def test_a_file_without_rows_has_nothing_to_be_put_in(app: Application) -> None:
    alice = await as_person(app)
    looked = await put_in(app, alice, dry_run="true")
    assert (looked["state"], looked["counts"]["read"], looked["confirmation_url"]) == ("done", 0, None)
    assert "There are no books in this file." in (await alice.get(looked["url"], "page")).text


async def test_remarks_stand_in_the_order_of_the_file_and_name_its_lines(app: Application) -> None:
    alice = await as_person(app)
    again = EMMA | {"Book Id": "2", "Date Read": "32/13/2020"}
    shown = await put_in(app, alice, EMMA | {"Date Read": "31/02/2020"}, again, DUNE | {"Date Added": "soon"})
    assert [text.partition(":")[0] for text in shown["remarks"]] == ["Line 2, Emma", "Line 3, Emma", "Line 4, Dune"]


async def test_doubtful_rows_name_their_lines_and_say_when_none_is_left(app: Application) -> None:
    alice = await as_person(app)
    await a_book(app.extensions["db"], title="Emma", author="Jane Austen")
    doubtful = EMMA | {"Title": "Emmma", "ISBN13": ""}
    url = (await put_in(app, alice, DUNE, doubtful, dry_run="true"))["matches_url"]
    page = (await alice.get(url, "page")).text
    assert "line 3</small>" in page
    assert 'id="match-2-first"' in page
    settled = await alice.post(url, "fragment", data={"all": "new"})
    assert "is doubtful." in settled.text
    assert 'id="matches-back"' in settled.text


async def test_a_book_named_by_a_number_alone_fails_with_the_right_word(app: Application) -> None:
    alice = await as_person(app)
    for file, word in (
        (b"Work Id,Edition Id,Bookshelf\nOL1W,OL2M,Already Read\n", "number"),
        (b"9780441013593\n", "ISBN"),
    ):
        url = (await bring(alice, file)).json["url"]
        await work(app)
        assert f"No book here has this {word}, " in (await alice.get(url)).json["first_failed"][0]["reason"]
