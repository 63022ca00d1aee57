"""Reviews through HTTP: who sees which, one for each person and book, nothing lost."""

import asyncio

import pytest
from sqlalchemy import func, select

from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from bookapp.core.events import changes_of
from bookapp.core.version import NoVersion
from bookapp.shelves import entry_actions, review_actions, review_queries, settings_actions
from bookapp.shelves.models import Entry, Review
from bookapp.shelves.review_commands import FindReviews, WriteReview
from bookapp.web.application import Application
from tests.clients import FORMS, Browser
from tests.factories import a_book
from tests.people import a_person, as_person, sign_in
from tests.shelves.readers import a_block, a_review

REVIEW = "/books/1/review"


@pytest.fixture
async def alice(app: Application, db: Database) -> Browser:
    await a_book(db)
    return await as_person(app, "alice")


@pytest.fixture
async def alone(sqlite_app: Application) -> Browser:
    """Alice, on SQLite alone."""
    await a_book(sqlite_app.extensions["db"])
    return await as_person(sqlite_app, "alice")


async def test_a_review_goes_through_its_life_by_json(alice: Browser) -> None:
    assert (await alice.get(REVIEW)).status == 404
    made = await alice.put(REVIEW, json={"text": "*Good*", "visibility": "everyone"})
    assert (made.status, made.headers["Location"]) == (201, "/reviews/1")
    told = {name: made.json[name] for name in ("text", "html", "is_spoiler", "visibility", "seen_by", "version", "url")}
    assert told == {
        "text": "*Good*",
        "html": "<p><em>Good</em></p>\n",
        "is_spoiler": False,
        "visibility": "everyone",
        "seen_by": "everyone",
        "version": 1,
        "url": "/reviews/1",
    }
    account = (await alice.get("/accounts/alice")).json["id"]
    assert made.json["who"] == {"id": account, "name": "alice", "url": "/accounts/alice"}
    assert made.json["book"] == {"id": 1, "title": "Emma", "url": "/books/1"}
    assert (await alice.get("/reviews/1")).json == (await alice.get(REVIEW)).json == made.json
    changed = await alice.put(REVIEW, json={"text": "Better", "is_spoiler": True})
    assert (changed.status, changed.json["version"], changed.json["visibility"]) == (200, 2, None)
    assert changed.json["seen_by"] == "members"
    assert (await alice.put(REVIEW, json={"text": "Late", "version": 1})).status == 409
    late = await alice.put(REVIEW, json={"text": "Late"}, headers={"If-Match": '"1-x"'})
    assert (late.status, late.json["newer"]["text"]) == (412, "Better")
    gone = await alice.delete(REVIEW)
    assert (gone.status, gone.json["review"]) == (200, None)
    assert (await alice.get("/reviews/1")).status == 404
    assert (await alice.delete(REVIEW)).status == 404


async def test_a_review_goes_through_its_life_without_scripts(alone: Browser) -> None:
    form = (await alone.get(f"{REVIEW}/edit", "page")).text
    assert 'action="/books/1/review"' in form
    posted = await alone.post(REVIEW, "page", data={"text": "Good", "visibility": ""})
    assert (posted.status, posted.headers["Location"]) == (303, "/reviews/1")
    page = (await alone.get("/reviews/1", "page")).text
    assert "Saved your review of Emma" in page
    assert "Members see it" in page
    edit = (await alone.get(f"{REVIEW}/edit", "page")).text
    assert ">Good</textarea>" in edit
    stale = await alone.post(REVIEW, "page", data={"text": "<b>Mine</b>", "version": "7"})
    assert stale.status == 409
    assert "Save mine over it" in stale.text
    assert "&lt;b&gt;Mine" in stale.text
    gone = await alone.post(f"{REVIEW}/delete", "page", data={})
    assert (gone.status, gone.headers["Location"]) == (303, "/books/1")


async def test_htmx_gets_the_review_and_then_the_form_again(alone: Browser) -> None:
    saved = await alone.put(REVIEW, "fragment", data={"text": "She ||marries||", "is_spoiler": "true"})
    assert saved.text.lstrip().startswith('<section id="own_review"')
    assert "<summary>This tells how the story goes. Show it</summary>" in saved.text
    assert "<summary>Spoiler</summary>marries</details>" in saved.text
    assert '"reviews-changed"' in saved.headers["HX-Trigger"]
    gone = await alone.post(f"{REVIEW}/delete", "fragment")
    assert "Write a review" in gone.text


