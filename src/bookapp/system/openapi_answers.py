"""Every status that a route can answer, and what comes with it."""

from typing import get_args

from bookapp.system.openapi_routes import Operation
from bookapp.system.openapi_schemas import Schema
from bookapp.web.respond import PROBLEM, Accepted, Created, Elsewhere, Onward, Removed, ShownOnce, Updated

HTML = {"text/html": {"schema": {"type": "string"}}}

# status: name of the component, when it happens
ERRORS: dict[int, tuple[str, str]] = {
    400: ("Malformed", "The request could not be read: not JSON, not a form, or for a host that is not served here."),
    401: ("SignInNeeded", "This needs somebody who is signed in, or the token is not valid (any more)."),
    403: ("Forbidden", "A browser sent this on behalf of another site, or you may not do this."),
    404: ("NotFound", "There is nothing here."),
    408: ("TooSlow", "The body took too long to arrive."),
    409: ("Conflict", "It clashes with what is stored; `newer` holds that. Or the first request with this "
                      "`Idempotency-Key` is still running."),
    412: ("Stale", "If-Match names a version that is no longer current; `newer` holds the one that is."),
    413: ("TooLarge", "The body is larger than this address takes."),
    414: ("TargetTooLong", "The address is too long."),
    415: ("WrongType", "A content type that this address does not read."),
    422: ("Invalid", "Understood, but wrong: `errors` has messages for each field."),
    428: ("VersionNeeded", "A change in JSON has to say which version it changes: If-Match, or `version` in the body."),
    429: ("TooMany", "That was tried too often; try again in `Retry-After` seconds. A token has a limit everywhere."),
    431: ("HeadersTooLarge", "The headers are too large."),
    500: ("Unexpected", "A mistake of ours. Nothing was changed."),
    503: ("Busy", "The database cannot answer now; try again in `Retry-After` seconds."),
    507: ("NoSpace", "The disk is full. Reading goes on; nothing was changed."),
}  # fmt: skip

_ALWAYS = {400, 401, 408, 413, 414, 429, 431, 500, 503}
_HEADERS_OF = {401: ("WWW-Authenticate",), 429: ("Retry-After", "RateLimit", "RateLimit-Policy"), 503: ("Retry-After",)}

HEADERS: dict[str, Schema] = {
    "ETag": {"description": "The version and a digest: for If-None-Match, and for If-Match.", "example": '"3-9f2c41"'},
    "Location": {"description": "The address to go to."},
    "Content-Location": {"description": "The address of what is shown."},
    "Vary": {"description": "The request's headers that chose between page, fragment and JSON."},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "How to sign in."},
    "RateLimit": {"description": "What is left of the limit: `r` requests, and `t` seconds until all is back."},
    "RateLimit-Policy": {"description": "The limit: `q` requests in `w` seconds."},
    "Idempotent-Replayed": {"description": "`true` when this is the stored answer to an earlier request."},
    "X-Request-Id": {"description": "The number of this request, as it stands in the log."},
}


def header_components() -> dict[str, Schema]:
    """The headers, for `components`."""
    return {name: {"schema": {"type": "string"}, **told} for name, told in HEADERS.items()}


def response_components(problem: Schema) -> dict[str, Schema]:
    """One response for each error, for `components`; all of them have the shape `problem`."""
    made = {}
    for status, (name, words) in ERRORS.items():
        told = _headers("X-Request-Id", "Vary", *_HEADERS_OF.get(status, ()))
        made[name] = {"description": words, "headers": told, "content": {PROBLEM: {"schema": problem}, **HTML}}
    return made


