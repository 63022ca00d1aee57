"""What an answer carries besides its result: a signed cookie for a few minutes, a stricter header."""

from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from quart import Response, after_this_request, current_app

from bookapp.core import clock
from bookapp.web.context import facts
from bookapp.web.facts import parse_cookies
from bookapp.web.headers import WITH_CAMERA


def _signer(name: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=f"cookie {name}")


def keep(name: str, value: Any, seconds: int) -> None:
    """Give the browser a cookie with this answer that it cannot make or change by itself, for so long."""
    until = int(clock.now().timestamp()) + seconds
    _set(name, str(_signer(name).dumps([until, value])), seconds)


def kept(name: str) -> Any:
    """The value that came back in time, or None."""
    cookie = parse_cookies(facts().headers.get("cookie", "")).get(facts().cookie_name(name))
    try:
        until, value = _signer(name).loads(cookie or "")
    except (BadData, TypeError, ValueError):
        return None
    return value if clock.now().timestamp() < until else None


def forget(name: str) -> None:
    """Take the cookie away with this answer."""
    _set(name, "", 0)


def _set(name: str, value: str, seconds: int) -> None:
    whose, secure = facts().cookie_name(name), facts().secure

    async def leave(response: Any) -> Any:
        assert isinstance(response, Response)
        response.set_cookie(whose, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure, path="/")
        return response

    after_this_request(leave)


def guard_page(*, referrer: bool = True) -> None:
    """Keep this answer out of every store; without `referrer` its address goes nowhere else either."""

    async def leave(response: Any) -> Any:
        assert isinstance(response, Response)
        response.headers["Cache-Control"] = "no-store"
        if not referrer:
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    after_this_request(leave)


def allow_camera() -> None:
    """Let the page of this answer ask for the camera; no other page may."""

    async def leave(response: Any) -> Any:
        assert isinstance(response, Response)
        response.headers["Permissions-Policy"] = WITH_CAMERA
        return response

    after_this_request(leave)
