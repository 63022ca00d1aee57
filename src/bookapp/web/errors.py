"""Errors have one shape in all three answers: a problem (RFC 9457). Never a traceback, a path or SQL."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Any, cast
from urllib.parse import unquote, urlencode, urlsplit

import structlog
from pydantic import Field, PlainSerializer
from quart import Quart, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bookapp.core.errors import AppError, Busy, Invalid, SignInNeeded, Stale, TooMany
from bookapp.web import flash
from bookapp.web.context import facts, wants
from bookapp.web.parse import ConflictShown
from bookapp.web.respond import HTML, PROBLEM, adapter, finish, templates, to_the_door

log = structlog.get_logger("bookapp.errors")


def _as_itself(newer: Any) -> Any:
    kind: type = type(newer)
    return adapter(kind).dump_python(newer, mode="json")


_IF_ANY = Field(exclude_if=lambda said: not said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong (RFC 9457). A page or a fragment says the same in HTML."""

    type: str
    title: str
    status: int
    detail: str
    errors: Annotated[dict[str, list[str]], _IF_ANY] = field(default_factory=dict)
    """Messages for each field."""
    newer: Annotated[Any, _IF_ANY, PlainSerializer(_as_itself)] = None
    """What is stored now, when you would have changed an old version."""
    request_id: str = ""
    """The number to tell the operator."""
    undo_url: Annotated[str | None, _IF_ANY] = None
    """A POST there brings back what was deleted."""
    search: Annotated[str, Field(exclude=True)] = ""
    """Words of the address, for a search on the page."""


def register(app: Quart) -> None:
    """Answer every error of `app` in the wanted form."""
    app.register_error_handler(AppError, answer_error)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_unexpected)


async def answer_error(error: AppError) -> Response:
    """An error in our own words."""
    if isinstance(error, Invalid) and "form_again" in g and wants() != "json":
        # Here and not around the handler: its transaction has to be rolled back first.
        try:
            return cast(Response, await g.form_again(error))
        except AppError as other:
            error = other
    if isinstance(error, SignInNeeded) and error.by == "password" and wants() != "json":
        return _to_the_door(error)
    status, title = error.status, error.title
    newer = getattr(error, "newer", None)
    if newer is not None and "if-match" in facts().headers:
        status, title = Stale.status, Stale.title
    problem = _problem(
        status,
        title,
        error.detail,
        errors=getattr(error, "errors", {}),
        newer=newer,
        undo_url=getattr(error, "undo_url", None),
    )
    response = (
        _conflict(problem) if newer is not None and g.get("conflict_page") and wants() != "json" else _say(problem)
    )
    if isinstance(error, Busy | TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, SignInNeeded):
        response.headers["WWW-Authenticate"] = 'Bearer realm="bookapp"'
    if status == 405:
        response.headers["Allow"] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    return response


def _to_the_door(error: SignInNeeded) -> Response:
    """Send somebody to the page where one signs in; from there the way leads back."""
    at = f"/login?{urlencode({'next': _way_back()})}"
    flash.flash(error.detail, kind="error")
    return to_the_door(at, error.status)


def _way_back() -> str:
    """The page that somebody is on: this one, or the one where the form stood."""
    if request.method in ("GET", "HEAD") and wants() == "page":
        return facts().target
    for name in ("hx-current-url", "referer"):
        try:
            address = urlsplit(facts().headers.get(name, ""))
        except ValueError:  # no address at all, such as http://[
            continue
        if address.netloc == facts().headers.get("host") and address.path:
            return f"{address.path}?{address.query}" if address.query else address.path
    return "/"


async def answer_http(error: HTTPException) -> Response:
    """What Quart and Werkzeug raise: an unknown address, a method that is not used there."""
    status = error.code or 500
    title, detail = _WORDS.get(status, (error.name, ""))
    response = _say(_problem(status, title, detail))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


async def answer_unexpected(error: Exception) -> Response:
    """A mistake of ours: the whole story goes to the log, the person gets its number."""
    if isinstance(error, HTTPException):
        return await answer_http(error)
    log.error("unexpected", id=facts().id, exc_info=error)
    detail = f"Nothing was changed. If it happens again, tell the operator the number {facts().id}."
    return _say(_problem(500, "Something went wrong", detail))


_WORDS = {
    400: ("That request could not be read", ""),
    404: ("Not found", "There is nothing at this address."),
    405: ("Method not allowed", "That method is not used at this address."),
    408: ("That took too long to arrive", ""),
    413: ("Too large", "That is more than this address takes."),
    415: ("Unsupported content type", ""),
}


def _problem(status: int, title: str, detail: str, **more: Any) -> Problem:
    words = re.findall(r"[^\W\d_]{2,}", unquote(facts().target.split("?")[0]))
    search = " ".join(words[:6])[:80] if status == 404 else ""
    return Problem(
        type="about:blank",
        title=title,
        status=status,
        detail=detail,
        request_id=facts().id,
        search=search,
        **more,
    )


def _say(problem: Problem) -> Response:
    match wants():
        case "json":
            response = Response(adapter(Problem).dump_json(problem), problem.status, content_type=PROBLEM)
        case "fragment":
            html = templates().block("errors/problem.html", "problem", result=problem)
            response = Response(html.encode(), problem.status, content_type=HTML)
        case _:
            response = Response(
                templates().page("errors/problem.html", result=problem).encode(), problem.status, content_type=HTML
            )
    response.headers["Cache-Control"] = "no-store"
    return finish(response)


def _conflict(problem: Problem) -> Response:
    shown = ConflictShown(problem.newer, g.get("typed", {}))
    if wants() == "fragment":
        html = templates().block(g.conflict_page, "conflict", result=shown)
    else:
        html = templates().page(g.conflict_page, result=shown)
    return finish(Response(html.encode(), problem.status, content_type=HTML))
