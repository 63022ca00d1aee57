"""What the guard found out about a request before Quart was entered; travels in the ASGI scope."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any

from bookapp.core.errors import AppError
from bookapp.web.negotiate import Wanted

SCOPE_KEY = "bookapp"


@dataclass(slots=True)
class Facts:
    """One request as the guard sees it."""

    id: str
    wanted: Wanted
    client: str
    secure: bool
    api_door: bool
    headers: dict[str, str]
    preferences: "Preferences"
    problem: AppError | None = None
    """Set when the guard refused the request: Quart is entered only to say so in the right form."""
    endpoint: str = "-"
    target: str = "/"
    """Path and query as they were asked for."""
    version: int | None = None
    """The catalogue's version when the request came: an answer made now may be kept for this version only."""
    keep: bool = False
    """Set by `respond` when the answer is the same for every reader."""
    flight: Hashable = None
    """Names the kept answer that others wait for while this request makes it anew."""
    receive: Callable[[], Awaitable[dict[str, Any]]] | None = None
    """Brings the body of an upload, which the handler takes in itself (`web.uploads`)."""
    kept: bool = False
    """Set when the answer was made earlier, for somebody else."""

    def cookie_name(self, name: str) -> str:
        """How a cookie is called that only this host may set.

        Browsers take the `__Host-` name over https only, and then for exactly this host.
        """
        return f"__Host-bookapp_{name}" if self.secure else f"bookapp_{name}"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a reader chose for the look of pages; part of the key of kept answers."""

    theme: str = "auto"
    view: str = "wall"

    CHOICES = {"theme": ("auto", "light", "dark"), "view": ("wall", "table")}  # noqa: RUF012  # a constant, not a field
    COOKIES = {"theme": "bookapp_theme", "view": "bookapp_view"}  # noqa: RUF012  # a constant, not a field


def parse_cookies(header: str) -> dict[str, str]:
    """Names and values of a Cookie header; the first of equal names wins (RFC 6265 sends the nearer path first)."""
    cookies: dict[str, str] = {}
    for part in header.split(";")[:60]:
        name, found, value = part.strip().partition("=")
        if found:
            cookies.setdefault(name, value.strip('"'))
    return cookies


def read_preferences(cookies: dict[str, str]) -> Preferences:
    """The chosen look; anything that is not a known choice counts as none."""
    chosen = {
        name: cookies[cookie]
        for name, cookie in Preferences.COOKIES.items()
        if cookies.get(cookie) in Preferences.CHOICES[name]
    }
    return Preferences(**chosen)
