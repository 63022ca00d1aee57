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

from tests.browser.visitor import Visitor
from tests.conftest import missing
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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running instance with the demo books."""
    data = tmp_path_factory.mktemp("browser") / "data"
    server = Server(data, BOOKAPP)
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
async def reader(visit: Visit) -> Visitor:
    """Somebody at a wide screen."""
    return await visit()


@pytest.fixture
async def plain(visit: Visit) -> Visitor:
    """Somebody whose browser runs no scripts."""
    return await visit(java_script_enabled=False)
