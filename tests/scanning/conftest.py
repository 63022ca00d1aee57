"""Alice scans her books."""

import pytest

from bookapp.web.application import Application
from tests.clients import Browser
from tests.people import as_person


@pytest.fixture
async def alice(app: Application) -> Browser:
    return await as_person(app, "alice")


@pytest.fixture
async def alone(sqlite_app: Application) -> Browser:
    """Alice, on SQLite alone."""
    return await as_person(sqlite_app, "alice")
