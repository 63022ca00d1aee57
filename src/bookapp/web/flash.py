"""One short message after an action: at once for a fragment, on the next page after a redirect."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from itsdangerous import BadData, URLSafeTimedSerializer
from quart import Response, current_app, g

from bookapp.web.context import facts
from bookapp.web.facts import parse_cookies

COOKIE = "bookapp_flash"
_SECONDS = 300
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Flash:
    """What happened; `undo_url` takes a POST that undoes it."""

    text: str
    kind: Literal["done", "error"] = "done"
    undo_url: str | None = None


def flash(text: str, *, kind: Literal["done", "error"] = "done", undo_url: str | None = None) -> None:
    """Tell the person what happened, with this answer or the next page."""
    # A header of some proxies holds 4 kB, and escaping makes one character up to twelve bytes long.
    g.flash = Flash(text if len(text) <= LONGEST else f"{text[:LONGEST]}…", kind, undo_url)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="flash")


def waiting() -> list[Flash]:
    """The messages that the last answer left for this page."""
    cookie = parse_cookies(facts().headers.get("cookie", "")).get(COOKIE)
    if not cookie:
        return []
    try:
        return [Flash(**item) for item in _signer().loads(cookie, max_age=_SECONDS)]
    except (BadData, TypeError):
        return []


def trigger() -> dict[str, object]:
    """The message as an event for htmx, or nothing."""
    message: Flash | None = g.get("flash")
    return {} if message is None else {"toast": asdict(message) | {"undo": message.undo_url}}


def leave(response: Response) -> None:
    """Leave the message for the next page."""
    message: Flash | None = g.get("flash")
    if message is not None:
        value = _signer().dumps([asdict(message)])
        _set(response, value if isinstance(value, str) else value.decode(), _SECONDS)


def shown(response: Response) -> None:
    """Take the messages away that this page showed."""
    _set(response, "", 0)


def _set(response: Response, value: str, seconds: int) -> None:
    response.set_cookie(COOKIE, value, max_age=seconds, httponly=True, samesite="Lax", secure=facts().secure, path="/")


def header(events: dict[str, object]) -> str:
    """Events as an HX-Trigger header: ASCII, since a header takes nothing else."""
    return json.dumps(events, ensure_ascii=True)
