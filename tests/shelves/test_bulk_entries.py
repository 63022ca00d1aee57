"""What a file tells of a person's books comes onto their shelves, on both databases: once, and never over their own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from bookapp.books.actions import delete_book
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.events import CATALOGUE, Changed, changes_of
from bookapp.shelves import rules
from bookapp.shelves.bulk_actions import Came, Put, draw_reviews, put_entries
from bookapp.shelves.bulk_rules import MOST_MORE
from bookapp.shelves.models import Detail, Entry, Review, Shelf, ShelfBook
from bookapp.shelves.reading_rules import typed_when
from bookapp.shelves.told import DetailTold, EntryTold, QuoteTold, ReadingTold, ReviewTold
from bookapp.shelves.told_rules import LONGEST_TEXT as MOST_TEXT
from tests.factories import a_book
from tests.people import a_person
from tests.shelves.shelved import a_shelf, edited, entries, here, mine, off, put, rated, settled, titles

LONG_AGO = datetime(2014, 5, 3, 12, tzinfo=UTC)


async def came(db: Database, actor: Actor, *rows: Put) -> list[Came]:
    async with db.writing() as session:
        return await put_entries(session, actor, rows)


async def told(
    db: Database,
    actor: Actor,
    book: int,
    before: Mapping[str, str] | None = None,
    overwrite: bool = False,
    **what: Any,
) -> Came:
    """One row of a file."""
    row = Put(book_id=book, told=EntryTold(**what), before=before, overwrite=overwrite)
    return (await came(db, actor, row))[0]


def read(started: str = "", finished: str = "", outcome: Any = "finished", **more: Any) -> ReadingTold:
    return ReadingTold(
        outcome=outcome,
        started=typed_when(started) if started else None,
        finished=typed_when(finished) if finished else None,
        **more,
    )


EVERYTHING: dict[str, Any] = {
    "state": "read",
    "state_at": LONG_AGO,
    "quarters": 18,
    "rated_at": LONG_AGO,
    "shelves": ("Classics", "Summer"),
    "tags": ("sea", "love, old"),
    "note": "Lent to Bob",
    "is_owned": True,
    "added_at": LONG_AGO,
    "review": ReviewTold(text="*Fine*", written_at=LONG_AGO),
    "readings": (read("2014-01", "2014-05-03"), read()),
    "quotes": (QuoteTold(text="It is a truth", page=3),),
    "detail": DetailTold(
        moods=("funny",),
        pace="slow",
        traits={"drive": "character"},
        warnings=(("minor", "Death"),),
        format="paperback",
        copies=2,
        is_favorite=True,
        more={"Bookshelves with positions": "classics (#3)"},
    ),
}


async def test_everything_that_a_file_tells_is_there(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    result = await told(db, alice, book, **EVERYTHING)
    assert (result.outcome, result.remarks) == ("new", ())
    shown = await mine(db, alice, book)
    assert (shown.state, shown.stars, shown.note, shown.is_owned, shown.version) == (
        "read",
        4.5,
        "Lent to Bob",
        True,
        1,
    )
    assert shown.tags == ("love old", "sea")
    assert [shelf.name for shelf in shown.shelves if shelf.chosen] == ["Classics", "Summer"]
    assert shown.review is not None
    assert (shown.review.html, shown.review.created_at) == ("<p><em>Fine</em></p>\n", LONG_AGO)
    assert [(one.started, one.finished) for one in shown.readings] == [("2014-01", "2014-05-03"), (None, None)]
    assert [(one.text, one.page) for one in shown.quotes] == [("It is a truth", 3)]
    async with db.reading() as session:
        row = (await session.scalars(select(Detail))).one()
        entry = (await session.scalars(select(Entry))).one()
    assert (row.moods, row.pace, row.traits, row.warnings) == (
        ["funny"],
        "slow",
        {"drive": "character"},
        [["minor", "Death"]],
    )
    assert (row.format, row.copies, row.is_favorite) == ("paperback", 2, True)
    assert row.more == {"Bookshelves with positions": "classics (#3)"}
    assert (entry.added_at, entry.state_at, entry.rated_at) == (LONG_AGO, LONG_AGO, LONG_AGO)


async def test_the_same_file_again_changes_nothing(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    first = await told(db, alice, book, **EVERYTHING)
    before = await mine(db, alice, book)
    async with db.writing() as session:
        [again] = await put_entries(
            session, alice, [Put(book_id=book, told=EntryTold(**EVERYTHING), before=first.told)]
        )
        assert changes_of(session) == ()
    assert (again.outcome, again.told) == ("known", first.told)
    assert await mine(db, alice, book) == before
    # Neither when nobody remembers what it told: it is all there.
    assert (await told(db, alice, book, **EVERYTHING)).outcome == "known"
    assert await mine(db, alice, book) == before


async def test_what_a_person_changed_since_stays_changed(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    first = await told(db, alice, book, **EVERYTHING)
    await rated(db, alice, book, 2)
    await edited(db, alice, book, tags=[], note=None, is_owned=False)
    await off(db, alice, book)
    before = await mine(db, alice, book)
    assert (await told(db, alice, book, first.told, **EVERYTHING)).outcome == "known"
    assert (await told(db, alice, book, first.told, overwrite=True, **EVERYTHING)).outcome == "known"
    assert await mine(db, alice, book) == before


async def test_a_file_fills_what_is_empty_and_leaves_what_is_not(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await rated(db, alice, book, 2)
    await edited(db, alice, book, tags=["own"])
    result = await told(db, alice, book, state="stopped", quarters=20, note="Told", tags=("told", "Own"))
    shown = await mine(db, alice, book)
    assert result.outcome == "changed"
    assert (shown.state, shown.stars, shown.note, shown.tags) == ("read", 2, "Told", ("own", "told"))


async def test_news_of_the_file_replace_what_it_had_said(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    first = await told(db, alice, book, quarters=12, note="Old", review=ReviewTold(text="Old"))
    second = await told(db, alice, book, first.told, quarters=16, note="New", review=ReviewTold(text="New"))
    shown = await mine(db, alice, book)
    assert second.outcome == "changed"
    assert shown.review is not None
    assert (shown.stars, shown.note, shown.review.text, shown.review.version) == (4, "New", "New", 2)
    await rated(db, alice, book, 1)
    third = await told(db, alice, book, second.told, quarters=20, note="New", review=ReviewTold(text="New"))
    assert (third.outcome, (await mine(db, alice, book)).stars) == ("known", 1)  # her own word since
    await told(db, alice, book, second.told, overwrite=True, quarters=20)
    assert (await mine(db, alice, book)).stars == 5


async def test_a_book_that_is_read_does_not_become_wanted_again(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await put(db, alice, book, "reading")
    await told(db, alice, book, state="want", overwrite=True)
    assert (await mine(db, alice, book)).state == "reading"
    first = await told(db, alice, await a_book(db, title="Lost"), state="want")
    assert (first.outcome, await entries(db, alice)) == ("new", 2)


@pytest.mark.parametrize(
    ("have", "tells", "want"),
    [
        ([], [read(), read("", "2020-05-03"), read()], [(None, None), (None, None), (None, "2020-05-03")]),
        ([("2020-05-01", "2020-05-03")], [read("", "2020-05-03")], [("2020-05-01", "2020-05-03")]),
        ([("", "2020-05-03")], [read("2020-05-01", "2020-05-03")], [("2020-05-01", "2020-05-03")]),
        ([("", "2020-05-03")], [read("", "2020")], [(None, "2020-05-03")]),
        ([("", "2020")], [read("", "2020-05-03")], [(None, "2020-05-03")]),
        ([("", "2020")], [read("", "2021")], [(None, "2020"), (None, "2021")]),
        ([("", "2020"), ("", "2021")], [read(), read(), read()], [(None, None), (None, "2020"), (None, "2021")]),
        ([], [read("2020-01", "2020-05"), read("", "2020-05")], [("2020-01", "2020-05")]),
        ([("", "2020", "stopped")], [read("", "2020")], [(None, "2020"), (None, "2020")]),
    ],
)
async def test_readings_are_united_and_never_doubled(
    db: Database, have: list[Sequence[Any]], tells: list[ReadingTold], want: list[Any]
) -> None:
    alice, book = await a_person(db), await a_book(db)
    before = tuple(read(*dates) for dates in have)
    await told(db, alice, book, state="read", readings=before)
    first = await told(db, alice, book, readings=tuple(tells))

    async def dates() -> list[Any]:
        shown = await mine(db, alice, book)
        return sorted(((one.started, one.finished) for one in shown.readings), key=str)

    assert await dates() == sorted(want, key=str)
    assert (await told(db, alice, book, first.told, readings=tuple(tells))).outcome == "known"
    assert (await told(db, alice, book, readings=tuple(tells))).outcome == "known"
    assert await dates() == sorted(want, key=str)


async def test_a_reading_goes_on_until_the_file_tells_its_end(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    first = await told(db, alice, book, state="reading", readings=(read("2026-01-05", outcome="reading", percent=20),))
    shown = await mine(db, alice, book)
    assert [(one.outcome, one.percent) for one in shown.readings] == [("reading", 20)]
    going = (read("2026-01-05", outcome="reading", percent=60),)
    second = await told(db, alice, book, first.told, state="reading", readings=going)
    assert (await mine(db, alice, book)).readings[0].percent == 60
    await told(db, alice, book, second.told, state="read", readings=(read("2026-01-05", "2026-02-01"),))
    shown = await mine(db, alice, book)
    assert shown.state == "read"
    assert [(one.outcome, one.started, one.finished) for one in shown.readings] == [
        ("finished", "2026-01-05", "2026-02-01")
    ]


async def test_who_is_reading_a_book_can_say_how_far(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    first = await told(db, alice, book, state="reading")
    assert [(one.outcome, one.started) for one in (await mine(db, alice, book)).readings] == [("reading", None)]
    await told(db, alice, book, first.told, state="stopped")
    assert [(one.outcome, one.finished) for one in (await mine(db, alice, book)).readings] == [("stopped", None)]


async def test_what_cannot_be_is_left_out_with_a_remark(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    readings = (read("2020-05", "2019"), read("", "2199"), read("2018", outcome="reading", percent=300))
    detail = DetailTold(pace="hasty", copies=-3, traits={"drive": "horses"})
    result = await told(
        db, alice, book, quarters=99, readings=readings, detail=detail, review=ReviewTold(text="long " * 9000)
    )
    shown = await mine(db, alice, book)
    assert shown.stars is None
    assert shown.review is not None
    assert len(shown.review.text or "") <= 20_000
    assert sorted((one.started, one.finished) for one in shown.readings if one.finished) == [(None, "2019")]
    assert len(result.remarks) == 4
    async with db.reading() as session:
        assert (await session.scalars(select(Detail))).all() == []


async def test_more_shelves_than_fit_become_tags(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_SHELVES", 2)
    alice, book = await a_person(db), await a_book(db)
    await a_shelf(db, alice, "Classics")
    result = await told(db, alice, book, shelves=("classics", "Sea", "Love", "Read"))
    shown = await mine(db, alice, book)
    assert [(shelf.name, shelf.chosen) for shelf in shown.shelves] == [("Classics", True), ("Sea", True)]
    assert shown.tags == ("Love", "Read")
    assert len(result.remarks) == 2
    assert "Love" in result.remarks[0]
    # What was taken down since is not put up again.
    await edited(db, alice, book, tags=[])
    assert (await told(db, alice, book, result.told, shelves=("classics", "Sea", "Love", "Read"))).outcome == "known"


async def test_a_private_shelf_stays_private(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    first, second = await a_book(db), await a_book(db, title="Lost")
    await settled(db, alice, visibility="everyone", want="me")
    review, quote = ReviewTold(text="Mine"), QuoteTold(text="Mine, too")
    await came(
        db,
        alice,
        Put(book_id=first, told=EntryTold(state="want", quarters=20, review=review, quotes=(quote,))),
        Put(book_id=second, told=EntryTold(state="read", quarters=8, review=review)),
    )
    shown = await mine(db, alice, first)
    assert shown.review is not None
    assert shown.review.seen_by == shown.seen_by == shown.quotes[0].seen_by == "me"
    assert (await here(db, first), await here(db, second)) == ((0, 0), (1, 8))
    assert await titles(db, bob, "all") == ["Lost"]
    # On another shelf it is seen with all that hangs on it, unless that has a choice of its own.
    await told(db, alice, first, state="read", overwrite=True)
    shown = await mine(db, alice, first)
    assert shown.review is not None
    assert shown.review.seen_by == shown.quotes[0].seen_by == "everyone"
    assert await here(db, first) == (1, 20)


async def test_a_file_opens_nothing_that_is_here_to_more_people(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await settled(db, alice, visibility="me")
    await put(db, alice, book, "read")
    await told(db, alice, book, visibility=2)
    assert (await mine(db, alice, book)).seen_by == "me"
    await told(db, alice, book, visibility=2, overwrite=True)
    assert (await mine(db, alice, book)).seen_by == "everyone"
    await edited(db, alice, book, visibility="me")
    await told(db, alice, book, visibility=2)
    assert (await mine(db, alice, book)).seen_by == "me"  # nought is a choice, too


async def test_the_ratings_of_many_books_are_counted_for_everybody(db: Database) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    books = [await a_book(db, title=f"Volume {n}") for n in range(3)]
    await settled(db, alice, visibility="everyone")
    await settled(db, bob, visibility="everyone")
    await rated(db, bob, books[0], 5)
    first = await came(db, alice, *(Put(book_id=book, told=EntryTold(quarters=8)) for book in books))
    assert [await here(db, book) for book in books] == [(2, 28), (1, 8), (1, 8)]
    again = [
        Put(book_id=one.book_id, told=EntryTold(quarters=12), before=one.told)
        for one in first
        if one.book_id != books[1]
    ]
    await came(db, alice, *again)
    assert [await here(db, book) for book in books] == [(2, 32), (1, 8), (1, 12)]


async def test_those_who_hear_of_it_hear_of_all_books_at_once(db: Database) -> None:
    alice = await a_person(db)
    books = [await a_book(db, title=f"Volume {n}") for n in range(2)]
    told_ = [EntryTold(state="read", quarters=8), EntryTold(state="want", visibility=2)]
    rows = [Put(book_id=book, told=one) for book, one in zip(books, told_, strict=True)]
    async with db.writing() as session:
        await put_entries(session, alice, rows)
        heard = set(changes_of(session))
    her = frozenset({alice.id or 0})
    assert heard == {
        Changed("shelf-changed", her, books=frozenset(books)),
        Changed("rating-changed", her, books=frozenset(books[:1])),
        CATALOGUE,
    }


async def test_a_book_that_is_gone_is_remarked_and_tried_again_the_next_time(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    other = await a_book(db, title="Lost")
    async with db.writing() as session:
        await delete_book(session, alice, book, None)
    rows = [Put(book_id=one, told=EntryTold(state="read")) for one in (book, 999, other)]
    results = await came(db, alice, *rows)
    assert [(one.outcome, one.told, bool(one.remarks)) for one in results[:2]] == [("known", {}, True)] * 2
    assert results[2].outcome == "new"


async def test_a_book_of_which_nothing_is_told_leaves_no_entry(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    assert (await told(db, alice, book, added_at=LONG_AGO)).outcome == "known"
    assert await entries(db, alice) == 0


async def test_many_books_take_as_many_statements_as_a_few(db: Database) -> None:
    alice = await a_person(db)
    books = [await a_book(db, title=f"Volume {n}", author=f"Author {n}") for n in range(40)]
    counts = []
    for some in (books[:2], books[2:]):
        rows = [Put(book_id=book, told=EntryTold(**EVERYTHING | {"note": f"{book}"})) for book in some]
        drawn = await draw_reviews(rows)
        seen: list[str] = []

        def count(*args: Any, seen: list[str] = seen) -> None:
            seen.append(args[2])

        async with db.writing() as session:
            event.listen(db.engine.sync_engine, "before_cursor_execute", count)
            try:
                results = await put_entries(session, alice, rows, drawn=drawn)
            finally:
                event.remove(db.engine.sync_engine, "before_cursor_execute", count)
        counts.append(len(seen))
        assert {one.outcome for one in results} == {"new"}
    assert counts[1] <= counts[0] <= 25
    async with db.reading() as session:
        assert len((await session.scalars(select(Shelf.id))).all()) == 2
        assert len((await session.execute(select(ShelfBook.book_id))).all()) == 80
        assert len((await session.execute(select(Review.id))).all()) == 40


async def test_a_cell_is_kept_whole_or_a_remark_says_that_it_was_cut(db: Database) -> None:
    alice, emma = await a_person(db), await a_book(db)
    long, longer = "x" * MOST_TEXT, "y" * (MOST_TEXT + 1)
    many = {f"c{number}": "z" for number in range(MOST_MORE)}
    row = await told(db, alice, emma, detail=DetailTold(more={"My Review": long, "Notes": longer} | many))
    async with db.reading() as session:
        kept = (await session.scalars(select(Detail.more))).one()
    assert kept["My Review"] == long
    assert (len(kept["Notes"]), kept["Notes"][-1], len(kept)) == (MOST_TEXT, "…", MOST_MORE)
    assert [remark.split(":")[0] for remark in row.remarks] == [
        "The cell “Notes” is longer than 20,000 characters; its end was left out.",
        *["At most 100 cells are kept as they are"] * 2,
    ]
