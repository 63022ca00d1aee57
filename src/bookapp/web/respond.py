"""One result, three answers: the page, a fragment of that page, or JSON."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, cast

from pydantic import TypeAdapter
from quart import Response, current_app, g, request
from werkzeug.wrappers import Response as WerkzeugResponse

from bookapp.core.actor import GUEST
from bookapp.web import flash, rates, session_cookie
from bookapp.web.context import actor, facts, wants
from bookapp.web.etag import is_known
from bookapp.web.templates import Templates

VARY = "HX-Request, HX-Request-Type, HX-Boosted, HX-History-Restore-Request, Accept, Authorization, Cookie"
HTML, JSON, PROBLEM = "text/html; charset=utf-8", "application/json", "application/problem+json"


@dataclass(frozen=True, slots=True)
class Created:
    """Something new stands at `at`."""

    result: Any
    at: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Something is going to be done; how far it is stands at `at`."""

    result: Any
    at: str


@dataclass(frozen=True, slots=True)
class Updated:
    """Something changed; a page goes on to `at`."""

    result: Any
    at: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Something is gone; a page goes on to `at`."""

    at: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same as `at`: a page goes there, others get it at once."""

    result: Any
    at: str


@dataclass(frozen=True, slots=True)
class Onward:
    """The whole page changes, as by signing in: a page and htmx go on to `at`, JSON gets the result."""

    result: Any
    at: str
    created: str | None = None
    """Where what is new stands, for JSON clients."""


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """Something new whose secret is shown now and never again: a page is not sent on."""

    result: Any


@dataclass(frozen=True, slots=True)
class Gives:
    """What a route answers: read by the house tests and by OpenAPI."""

    kind: type
    page: str
    fragment: str
    shared: bool = False
    status: int = 200


Handler = Callable[..., Awaitable[Any]]


@cache
def adapter(kind: type) -> TypeAdapter[Any]:
    """The serialiser for a result type; ISO dates, no NaN."""
    return TypeAdapter(kind)


def templates() -> Templates:
    """This application's templates."""
    return cast(Templates, current_app.extensions["templates"])


def gives(
    kind: type, *, page: str, fragment: str, shared: bool = False, status: int = 200
) -> Callable[[Handler], Handler]:
    """Declare what a route answers: the result's type, its page, and the block that travels alone.

    `shared` says that guests all get the same answer, so it may be kept until the catalogue changes. `status` is
    the one that JSON clients usually get, for the documentation.
    """
    declared = Gives(kind, page, fragment, shared, status)

    def declare(handler: Handler) -> Handler:
        @wraps(handler)
        async def answer(*args: Any, **kwargs: Any) -> Any:
            result = await handler(*args, **kwargs)
            if isinstance(result, Response | WerkzeugResponse):
                return result
            return respond(result, declared)

        answer.gives = declared  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
        return answer

    return declare


def streams(*kinds: str) -> Callable[[Handler], Handler]:
    """Declare that a route answers bytes of these content types, whatever the request wants."""

    def declare(handler: Handler) -> Handler:
        handler.streams = kinds  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
        return handler

    return declare


