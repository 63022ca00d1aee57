"""Many documents at once are found like single ones, and changing some of them later leaves nothing of before."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select, text

from bookapp.core.db import Database
from bookapp.search import actions
from bookapp.search.documents import Document
from bookapp.search.engines import engine_for


def documents(ids: Sequence[int], title: str) -> list[Document]:
    return [Document(id_, f"{title} {id_}", "Somebody", "more") for id_ in ids]


async def put(db: Database, some: Sequence[Document]) -> None:
    async with db.writing() as session:
        await actions.index(session, some)


async def found(db: Database, word: str) -> set[int]:
    async with db.reading() as session:
        matches = engine_for(db.dialect).matches([[word]], 5000).subquery()
        return set(await session.scalars(select(matches.c.id)))


async def test_many_new_and_changed_documents_are_found_as_they_are_now(db: Database) -> None:
    await put(db, documents(range(1, 300), "first"))
    assert await found(db, "first") == set(range(1, 300))
    await put(db, documents(range(200, 600), "second"))
    assert await found(db, "first") == set(range(1, 200))
    assert await found(db, "second") == set(range(200, 600))
    await put(db, documents([7, 700], "third"))
    assert await found(db, "third") == {7, 700}
    assert 7 not in await found(db, "first")
    if db.is_sqlite:
        async with db.writing() as session:
            await session.execute(text("INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1)"))


async def test_what_is_rolled_back_is_not_found_and_the_next_one_is(db: Database) -> None:
    async def break_off() -> None:
        async with db.writing() as session:
            await actions.index(session, documents(range(1, 300), "first"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    assert await found(db, "first") == set()
    await put(db, documents([1], "first"))
    assert await found(db, "first") == {1}