def answers(operation: Operation, schemas: dict[type, Schema]) -> dict[str, Schema]:
    """All responses of one operation, in the order of their statuses."""
    found = _successes(operation, schemas)
    if operation.may_lead_on:
        found.setdefault(303, _go_on("A browser goes to where one signs in, or on from there."))
    for status in _error_statuses(operation):
        found[status] = {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
    return {str(status): found[status] for status in sorted(found)}


def _successes(operation: Operation, schemas: dict[type, Schema]) -> dict[int, Schema]:
    if operation.gives is None:
        return _streamed(operation)
    json = {"application/json": {"schema": schemas[operation.gives.kind]}}
    match operation.outcome:
        case outcome if outcome is Created or Created in get_args(outcome):
            return _created(operation, json)
        case outcome if outcome is Accepted:
            return {
                202: _answer("Begun; how far it is stands at `Location`.", {**json, **HTML}, "ETag", "Location"),
                303: _go_on("A browser goes on to how far it is."),
            }
        case outcome if outcome is Removed:
            return {
                200: _answer("Removed; a fragment is empty, so that htmx takes the piece away.", HTML),
                204: {"description": "Removed.", "headers": _headers("X-Request-Id", "Vary")},
                303: _go_on("A browser goes on from there."),
            }
        case outcome if outcome is Updated:
            return {
                200: _answer("Done.", {**json, **HTML}, "ETag", *_replayed(operation)),
                303: _go_on("A browser goes on to what was changed."),
            }
        case outcome if outcome is Elsewhere or Elsewhere in get_args(outcome):
            return {
                200: _answer("What was asked for.", {**json, **HTML}, "ETag", "Content-Location"),
                303: _go_on("A browser goes there."),
                304: _unchanged(),
            }
        case outcome if outcome is Onward:
            return _onward(operation.gives.status, json)
        case outcome if outcome is ShownOnce:
            return {201: _answer("Made. What is secret in it is shown now and never again.", {**json, **HTML})}
    return {200: _answer("What was asked for.", {**json, **HTML}, "ETag"), 304: _unchanged()}


def _created(operation: Operation, json: Schema) -> dict[int, Schema]:
    made = {
        201: _answer("Created.", {**json, **HTML}, "ETag", "Location", "Idempotent-Replayed"),
        303: _go_on("A browser goes on to what was created."),
    }
    if Updated in get_args(operation.outcome):
        made[200] = _answer("It was there already, and is changed.", {**json, **HTML}, "ETag", *_replayed(operation))
    return made


def _onward(status: int, json: Schema) -> dict[int, Schema]:
    done = {200: _answer("Done; htmx goes on to another page.", {**json, **HTML})}
    if status == 201:
        done = {200: _answer("Done; htmx goes on to another page.", HTML), 201: _answer("Created.", json, "Location")}
    return done | {303: _go_on("A browser goes on to another page.")}


def _streamed(operation: Operation) -> dict[int, Schema]:
    # Text is described as text; a picture has no schema, it is bytes (OpenAPI 3.1, 4.8.14.3).
    kinds: Schema = {
        kind: {"schema": {"type": "object" if kind == "application/json" else "string"}}
        if kind.startswith(("text/", "application/json"))
        else {}
        for kind in operation.streams
    }
    if not operation.has_etag:
        return {200: _answer("What was asked for.", kinds)}
    return {200: _answer("What was asked for.", kinds, "ETag"), 304: _unchanged()}


def _answer(words: str, content: Schema, *headers: str) -> Schema:
    return {"description": words, "headers": _headers("X-Request-Id", "Vary", *headers), "content": content}


def _go_on(words: str) -> Schema:
    return _answer(words, {"text/html": {}}, "Location")


def _unchanged() -> Schema:
    return {"description": "You have it already (If-None-Match).", "headers": _headers("X-Request-Id", "Vary", "ETag")}


def _replayed(operation: Operation) -> tuple[str, ...]:
    return ("Idempotent-Replayed",) if operation.method == "POST" and operation.is_repeatable else ()


def _headers(*names: str) -> dict[str, Schema]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _error_statuses(operation: Operation) -> set[int]:
    found = set(_ALWAYS)
    if operation.who == "admins":
        found.add(403)
    if operation.ids or operation.outcome is Elsewhere:
        found.add(404)
    if operation.asks or operation.method == "POST" or "isbn" in operation.ids:
        found.add(422)
    if not operation.is_safe:
        found |= {403, 507}
    if operation.method == "POST" or (not operation.is_safe and operation.who in ("signed in", "admins")):
        found.add(409)  # the Idempotency-Key, or what is so already
    if operation.takes or operation.takes_file:
        found |= {415, 422}
    if operation.is_versioned:
        found |= {409, 412, 428} if operation.takes else {412}
    return found
