"""The stage, set once: each test that wants it on SQLite gets a copy, since setting it takes longer than most tests."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from http.cookiejar import Cookie
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy.engine import make_url

from bookapp.app import create_app
from bookapp.config import Settings
from tests.clients import Browser
from tests.databases import SqliteCopies
from tests.house.stage import Alice, set_the_stage


@dataclass(frozen=True)
class _Stage:
    database: Path
    data_dir: Path
    cookies: list[Cookie]


_stages: dict[int, _Stage] = {}


@asynccontextmanager
async def staged(copies: SqliteCopies, place: Path) -> AsyncIterator[Browser]:
    """alice, signed in, in a copy of the stage."""
    stage = _stages.get(id(copies)) or await _set(copies)
    _stages[id(copies)] = stage
    data_dir = place / "data"
    shutil.copytree(stage.data_dir, data_dir, dirs_exist_ok=True)
    app = create_app(_settings(await copies.fresh(stage.database), data_dir))
    async with app.test_app():
        alice = Alice(app)
        for cookie in stage.cookies:
            alice.cookies.set_cookie(copy(cookie))
        yield alice


async def _set(copies: SqliteCopies) -> _Stage:
    url, data_dir = await copies.fresh(), Path(mkdtemp(dir=copies.folder))
    app = create_app(_settings(url, data_dir))
    async with app.test_app():
        alice = await set_the_stage(app)
        cookies = list(alice.cookies)
    return _Stage(Path(make_url(url).database or ""), data_dir, cookies)


def _settings(url: str, data_dir: Path) -> Settings:
    return Settings(database_url=url, data_dir=data_dir, secret_key="k" * 32)
