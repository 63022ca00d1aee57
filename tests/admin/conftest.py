"""Dora administers, bob is a member; dora's browser is signed in."""

import pytest

from bookapp.web.application import Application
from tests.clients import Browser
from tests.people import a_person, as_person


@pytest.fixture
async def dora(app: Application) -> Browser:
    """The browser of an administrator. Account 1 is hers, account 2 is bob's."""
    browser = await as_person(app, "dora")
    await a_person(app.extensions["db"], "bob")
    return browser
