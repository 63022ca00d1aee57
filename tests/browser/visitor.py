"""Somebody with a browser, who notices what goes wrong behind the page."""

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tests.people import PASSWORD

if TYPE_CHECKING or find_spec("playwright"):
    from playwright.async_api import expect
else:
    expect = None  # so that the tests are found, and say that they need it

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, Request

EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (404|409|422) ")
"""Chromium calls every such answer an error; to the app they are answers like others."""
WATCH = "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective, e.blockedURI))"

__all__ = ["Visitor", "expect"]


@dataclass
class Visitor:
    """One tab, with its problems: console errors, policy violations, failed and foreign requests."""

    page: "Page"
    base: str
    problems: list[str] = field(default_factory=list)

    @classmethod
    async def come(cls, context: "BrowserContext", base: str) -> "Visitor":
        await context.add_init_script(WATCH)
        visitor = cls(await context.new_page(), base)
        visitor.page.set_default_timeout(8000)
        visitor.page.on("console", visitor._said)
        visitor.page.on("pageerror", lambda error: visitor.problems.append(f"error: {error}"))
        context.on("request", visitor._asked)
        return visitor

    def _said(self, message: "ConsoleMessage") -> None:
        if message.type in ("error", "warning") and not EXPECTED.match(message.text):
            self.problems.append(f"{message.type} on {self.page.url}: {message.text}")

    def _asked(self, request: "Request") -> None:
        if not request.url.startswith((self.base + "/", "data:", "blob:")):
            self.problems.append(f"asked elsewhere: {request.url}")

    async def go(self, path: str) -> None:
        """Open a page."""
        await self.page.goto(self.base + path)

    def see(self, selector: str, **more: Any) -> "Locator":
        """What fits a CSS selector."""
        return self.page.locator(selector, **more)

    async def add(self, title: str, author: str = "Jane Austen", **more: Any) -> dict[str, Any]:
        """A book that somebody else adds, through the API."""
        answer = await self.page.context.request.post(
            f"{self.base}/api/v1/books", data={"title": title, "author": author, **more}
        )
        assert answer.status == 201, await answer.text()
        book: dict[str, Any] = await answer.json()
        return book

    async def change(self, book_id: int, **fields: Any) -> None:
        """What somebody else changes, through the API."""
        answer = await self.page.context.request.put(f"{self.base}/api/v1/books/{book_id}", data=fields)
        assert answer.status == 200, await answer.text()

    async def sign_in(self, name: str) -> None:
        """Sign in without the form, which has its own tests."""
        answer = await self.page.context.request.post(
            f"{self.base}/login", form={"username": name, "password": PASSWORD}, headers={"Accept": "text/html"}
        )
        assert answer.url.endswith("/dashboard"), await answer.text()

    async def mark(self) -> None:
        """Remember this document, to notice when it is loaded anew."""
        await self.page.evaluate("window.sameDocument = true")

    async def is_same_document(self) -> bool:
        """Whether the page was never reloaded since `mark`."""
        return bool(await self.page.evaluate("window.sameDocument === true"))

    async def is_whole_page(self) -> bool:
        """Whether this is a document with its layout and styles, not a naked fragment."""
        return bool(
            await self.page.evaluate(
                "!!document.querySelector('header.frame') && !!document.querySelector('footer.frame')"
                " && document.styleSheets.length > 0 && document.querySelectorAll('main').length === 1"
            )
        )

    async def focus(self) -> str:
        """The id of what has the focus."""
        return str(await self.page.evaluate("document.activeElement.id"))

    async def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(
            await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        )
