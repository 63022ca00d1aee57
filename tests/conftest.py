"""What every test may ask for: a fresh database of each kind, the application on it, and clients."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bookapp.app import create_app
from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.web.application import Application
from tests import postgres
from tests.clients import Browser
from tests.databases import PostgresCopies, SqliteCopies

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
DATA = Path(__file__).parents[2] / "shared" / "data" / "goodbooks"


def missing(what: str) -> None:
    """Skip loudly, or fail where everything has to be there."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is missing, and REQUIRE_ALL is set")
    pytest.skip(f"NOT TESTED: {what} is missing on this machine")


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[PostgresCopies | None]:
    with postgres.server() as base:
        copies = PostgresCopies(base) if base else None
        yield copies
        if copies:
            copies.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a fresh, migrated database: the test runs once on each kind."""
    copies = request.getfixturevalue("sqlite_copies" if request.param == "sqlite" else "postgres_copies")
    if copies is None:
        missing("PostgreSQL")
    fresh = await copies.fresh()
    yield fresh
    await copies.drop(fresh)


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """A database, for tests of queries and actions."""
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    """Settings of an instance on that database."""
    return Settings(database_url=url, data_dir=tmp_path / "data", secret_key="k" * 32)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Application]:
    """The application, started."""
    application = create_app(settings)
    async with application.test_app():
        yield application


@pytest.fixture
async def sqlite_app(sqlite_copies: SqliteCopies, tmp_path: Path) -> AsyncIterator[Application]:
    """The application on SQLite alone, for what has nothing to do with the database."""
    url = await sqlite_copies.fresh()
    application = create_app(Settings(database_url=url, data_dir=tmp_path / "data", secret_key="k" * 32))
    async with application.test_app():
        yield application


@pytest.fixture
def client(app: Application) -> Browser:
    """Asks the application as a page, as htmx or as a JSON client."""
    return Browser(app)


@pytest.fixture
def sqlite_client(sqlite_app: Application) -> Browser:
    """The same on SQLite alone."""
    return Browser(sqlite_app)
