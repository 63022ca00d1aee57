"""How a book felt, what to be warned of and which copy is one's own: said, shown, merged, on both databases."""

import re
from typing import Any

import pytest
from sqlalchemy import delete, select

from bookapp.accounts.models import Account
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from bookapp.core.events import CATALOGUE, changes_of
from bookapp.shelves import detail_rules
from bookapp.shelves.detail_actions import edit_detail
from bookapp.shelves.detail_commands import EditDetail
from bookapp.shelves.detail_queries import show_felt
from bookapp.shelves.detail_results import BookFelt, WordCount
from bookapp.shelves.keeping_queries import list_own_entries
from bookapp.shelves.models import Detail
from bookapp.shelves.results import MyBook
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book, a_sent_book
from tests.people import a_person, as_person
from tests.shelves.shelved import entries, mine, off, put, settled, tied
from tests.shelves.test_bulk_entries import EVERYTHING, told
from tests.shelves.test_merging import merged, undone


async def felt(db: Database, actor: Actor, book: int, **fields: Any) -> MyBook:
    async with db.writing() as session:
        await edit_detail(session, actor, book, fields)  # type: ignore[arg-type]
    return await mine(db, actor, book)


async def others(db: Database, actor: Actor, book: int) -> BookFelt:
    async with db.reading() as session:
        return await show_felt(session, actor, book)


async def test_alice_says_how_it_felt_and_takes_it_back(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    shown = await felt(db, alice, book, moods=["wistful"], mood_funny=True, pace="slow", copies=2, is_favorite=True)
    assert shown.detail.moods == ("funny", "wistful")
    assert shown.detail.says == ("a favourite", "funny, wistful", "slow paced", "2 copies")
    assert (await felt(db, alice, book, drive="mix", flawed="complicated")).detail.drive == "mix"
    assert (await felt(db, alice, book, drive="mix")).version == 2  # nothing changed
    shown = await felt(db, alice, book, mood_sad=True, moods=["wistful"])
    assert shown.detail.moods == ("sad", "wistful")
    none = {"moods": [], "pace": None, "drive": None, "flawed": None, "copies": None, "is_favorite": False}
    assert (await felt(db, alice, book, **none)).detail.says == ()
    assert await entries(db, alice) == 0  # nothing is left, so nothing stays
    with pytest.raises(NotFound):
        await felt(db, alice, 99, pace="slow")


async def test_an_entry_on_which_that_hangs_stays(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await put(db, alice, book, "read")
    await felt(db, alice, book, warnings=["graphic: Death"])
    assert (await off(db, alice, book)).detail.warnings == ("graphic: Death",)
    assert await entries(db, alice) == 1


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("graphic: Death", ("graphic", "Death")),
        (" Minor :Blood", ("minor", "Blood")),
        ("Death", ("", "Death")),
        ("War: the first one", ("", "War: the first one")),
        ("graphic:", ("", "graphic:")),
    ],
)
def test_a_warning_says_how_much_of_what(text: str, want: tuple[str, str]) -> None:
    assert detail_rules.warning_of(text) == want
    assert detail_rules.warning_of(detail_rules.warning_words(*want)) == want


async def test_readers_warn_together_as_far_as_one_may_see(db: Database) -> None:
    alice, bob, charlie = [await a_person(db, name) for name in ("alice", "bob", "charlie")]
    book = await a_book(db)
    await settled(db, alice, visibility="everyone")
    await felt(db, alice, book, warnings=["graphic: Death", "Blood"], moods=["sad"], pace="slow")
    await felt(db, bob, book, warnings=["minor: death"], moods=["Sad", "grim"])
    await settled(db, charlie, visibility="me")
    await felt(db, charlie, book, warnings=["Secrets"])
    seen = await others(db, alice, book)
    assert [(one.word.casefold(), one.count) for one in seen.warnings] == [("death", 2), ("blood", 1)]
    assert [(one.word.casefold(), one.count) for one in seen.moods] == [("sad", 2), ("grim", 1)]
    assert seen.paces == (WordCount("slow", 1),)
    assert [one.word for one in (await others(db, GUEST, book)).warnings] == ["Blood", "Death"]
    assert "Secrets" in [one.word for one in (await others(db, charlie, book)).warnings]
    await tied(db, bob, alice, "block")
    assert [one.word for one in (await others(db, alice, book)).moods] == ["sad"]


