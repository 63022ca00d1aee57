"""Plain ASGI in front of Quart: what must hold for every request, whoever answers it.

Order matters: cheap refusals first, then answers already made, and only then Quart. A refusal is still said by
Quart's error handler (`Facts.problem`), so that there is one error shape.
"""

import itertools
import secrets
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

import structlog

from bookapp.config import Settings
from bookapp.core.errors import AppError, Forbidden, Malformed
from bookapp.core.version import Version
from bookapp.web import limits
from bookapp.web.answer import Answer, Message, Scope, Send
from bookapp.web.body import empty_body, receive_all
from bookapp.web.cache import Cache, Flights, Kept
from bookapp.web.client import Proxies
from bookapp.web.csrf import is_forged
from bookapp.web.etag import is_known
from bookapp.web.facts import SCOPE_KEY, Facts, parse_cookies, read_preferences
from bookapp.web.hosts import HostCheck
from bookapp.web.negotiate import API_DOOR, wanted
from bookapp.web.static import StaticFiles

Receive = Callable[[], Awaitable[Message]]
App = Callable[[Any, Any, Any], Awaitable[None]]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PERSONAL_COOKIES = frozenset({"bookapp_session", "__Host-bookapp_session", "bookapp_flash"})
log = structlog.get_logger("bookapp.guard")


class MethodUnknown(AppError):
    """A method that no address here takes."""

    status, title = 405, "Method not allowed"


class Guard:
    """The ASGI application that the server talks to."""

    def __init__(self, app: App, settings: Settings, version: Version, static: StaticFiles) -> None:
        self._app = app
        self._hosts = HostCheck(settings)
        self._proxies = Proxies(settings.trusted_proxies)
        self._origin = settings.base_url
        self._static = static
        self.version = version
        self.cache = Cache()
        self._flights = Flights()
        prefix = secrets.token_hex(4)
        self._ids = (f"{prefix}{number:08x}" for number in itertools.count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection event of the server."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            # Nothing here speaks WebSocket, and Hypercorn would keep the connection open for ever.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        facts = self._look_at(scope)
        answer = Answer(send, facts, scope, started)
        try:
            if facts.problem is None:
                scope = self._enter(scope, facts)
                if await self._answered_without_quart(scope, facts, answer):
                    return
                facts.problem = self._refusal(scope, facts)
            await self._enter_quart(scope, facts, receive, answer)
        finally:
            answer.close()
            if facts.flight is not None:
                self._flights.land(facts.flight)

    def _look_at(self, scope: Scope) -> Facts:
        """Read the headers once. Never raises: what is wrong becomes `problem`."""
        headers: dict[str, str] = {}
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            key = name.decode("latin-1").lower()
            text = value.decode("latin-1")
            # A repeated header is a list, except where a list makes no sense: the Host check must see both.
            # (Cookies may come in several lines and are one list with semicolons: RFC 9113, 8.2.3.)
            headers[key] = f"{headers[key]}{'; ' if key == 'cookie' else ', '}{text}" if key in headers else text
        path = scope["path"]
        api_door = path == API_DOOR or path.startswith(API_DOOR + "/")
        peer = (scope.get("client") or ("",))[0] or "local"
        client, secure = self._proxies.see(peer, scope.get("scheme", "http"), headers.get)
        cookies = parse_cookies(headers["cookie"]) if "cookie" in headers else {}
        facts = Facts(
            id=next(self._ids),
            wanted=wanted(headers.get, api_door),
            client=client,
            secure=secure,
            api_door=api_door,
            headers=headers,
            preferences=read_preferences(cookies),
            target=_target(scope),
        )
        facts.keep = "authorization" not in headers and PERSONAL_COOKIES.isdisjoint(cookies)
        if size > limits.HEADERS or len(scope["headers"]) > limits.HEADER_COUNT:
            facts.problem = _HeadersTooLarge("The request's headers are too large.")
        elif len(path) + len(scope["query_string"]) > limits.TARGET:
            facts.problem = _TargetTooLong("The address is too long.")
        elif not scope["query_string"].isascii():
            facts.problem = Malformed("The query must be percent-encoded.")
        elif not path.startswith("/") or not self._hosts.allows(headers.get("host", "")):
            facts.problem = Malformed("This address is not served here. Operators: see BOOKAPP_BASE_URL.")
        elif scope["method"] not in METHODS:
            facts.problem = MethodUnknown("That method is not used here.")
        return facts

    def _enter(self, scope: Scope, facts: Facts) -> Scope:
        """Take the API door's prefix and a trailing slash away: the same handlers answer all forms."""
        path = scope["path"]
        if facts.api_door:
            path = path[len(API_DOOR) :] or "/"
        if len(path) > 1 and path.endswith("/"):
            path = path.rstrip("/") or "/"
        return {**scope, "path": path, "raw_path": path.encode(), "scheme": "https" if facts.secure else "http"}

    async def _answered_without_quart(self, scope: Scope, facts: Facts, answer: Answer) -> bool:
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            return False
        if scope["path"].startswith("/static/"):
            static = self._static.answer(scope["path"], facts.headers)
            if static is not None:
                facts.endpoint = "static"
                await answer.whole(static.status, list(static.headers), b"" if method == "HEAD" else static.body)
                return True
        facts.version = self.version.current() if facts.keep else None
        if facts.version is None:
            facts.keep = False
            return False
        facts.keep = False  # until `respond` says that this answer is the same for everybody
        key = (facts.wanted, facts.api_door, scope["path"], scope["query_string"], facts.preferences)
        kept = self.cache.get(key, facts.version) or await self._made_meanwhile(key, facts)
        if kept is None:
            answer.keep_as(self.cache, key)
            return False
        facts.endpoint = kept.endpoint
        facts.kept = True
        if is_known(facts.headers.get("if-none-match"), kept.etag):
            await answer.whole(304, [pair for pair in kept.headers if pair[0] not in _OF_A_BODY], b"")
        else:
            await answer.whole(kept.status, list(kept.headers), b"" if method == "HEAD" else kept.body)
        return True

    async def _made_meanwhile(self, key: Hashable, facts: Facts) -> Kept | None:
        """What another request makes of an answer that was kept and is out of date; None when it is ours to make."""
        if not self.cache.had(key):
            return None
        if not await self._flights.joined(key):
            facts.flight = key
            return None
        facts.version = self.version.current()
        return self.cache.get(key, facts.version)

    def _refusal(self, scope: Scope, facts: Facts) -> AppError | None:
        if is_forged(scope["method"], facts.headers.get, self._origin):
            return Forbidden("This came from another site, so nothing was changed.")
        return None

    async def _enter_quart(self, scope: Scope, facts: Facts, receive: Receive, answer: Answer) -> None:
        if facts.problem is None:
            try:
                receive = await receive_all(scope, facts, receive)
            except AppError as error:
                facts.problem = error
        if facts.problem is not None:
            # Nothing of what was refused reaches Quart: some of it would trip it up before its error handlers.
            refused = {"method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "headers": _NO_HEADERS}
            scope, receive = {**scope, **refused}, empty_body()
        scope[SCOPE_KEY] = facts
        try:
            await self._app(scope, receive, answer)
        except Exception:
            log.exception("unhandled", id=facts.id)
            await answer.last_resort()


_NO_HEADERS = [(b"host", b"localhost")]


class _HeadersTooLarge(AppError):
    status, title = 431, "Headers too large"


class _TargetTooLong(AppError):
    status, title = 414, "Address too long"


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


_OF_A_BODY = frozenset({b"content-length", b"content-type"})
