"""What is known of the rows of a step: found by an index, however many books there are."""

from typing import Any

from sqlalchemy import event

from bookapp.core.db import Database
from bookapp.imports import rules
from bookapp.imports.known_queries import find_matches
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.told import EntryTold
from tests.factories import a_book
from tests.people import a_person


async def test_a_row_finds_its_book_without_asking_every_book(db: Database) -> None:
    alice = await a_person(db)
    book_id = await a_book(db, title="Pride and Prejudice", author="Jane Austen")
    told = BookTold(title="Pride and Prejudices", authors=("J. Austen",), isbns=("9780141439587",))
    asked: list[tuple[str, Any]] = []
    event.listen(
        db.engine.sync_engine, "before_cursor_execute", lambda _c, _cu, sql, given, *_: asked.append((sql, given))
    )
    async with db.writing() as session:
        rows = {1: RowTold(key="1", book=told, entry=EntryTold())}
        match = (await find_matches(session, alice, "goodreads", rows, {}))[1]
        assert book_id in (match.book_id, *match.candidates)
        if db.is_sqlite:
            connection = await session.connection()
            for sql, given in [one for one in asked if one[0].startswith("SELECT")]:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)
                assert not [row for row in plan if row[3].startswith(("SCAN book", "SCAN contribution"))], sql


def test_a_step_that_took_long_is_followed_by_a_smaller_one_and_the_other_way_round() -> None:
    assert rules.next_step(300, 0.5) < 300
    assert 100 < rules.next_step(100, 0.05) <= rules.STEP
    # What a step costs by itself would be most of it.
    assert rules.next_step(rules.LEAST_STEP, 60.0) == rules.LEAST_STEP