@pytest.mark.parametrize("text", ["", " \n ", "x" * 20_001, "a\x00b"])
async def test_what_cannot_be_a_review_comes_back_with_a_message(alone: Browser, text: str) -> None:
    for form in ("page", "fragment"):
        answer = await alone.post(REVIEW, form, data={"text": text, "visibility": "members"})
        assert answer.status == 422
        assert 'id="review-text-error"' in answer.text
    assert (await alone.put(REVIEW, json={"text": text})).json["errors"].keys() == {"text"}
    assert (await alone.get(REVIEW)).status == 404


async def test_an_author_cannot_be_named_and_html_not_sent(alone: Browser) -> None:
    for name in ("html", "account_id", "seen_by", "id"):
        answer = await alone.put(REVIEW, json={"text": "x", name: 1})
        assert answer.json["errors"] == {name: ["is not a field here"]}


async def test_everybody_sees_what_they_may_see_and_no_more(app: Application, db: Database) -> None:
    book_id = await a_book(db)
    alice = await a_person(db, "alice")
    for name, visibility in (("bob", "me"), ("charlie", None), ("dora", "everyone")):
        await a_review(db, await a_person(db, name), book_id, f"What {name} says", visibility=visibility)
    eve = await a_person(db, "eve")
    await a_review(db, eve, book_id, "What eve says")
    await a_block(db, eve, alice)
    seen = {
        "guest": {"dora"},
        "alice": {"charlie", "dora"},
        "bob": {"bob", "charlie", "dora", "eve"},
        "eve": {"charlie", "dora", "eve"},
    }
    number = {"bob": 1, "charlie": 2, "dora": 3, "eve": 4}
    for name, found in seen.items():
        person = Browser(app) if name == "guest" else await sign_in(Browser(app), name)
        answer = await person.get("/books/1/reviews")
        assert {review["who"]["name"] for review in answer.json["reviews"]} == found, name
        assert answer.json["total"] == len(found), name
        for writer, review_id in number.items():
            expected = 200 if writer in found else 404
            theirs = (await person.get(f"/accounts/{writer}/reviews")).json
            assert theirs["total"] == len(theirs["reviews"]) == (writer in found), (name, writer)
            for form in FORMS:
                one = await person.get(f"/reviews/{review_id}", form)
                assert one.status == expected, (name, writer, form)
                assert (f"What {writer} says" in one.text) == (writer in found), (name, writer, form)
        for review in answer.json["reviews"]:
            # The text as it was typed, and who else may read it, is told to its writer alone.
            told = (review["text"], review["visibility"], review["seen_by"])
            assert review["is_own"] == (review["who"]["name"] == name)
            assert review["is_own"] or told == (None, None, None)


async def test_what_is_absent_and_what_is_hidden_look_alike(alice: Browser, app: Application) -> None:
    await alice.put(REVIEW, json={"text": "Secret", "visibility": "me"})
    bob = await as_person(app, "bob")
    hidden, absent = await bob.get("/reviews/1"), await bob.get("/reviews/999")
    assert {**hidden.json, "request_id": ""} == {**absent.json, "request_id": ""}


async def test_stars_are_told_to_whom_the_shelf_is_open(db: Database) -> None:
    book_id, alice, bob = await a_book(db), await a_person(db, "alice"), await a_person(db, "bob")
    await a_review(db, alice, book_id, visibility="everyone")
    async with db.writing() as session:
        await entry_actions.rate_book(session, alice, book_id, 18)
    async with db.reading() as session:
        assert (await review_queries.show_review(session, bob, 1)).stars == 4.5
    async with db.writing() as session:
        await entry_actions.edit_entry(session, alice, book_id, {"visibility": "me"})
    async with db.reading() as session:
        assert (await review_queries.show_review(session, bob, 1)).stars is None
        assert (await review_queries.show_review(session, alice, 1)).stars == 4.5


async def test_a_review_is_seen_as_the_book_is_unless_it_has_its_own_choice(db: Database) -> None:
    first, second = await a_book(db), await a_book(db, title="Persuasion")
    alice, bob = await a_person(db, "alice"), await a_person(db, "bob")
    await a_review(db, alice, first)
    await a_review(db, alice, second, visibility="everyone")
    async with db.writing() as session:
        for book_id in (first, second):
            await entry_actions.edit_entry(session, alice, book_id, {"visibility": "me"})
    async with db.reading() as session:
        with pytest.raises(NotFound):
            await review_queries.show_review(session, bob, 1)
        assert (await review_queries.show_review(session, bob, 2)).html


