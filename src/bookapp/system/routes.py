"""The addresses of the instance itself."""

import hashlib
import json
import platform
from dataclasses import dataclass

from quart import Blueprint, Response, current_app

from bookapp import __version__
from bookapp.system import queries
from bookapp.system.commands import ChooseLook
from bookapp.system.docs import show_docs
from bookapp.system.keys import KEYS
from bookapp.system.openapi import describe
from bookapp.system.results import About, Alive, Chosen, Docs, Keys, Ready
from bookapp.web.auth import operators, public, unasked
from bookapp.web.context import settings
from bookapp.web.db import reading
from bookapp.web.metrics import exposition
from bookapp.web.parse import takes
from bookapp.web.preferences import remember, return_path
from bookapp.web.respond import JSON, Updated, finish, gives, streams

system = Blueprint("system", __name__)


@system.get("/healthz")
@public
@unasked
@gives(Alive, page="system/state.html", fragment="state")
async def healthz() -> Alive:
    """Whether the process answers; touches nothing else."""
    return Alive("ok")


@system.get("/readyz")
@public
@unasked
@gives(Ready, page="system/state.html", fragment="state")
async def readyz() -> Ready:
    """Whether the database answers and has the schema of this release."""
    async with reading() as db:
        return await queries.show_ready(db)


@system.get("/metrics")
@operators
@unasked
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
    return About(__version__, books, authors, platform.python_version(), dialect, "MIT", settings().guest_edits)


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


@system.get("/openapi.json")
@public
@streams("application/json")
async def openapi() -> Response:
    """Every address, described for programs (OpenAPI 3.1)."""
    described = _described()
    return finish(Response(described.body, headers={"ETag": described.etag}, content_type=JSON), shared=True)


@system.get("/docs")
@public
@gives(Docs, page="system/docs.html", fragment="docs", shared=True)
async def docs() -> Docs:
    """Every address, described for people."""
    return _described().docs


@dataclass(frozen=True, slots=True)
class _Described:
    """The description of this application, as it goes out."""

    body: bytes
    etag: str
    docs: Docs


def _described() -> _Described:
    """Made at the first request for it: the routes do not change while the application runs."""
    made: _Described | None = current_app.extensions.get("described")
    if made is None:
        document = describe(current_app, __version__)
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        made = _Described(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"', show_docs(document, settings().address))
        current_app.extensions["described"] = made
    return made
