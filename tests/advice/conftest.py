"""Alice, bob and dora, each in a browser of their own."""

import pytest

from bookapp.web.application import Application
from tests.clients import Browser
from tests.people import as_person


@pytest.fixture
async def alice(app: Application) -> Browser:
    return await as_person(app, "alice")


@pytest.fixture
async def bob(app: Application) -> Browser:
    return await as_person(app, "bob")


@pytest.fixture
async def dora(app: Application) -> Browser:
    return await as_person(app, "dora")
