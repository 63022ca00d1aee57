"""A filled shelf on each kind of database, for tests that only read."""

from collections.abc import AsyncIterator

import pytest

from bookapp.core.db import Database
from tests.books.shelf import Facts, fill
from tests.conftest import KINDS, copies_of

Shelf = tuple[Database, list[Facts]]


async def filled(request: pytest.FixtureRequest, kind: str) -> AsyncIterator[Shelf]:
    copies = copies_of(request, kind)
    url = await copies.fresh()
    db = Database(url)
    yield db, await fill(db)
    await db.close()
    await copies.drop(url)


@pytest.fixture(scope="module")
async def sqlite_shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    async for shelf in filled(request, "sqlite"):
        yield shelf


@pytest.fixture(scope="module")
async def postgres_shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    async for shelf in filled(request, "postgresql"):
        yield shelf


@pytest.fixture(scope="module", params=KINDS)
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """The database and what stands on its shelf: the test runs once on each kind, and only reads."""
    found: Shelf = request.getfixturevalue("sqlite_shelf" if request.param == "sqlite" else "postgres_shelf")
    return found
