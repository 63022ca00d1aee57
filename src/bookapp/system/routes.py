"""The addresses of the instance itself."""

import platform
from importlib.metadata import version
from typing import cast

from quart import Blueprint, Response, current_app

from bookapp.config import Settings
from bookapp.system import queries
from bookapp.system.commands import ChooseLook
from bookapp.system.keys import KEYS
from bookapp.system.results import About, Alive, Chosen, Keys, Ready
from bookapp.web.auth import operators, public
from bookapp.web.db import reading
from bookapp.web.metrics import exposition
from bookapp.web.parse import takes
from bookapp.web.preferences import remember, return_path
from bookapp.web.respond import Updated, gives, streams

system = Blueprint("system", __name__)


@system.get("/healthz")
@public
@gives(Alive, page="system/state.html", fragment="state")
async def healthz() -> Alive:
    """Whether the process answers; touches nothing else."""
    return Alive("ok")


@system.get("/readyz")
@public
@gives(Ready, page="system/state.html", fragment="state")
async def readyz() -> Ready:
    """Whether the database answers and has the schema of this release."""
    async with reading() as db:
        return await queries.show_ready(db)


@system.get("/metrics")
@operators
@streams("text/plain")
async def metrics() -> Response:
    """Counts and durations, in Prometheus' text format."""
    return Response(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


@system.get("/about")
@public
@gives(About, page="system/about.html", fragment="about", shared=True)
async def about() -> About:
    """What runs here."""
    async with reading() as db:
        books, authors = await queries.count_catalogue(db)
        dialect = db.get_bind().dialect.name
    settings = cast(Settings, current_app.extensions["settings"])
    return About(version("bookapp"), books, authors, platform.python_version(), dialect, "MIT", settings.guest_edits)


@system.get("/about/keys")
@public
@gives(Keys, page="system/keys.html", fragment="keys", shared=True)
async def keys() -> Keys:
    """The keys of the pages."""
    return Keys(KEYS)


@system.post("/preferences")
@public
@takes(ChooseLook)
@gives(Chosen, page="system/state.html", fragment="state")
async def choose(command: ChooseLook) -> Updated:
    """Choose how pages look on this device; a cookie remembers it."""
    chosen = remember(command.get("theme"), command.get("view"))
    return Updated(Chosen(theme=chosen.theme, view=chosen.view), at=return_path())
