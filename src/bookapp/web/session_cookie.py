"""The cookie by which a browser is known again. What it means, the room of accounts knows."""

from quart import Response, g

from bookapp.web.context import facts
from bookapp.web.facts import parse_cookies

NAME = "session"


def given() -> str | None:
    """The value that came with the request."""
    header = facts().headers.get("cookie")
    return parse_cookies(header).get(facts().cookie_name(NAME)) if header else None


def keep(value: str, seconds: int | None) -> None:
    """Give the browser the cookie with this answer; without `seconds` it lasts until the browser ends."""
    g.session_cookie = (value, seconds)


def forget() -> None:
    """Take the cookie away with this answer."""
    g.session_cookie = ("", 0)


def leave(response: Response) -> None:
    """Put on `response` what was decided, if anything was."""
    decided = g.get("session_cookie")
    if decided is not None:
        value, seconds = decided
        response.set_cookie(
            facts().cookie_name(NAME),
            value,
            max_age=seconds,
            httponly=True,
            samesite="Lax",
            secure=facts().secure,
            path="/",
        )
