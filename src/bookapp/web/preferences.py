"""The chosen look of pages, remembered by this device."""

from dataclasses import replace
from urllib.parse import urlsplit

from quart import after_this_request
from quart.wrappers import Response
from werkzeug.wrappers import Response as WerkzeugResponse

from bookapp.web.context import facts, wants
from bookapp.web.facts import Preferences

_YEAR = 365 * 24 * 3600


def remember(theme: str | None, view: str | None) -> Preferences:
    """Set the cookies of what was chosen, and return the look that holds from now on."""
    given = {name: value for name, value in (("theme", theme), ("view", view)) if value is not None}

    @after_this_request
    async def set_cookies(response: Response | WerkzeugResponse) -> Response | WerkzeugResponse:
        for name, value in given.items():
            cookie = Preferences.COOKIES[name]
            # No secret, and the page's own script sets it too, to change the look at once.
            response.set_cookie(cookie, value, max_age=_YEAR, samesite="Lax", secure=facts().secure, path="/")
        if wants() == "fragment":
            response.headers["HX-Refresh"] = "true"
        return response

    return replace(facts().preferences, **given)


def return_path() -> str:
    """The page that the person came from, if it is one of ours; else the start page."""
    try:
        parts = urlsplit(facts().headers.get("referer", ""))
    except ValueError:
        return "/"
    if parts.netloc != facts().headers.get("host") or not parts.path.startswith("/") or parts.path.startswith("//"):
        return "/"
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return target if target.isascii() and target.isprintable() and "\\" not in target else "/"
