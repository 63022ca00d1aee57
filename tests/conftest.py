"""What every test may ask for: a fresh database of each kind, the application on it, and clients."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from bookapp.app import create_app
from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.web.application import Application
from tests import postgres, quick
from tests.clients import Browser
from tests.databases import PostgresCopies, SqliteCopies
from tests.house.staged import staged

os.environ.setdefault("BOOKAPP_WORKER", "off")  # an application of a test starts no processes behind its back
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
GOODBOOKS = Path(os.environ.get("BOOKAPP_GOODBOOKS") or Path(__file__).parents[2] / "shared" / "data" / "goodbooks")
KINDS = ("sqlite", "postgresql")
LONG = (
    "house/test_who.py", "system/test_openapi.py", "house/test_visibility.py", "house/test_answers.py", "browser/",
    "serving/", "web/test_text.py", "books/", "accounts/", "imports/", "transfer/",
)  # fmt: skip
"""What takes longest, longest first: whoever came to one of them last would work on it while the other is done."""
assert quick.SHIPPED, "before anybody hashes a password"


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all workers of pytest-xdist: they inherit its address."""
    if "PYTEST_XDIST_WORKER" in os.environ or not config.getoption("numprocesses", None):
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    if base := stack.enter_context(postgres.server()):
        os.environ[postgres.GIVEN] = base


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long. The workers take file after file in this order (`--no-loadscope-reorder`)."""

    def place(item: pytest.Item) -> int:
        return next((i for i, name in enumerate(LONG) if item.nodeid.startswith(f"tests/{name}")), len(LONG))

    items.sort(key=place)


def missing(what: str) -> NoReturn:
    """Skip loudly, or fail where everything has to be there."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is missing, and REQUIRE_ALL is set")
    pytest.skip(f"NOT TESTED: {what} is missing on this machine")


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[PostgresCopies]:
    with postgres.server() as base:
        if base is None:
            missing("PostgreSQL")
        copies = PostgresCopies(base)
        yield copies
        copies.close()


def copies_of(request: pytest.FixtureRequest, kind: str) -> SqliteCopies | PostgresCopies:
    """What makes databases of that kind."""
    copies: SqliteCopies | PostgresCopies = request.getfixturevalue(
        "sqlite_copies" if kind == "sqlite" else "postgres_copies"
    )
    return copies


@pytest.fixture(params=KINDS)
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a fresh, migrated database: the test runs once on each kind."""
    copies = copies_of(request, request.param)
    fresh = await copies.fresh()
    yield fresh
    await copies.drop(fresh)


@pytest.fixture
async def postgres_url(postgres_copies: PostgresCopies) -> AsyncIterator[str]:
    """The URL of a fresh database on PostgreSQL alone, for what SQLite does not have."""
    fresh = await postgres_copies.fresh()
    yield fresh
    await postgres_copies.drop(fresh)


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
async def alice_on_sqlite(sqlite_copies: SqliteCopies, tmp_path: Path) -> AsyncIterator[Browser]:
    """Signed in, on SQLite alone, in an instance where every address has something to answer."""
    async with staged(sqlite_copies, tmp_path) as alice:
        yield alice


@pytest.fixture(scope="session")
def goodbooks() -> Path:
    """The whole goodbooks data. It may not be given away, so doing without it is never a failure."""
    if not any(GOODBOOKS.glob("books.csv*")):
        pytest.skip(f"NOT TESTED: the goodbooks data is not in {GOODBOOKS} (BOOKAPP_GOODBOOKS names another place)")
    return GOODBOOKS


@pytest.fixture
def client(app: Application) -> Browser:
    """Asks the application as a page, as htmx or as a JSON client."""
    return Browser(app)


@pytest.fixture
def sqlite_client(sqlite_app: Application) -> Browser:
    """The same on SQLite alone."""
    return Browser(sqlite_app)