async def test_guests_get_no_kept_answer_with_what_was_hidden_since(
    db: Database,
) -> None:
    told: list[bool] = []

    class Counting(NoVersion):
        async def bump(self, session: object, changes: object) -> None:
            told.append("books-changed" in {change.name for change in changes})  # type: ignore[attr-defined]

    db.version = Counting()
    alice, book_id = await a_person(db, "alice"), await a_book(db)
    told.clear()
    for number, visibility in enumerate(("me", "everyone", "everyone", "me", "members")):
        await a_review(db, alice, book_id, f"Version {number}", visibility=visibility)
    assert told == [False, True, True, True, False]


async def test_the_list_goes_on_where_it_says(alone: Browser) -> None:
    db: Database = alone.app.extensions["db"]
    for number in range(5):
        await a_review(db, await a_person(db, f"reader{number}"), 1, visibility="everyone")
    first = await alone.get("/books/1/reviews?limit=2")
    second = await alone.get(first.json["next"])
    third = await alone.get(second.json["next"])
    found = [one["id"] for answer in (first, second, third) for one in answer.json["reviews"]]
    assert (found, third.json["next"], first.json["total"]) == ([5, 4, 3, 2, 1], None, 5)
    assert (await alone.get("/books/1/reviews?cursor=nonsense")).status == 422
    assert "Show 2 more reviews" in (await alone.get("/books/1/reviews?limit=2", "page")).text


async def test_a_list_of_many_costs_as_much_as_one_of_few(db: Database) -> None:
    from tests.house.test_answers import Counter

    book_id, alice = await a_book(db), await a_person(db, "alice")
    counted = []
    for number in range(6):
        await a_review(db, await a_person(db, f"reader{number}"), book_id)
        with Counter(db) as counter:
            async with db.reading() as session:
                await review_queries.list_reviews(session, alice, book_id, FindReviews())
        counted.append(len(counter.statements))
    assert len(set(counted)) == 1


async def test_two_first_reviews_at_once_are_one(db: Database) -> None:
    book_id, alice = await a_book(db), await a_person(db, "alice")
    await asyncio.gather(*(a_review(db, alice, book_id, f"Version {number}") for number in range(4)))
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Review)) == 1
        assert (await review_queries.show_own_review(session, alice, book_id)).version == 4


async def test_of_two_edits_of_one_version_the_second_is_told(db: Database) -> None:
    book_id, alice = await a_book(db), await a_person(db, "alice")
    await a_review(db, alice, book_id)

    async def edit(text: str) -> None:
        async with db.writing() as session:
            await review_actions.write_review(session, alice, book_id, WriteReview(text=text), 1)

    answers = await asyncio.gather(edit("This"), edit("That"), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]


async def test_who_only_reviewed_a_book_leaves_nothing_behind(db: Database) -> None:
    book_id, alice = await a_book(db), await a_person(db, "alice")
    await a_review(db, alice, book_id)
    async with db.writing() as session:
        await review_actions.remove_review(session, alice, book_id)
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Entry)) == 0


async def test_reviews_of_a_deleted_book_and_of_people_shut_out_are_not_shown(alice: Browser, db: Database) -> None:
    await alice.put(REVIEW, json={"text": "Good", "visibility": "everyone"})
    guest = Browser(alice.app)
    assert (await guest.get("/reviews/1")).status == 200
    await alice.delete("/books/1")
    assert (await guest.get("/reviews/1")).status == 404
    assert (await guest.get("/accounts/alice/reviews")).json["total"] == 0
    await alice.post("/books/1/restoration")
    assert (await guest.get("/reviews/1")).status == 200


async def test_everybody_is_told_of_settings_only_when_guests_see_another_page(db: Database) -> None:
    alice, book_id = await a_person(db, "alice"), await a_book(db)
    await a_review(db, alice, book_id)

    async def told(visibility: str) -> bool:
        async with db.writing() as session:
            await settings_actions.edit_settings(session, alice, {"visibility": visibility})  # type: ignore[typeddict-item]
            return "books-changed" in {change.name for change in changes_of(session)}

    told_of = [await told(visibility) for visibility in ("me", "members", "everyone", "me")]
    assert told_of == [False, False, True, True]


async def test_version_zero_is_a_version_too(alone: Browser) -> None:
    """Whoever saw that there is no review yet must not write over one that came meanwhile."""
    none = {"If-Match": '"0-x"'}
    assert (await alone.put(REVIEW, json={"text": "First"}, headers=none)).status == 201
    assert (await alone.put(REVIEW, json={"text": "Over it"}, headers=none)).status == 412
    assert (await alone.get(REVIEW)).json["text"] == "First"