def download(pieces: AsyncIterator[bytes], kind: str, name: str) -> Response:
    """A file that is made while it is sent. A HEAD request gets its headers, and nothing is made."""
    response = Response(pieces if request.method == "GET" else b"", content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache" if actor() == GUEST else "private, no-store"
    response.timeout = None  # Quart would cut a long download after a minute
    return response


def takes_file(name: str, *kinds: str, beside: type | None = None) -> Callable[[Handler], Handler]:
    """Declare that a route reads a file: as its body, or as the field `name` of a multipart form.

    `beside` names what else stands in that form; without the form it stands in the query.
    """

    def declare(handler: Handler) -> Handler:
        handler.file_beside = beside  # type: ignore[attr-defined]  # read by OpenAPI
        handler.takes_file = (name, kinds)  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
        return handler

    return declare


def secret(handler: Handler) -> Handler:
    """Declare that an answer is shown once: it is not stored for an Idempotency-Key, which is ignored here."""
    handler.secret = True  # type: ignore[attr-defined]  # read by the application and by OpenAPI
    return handler


def respond(result: Any, declared: Gives) -> Response:
    """Answer a result, or what happened with it, in the wanted form."""
    match result:
        case Created(result=inner, at=at):
            response = _or_go(at, inner, declared, 201)
            if wants() != "page":
                response.headers["Location"] = at
        case Accepted(result=inner, at=at):
            response = _or_go(at, inner, declared, 202)
            if wants() != "page":
                response.headers["Location"] = at
        case Updated(result=inner, at=at):
            response = _or_go(at, inner, declared, 200)
        case Elsewhere(result=inner, at=at):
            response = _or_go(at, inner, declared, 200)
            response.headers["Content-Location"] = at
        case Onward():
            response = _onward(result, declared)
        case ShownOnce(result=inner):
            response = _drawn(inner, declared, 201)
        case Removed(at=at):
            # htmx swaps nothing on 204, and the row has to go.
            response = see_other(at) if wants() == "page" else Response(b"", 200 if wants() == "fragment" else 204)
            response.content_type = HTML
        case _:
            response = _drawn(result, declared, 200)
    return finish(response, shared=declared.shared)


def _or_go(at: str, result: Any, declared: Gives, status: int) -> Response:
    """A page goes there; others get the result."""
    return see_other(at) if wants() == "page" else _drawn(result, declared, status)


def _onward(result: Onward, declared: Gives) -> Response:
    if wants() == "page":
        return see_other(result.at)
    if wants() == "fragment":
        return Response(b"", 200, headers={"HX-Redirect": result.at}, content_type=HTML)
    response = _drawn(result.result, declared, 201 if result.created else 200)
    if result.created:
        response.headers["Location"] = result.created
    return response


def to_the_door(at: str, status: int) -> Response:
    """Send a page there; htmx takes the whole window there, too."""
    if wants() == "page":
        return finish(see_other(at))
    return finish(Response(b"", status, headers={"HX-Redirect": at, "Cache-Control": "no-store"}, content_type=HTML))


def see_other(at: str) -> Response:
    """Go on there with a GET."""
    return Response(b"", 303, headers={"Location": at}, content_type=HTML)


def _drawn(result: Any, declared: Gives, status: int) -> Response:
    match wants():
        case "json":
            body, kind = adapter(declared.kind).dump_json(result), JSON
        case "fragment":
            body, kind = templates().block(declared.page, declared.fragment, result=result).encode(), HTML
        case _:
            body, kind = templates().page(declared.page, result=result).encode(), HTML
    response = Response(body, status, content_type=kind)
    tag = hashlib.blake2b(body, digest_size=9).hexdigest()
    version = getattr(result, "version", None)
    # The version first, so that If-Match can guard a write whichever of the three answers was read.
    response.headers["ETag"] = f'"{version}-{tag}"' if isinstance(version, int) else f'"{tag}"'
    following = getattr(result, "next", None)
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def finish(response: Response, *, shared: bool = False) -> Response:
    """Add what every negotiated answer has: Vary, caching, messages, and names of what changed."""
    seen = facts()
    response.headers["Vary"] = VARY
    _tell(response)
    session_cookie.leave(response)
    rates.tell(response)
    if request.method in ("GET", "HEAD") and "Cache-Control" not in response.headers:
        everybody = shared and actor() == GUEST and not g.get("flashes")
        response.headers["Cache-Control"] = "no-cache" if everybody else "private, no-cache"
        seen.keep = everybody and response.status_code == 200
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    etag = response.headers.get("ETag")
    readable = response.status_code == 200 and request.method in ("GET", "HEAD")
    if etag and readable and is_known(seen.headers.get("if-none-match"), etag.encode()):
        seen.keep = False
        return Response(b"", 304, headers={name: v for name, v in response.headers.items() if name in _KEPT})
    return response


_KEPT = frozenset({"ETag", "Vary", "Cache-Control", "Content-Location"})


def _tell(response: Response) -> None:
    if "HX-Redirect" in response.headers:
        flash.leave(response)
    if wants() == "fragment":
        who = actor().id
        heard = (change.name for change in g.get("changed", ()) if change.people is None or who in change.people)
        events: dict[str, object] = dict.fromkeys(heard) | flash.trigger()
        if events:
            response.headers["HX-Trigger"] = flash.header(events)
    elif wants() == "page":
        if response.status_code == 303:
            flash.leave(response)
        elif g.get("flashes"):
            flash.shown(response)
