"""The index follows the documents."""

import asyncio

from bookapp.core.db import Database
from bookapp.search.actions import forget, index
from bookapp.search.documents import Document
from tests.search.finding import fill, ids_of


async def test_a_changed_document_is_found_by_its_new_words_only(db: Database) -> None:
    await fill(db, [Document(1, "Emma", "Jane Austen", "romance")])
    await fill(db, [Document(1, "Persuasion", "Jane Austen", "classics")])
    assert await ids_of(db, "persuasion") == [1]
    assert await ids_of(db, "emma") == []
    assert await ids_of(db, "romance") == []


async def test_a_forgotten_document_is_not_found(db: Database) -> None:
    await fill(db, [Document(1, "Emma", "", ""), Document(2, "Emma", "", ""), Document(3, "Emma", "", "")])
    async with db.writing() as session:
        await forget(session, [1, 3, 99])
        await forget(session, [])
    assert await ids_of(db, "emma") == [2]


async def test_the_last_of_two_with_one_id_counts(db: Database) -> None:
    await fill(db, [Document(1, "Emma", "", ""), Document(1, "Persuasion", "", "")])
    assert await ids_of(db, "emma") == []
    assert await ids_of(db, "persuasion") == [1]


async def test_nothing_to_index_is_no_error(db: Database) -> None:
    await fill(db, [])
    await fill(db, [Document(1, "…", "", "")])
    assert await ids_of(db, "x") == []


async def test_words_and_texts_of_any_length_are_indexed(db: Database) -> None:
    long = Document(1, "ﷺ" * 500, "x" * 5000, " ".join(f"word{n}" for n in range(5000)))
    await fill(db, [long])
    assert await ids_of(db, "x" * 5000) == [1]
    assert await ids_of(db, "x" * 39) == [1]
    assert await ids_of(db, "word4999") == [1]


async def test_two_writers_of_the_same_words_do_not_lock_each_other_out(db: Database) -> None:
    titles = [f"Word{letter} shared" for letter in "abcdefghij"]

    async def write(first: int, order: list[str]) -> None:
        async with db.writing() as session:
            await index(session, [Document(first + n, title, "", "") for n, title in enumerate(order)])

    await asyncio.gather(*(write(100 * n, titles if n % 2 else titles[::-1]) for n in range(1, 9)))
    assert len(await ids_of(db, "shared")) == 80


async def test_five_thousand_at_once(db: Database) -> None:
    await fill(db, [Document(n, f"Title {n}", f"Name{n % 50}", "more") for n in range(1, 5001)])
    assert await ids_of(db, "4321") == [4321]
    assert len(await ids_of(db, "name49")) == 100
