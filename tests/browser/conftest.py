"""A real server with the demo books, and Chromium to look at it."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bookapp.config import Settings
from bookapp.core.db import Database
from tests.browser.visitor import Visitor
from tests.conftest import missing
from tests.people import a_person
from tests.serving.servers import BOOKAPP, ROOT, Server

if TYPE_CHECKING:
    from playwright.async_api import Browser

CHROMIUM = os.environ.get("BOOKAPP_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
HAS_CHROMIUM = Path(CHROMIUM).exists()
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
Visit = Callable[..., Awaitable[Visitor]]
Member = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running instance keeps what it knows."""
    return tmp_path_factory.mktemp("browser") / "data"


@pytest.fixture(scope="session")
def server(data: Path) -> Iterator[str]:
    """The address of a running instance with the demo books, where guests may edit though people register."""
    server = Server(data, BOOKAPP, BOOKAPP_GUEST_EDITS="always")
    subprocess.run(
        (sys.executable, "-m", "bookapp", "demo"),
        cwd=ROOT,
        env=server.environment,
        check=True,
        timeout=120,
        capture_output=True,
    )
    with server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """A browser; it ends with the tests."""
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        missing("playwright")
    if not HAS_CHROMIUM:
        missing("Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=list(FLAGS), timeout=30_000
        )
        yield browser
        await browser.close()


@pytest.fixture
async def visit(chromium: "Browser", server: str) -> AsyncIterator[Visit]:
    """Makes visitors, each with cookies of their own; nobody may have met a problem at the end."""
    visitors: list[Visitor] = []
    async with AsyncExitStack() as stack:

        async def come(**options: Any) -> Visitor:
            context = await chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
            stack.push_async_callback(context.close)
            visitors.append(await Visitor.come(context, server))
            return visitors[-1]

        yield come
    assert [problem for visitor in visitors for problem in visitor.problems] == []


@pytest.fixture
async def member(visit: Visit, data: Path) -> AsyncIterator[Member]:
    """Makes visitors who have an account, and are signed in."""
    db = Database(Settings(data_dir=data).database_url)

    async def come(name: str, *, known: bool = False, **options: Any) -> Visitor:
        if not known:
            await a_person(db, name)
        visitor = await visit(**options)
        await visitor.sign_in(name)
        return visitor

    yield come
    await db.close()


@pytest.fixture
async def reader(visit: Visit) -> Visitor:
    """Somebody at a wide screen."""
    return await visit()


@pytest.fixture
async def plain(visit: Visit) -> Visitor:
    """Somebody whose browser runs no scripts."""
    return await visit(java_script_enabled=False)