async def test_what_everybody_may_see_of_it_makes_kept_pages_old(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await settled(db, alice, visibility="everyone")
    async with db.writing() as session:
        await edit_detail(session, alice, book, {"pace": "fast"})
        assert CATALOGUE in changes_of(session)


async def test_it_goes_with_a_merge_and_comes_back(db: Database) -> None:
    alice, bob, dora = [await a_person(db, name) for name in ("alice", "bob", "dora")]
    first, second = await a_book(db), await a_book(db, title="Emma again")
    await felt(db, alice, first, pace="slow")
    await felt(db, bob, first, pace="slow")
    await felt(db, bob, second, pace="fast")
    merge = await merged(db, dora, first, second)
    assert (await mine(db, alice, second)).detail.pace == "slow"
    assert (await mine(db, bob, second)).detail.pace == "fast"  # they keep what they say of the one that stays
    await undone(db, dora, merge)
    assert (await mine(db, alice, first)).detail.pace == (await mine(db, bob, first)).detail.pace == "slow"
    assert (await mine(db, alice, second)).detail.pace is None


async def test_it_is_among_what_a_person_takes_along(db: Database) -> None:
    alice, book, other = await a_person(db), await a_book(db), await a_book(db, title="Lost")
    await told(db, alice, book, **EVERYTHING)
    await put(db, alice, other, "want")
    async with db.reading() as session:
        kept, _next = await list_own_entries(session, alice, 0, 10)
    detail = kept[0].detail
    assert detail is not None
    assert (detail.traits, detail.warnings, detail.more) == (
        {"drive": "character"},
        (("minor", "Death"),),
        {"Bookshelves with positions": "classics (#3)"},
    )
    assert kept[1].detail is None


async def test_the_page_has_a_form_for_it_without_scripts(app: Application) -> None:
    alice = await as_person(app)
    book = await a_sent_book(alice)
    form = {"moods": "wistful, droll", "mood_funny": "true", "pace": "slow", "warnings": "graphic: Death\r\nBlood"}
    answer = await alice.post(f"{book['url']}/entry/detail", "page", data=form)
    assert answer.status == 303
    page = (await alice.get(book["url"], "page")).text
    assert "funny, wistful, droll · slow paced" in page
    assert "You warn of:</b> graphic: Death, Blood" in page
    assert "Readers warn of:" in page
    assert 'id="mood-funny" name="mood_funny" value="true" checked' in page
    assert set(re.findall(r'name="mood_([a-z]+)"', page)) == set(detail_rules.MOODS)
    assert {name for name in EditDetail.__annotations__ if name.startswith("mood_")} == {
        f"mood_{one}" for one in detail_rules.MOODS
    }
    wrong = await alice.post(f"{book['url']}/entry/detail", "page", data=form | {"copies": "many"})
    assert wrong.status == 422
    assert "graphic: Death" in wrong.text
    shown = (await alice.get(f"{book['url']}/mine")).json
    assert shown["detail"]["warnings"] == ["graphic: Death", "Blood"]


async def test_what_an_import_brought_is_shown_to_its_owner_alone(app: Application) -> None:
    alice = await as_person(app)
    book = await a_sent_book(alice)
    db: Database = app.extensions["db"]
    await told(db, Actor(1, "alice"), book["id"], state="read", visibility=2, detail=EVERYTHING["detail"])
    own = (await alice.get(book["url"], "page")).text
    assert "Brought along by your import" in own
    assert "classics (#3)" in own
    for answer in [await Browser(app).get(book["url"], form) for form in ("page", "json")]:
        assert "Death" in answer.text
        assert "classics (#3)" not in answer.text
        assert "paperback" not in answer.text


async def test_a_person_who_leaves_takes_it_along(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await felt(db, alice, book, pace="slow")
    async with db.writing() as session:
        await session.execute(delete(Account).where(Account.id == alice.id))
    async with db.reading() as session:
        assert (await session.scalars(select(Detail))).all() == []
