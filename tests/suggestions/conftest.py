"""Alice recommends, bob receives, charlie is a stranger; and a book."""

import pytest

from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_sent_book
from tests.people import as_person


@pytest.fixture
async def alice(app: Application) -> Browser:
    browser = await as_person(app, "alice")
    await a_sent_book(browser)
    return browser


@pytest.fixture
async def bob(app: Application) -> Browser:
    return await as_person(app, "bob")


@pytest.fixture
async def charlie(app: Application) -> Browser:
    return await as_person(app, "charlie")


@pytest.fixture
async def alone(sqlite_app: Application) -> Browser:
    """Alice, on SQLite alone."""
    browser = await as_person(sqlite_app, "alice")
    await a_sent_book(browser)
    return browser


@pytest.fixture
async def bob_alone(sqlite_app: Application) -> Browser:
    return await as_person(sqlite_app, "bob")
