"""The request at hand, for handlers and what they call in `web`."""

from typing import cast

from quart import current_app, g, request

from bookapp.config import Settings
from bookapp.core.actor import GUEST, Actor
from bookapp.web.facts import SCOPE_KEY, Facts
from bookapp.web.negotiate import Wanted


def facts() -> Facts:
    """What the guard found out about this request."""
    return cast(Facts, request.scope[SCOPE_KEY])  # type: ignore[literal-required]  # our own key in the ASGI scope


def wants() -> Wanted:
    """Which of the three answers this request wants."""
    return facts().wanted


def actor() -> Actor:
    """Who asks."""
    return cast(Actor, g.get("actor", GUEST))


def settings() -> Settings:
    """This application's settings."""
    return cast(Settings, current_app.extensions["settings"])


def home() -> str:
    """Where links lead that are passed on: BASE_URL, or where this person reaches the place."""
    return settings().base_url or f"{'https' if facts().secure else 'http'}://{request.host}"
