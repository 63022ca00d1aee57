"""The OpenAPI 3.1 description of every route, made from what the decorators left on the handlers."""

from typing import Any

from quart import Quart

from bookapp.system.openapi_answers import answers, header_components, response_components
from bookapp.system.openapi_routes import Operation, names, operations
from bookapp.system.openapi_schemas import REFERENCE, Schema, needs_fields, query_fields, schemas
from bookapp.web.application import NAME
from bookapp.web.errors import Problem

_ID: Schema = {"schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, "example": 1}
_NAME: Schema = {"schema": {"type": "string", "pattern": NAME}, "example": "alice"}
_SLUG: Schema = {"schema": {"type": "string", "minLength": 1, "maxLength": 80}, "example": "read"}
_ISBN: Schema = {"schema": {"type": "string", "minLength": 10, "maxLength": 60}, "example": "9780141439587"}
_KEYS = {"username": _NAME, "shelf": _SLUG, "isbn": _ISBN}

_INTRODUCTION = """Every address answers in three ways, and `Accept` or htmx's headers choose:

* JSON for programs: below `/api/v1`, with `Authorization: Bearer`, or with any `Accept` that does not name `text/html`;
* a fragment for htmx (`HX-Request: true`);
* a whole page for a browser.

What you send may be JSON or a form, with the same fields. In a form an empty field says what `null` says in JSON,
and a list is a line with commas.
Errors are problems (RFC 9457). A method that an address does not have is answered with 405 and `Allow`.
Every address that answers GET answers HEAD too, with and without a slash at the end.
"""

WORDS_OF_ROOMS = {  # a blueprint without words turns a test red
    "home": "The start page, and what concerns you today.",
    "book_pages": "A book with what its readers say about it.",
    "person_pages": "A person with what they let you see of their reading.",
    "books": "The catalogue.",
    "covers": "Pictures of books.",
    "authors": "Who wrote them.",
    "accounts": "Coming in and going out.",
    "profiles": "Your account: profile, password, where you are signed in, keys for programs.",
    "factors": "The second factor.",
    "resets": "A forgotten password.",
    "advice": "What readers recommend to everybody here.",
    "recommendations": "What may be something for you, and why.",
    "pairs": "If you liked this book, try that one.",
    "shelves": "You and a book: shelf, stars, tags, a note, and who may see that.",
    "own_shelves": "People's shelves, and how you want to be seen as a reader.",
    "scanning": "Books by their barcode: one ISBN looked up, or many put on a shelf at once.",
    "outside_covers": "Covers that come from Open Library.",
    "statistics": "A reader's year, and the numbers of the place.",
    "circles": "The people you trust, and those you block.",
    "suggestions": "Books that people recommend to each other.",
    "links": "A book recommended by a link, to somebody outside.",
    "asks": "Wishes: who looks for a book asks everybody.",
    "lists": "Your reading to-do list.",
    "reviews": "What readers say of books.",
    "readings": "When you read what, and how far you are.",
    "quotes": "Passages that readers copied out of books.",
    "transfer": "Taking one's things along.",
    "imports": "Bringing one's books along from elsewhere.",
    "matches": "Rows of a file that may be about a book that is here.",
    "admin": "What administrators see and do: invitations, jobs, the audit log.",
    "admin_accounts": "Everybody's accounts, for administrators.",
    "jobs": "Long work that goes on while you do something else.",
    "backups": "Backups that the place makes by itself, for administrators.",
    "merges": "One out of two: books and authors that are there twice, for administrators.",
    "feeds": "What is new, for feed readers.",
    "live": "What changes for you, as it changes.",
    "system": "The instance itself.",
}

_HEADER_PARAMETERS: dict[str, Schema] = {
    "If-None-Match": {"description": "ETags that you hold: when one still fits, the answer is 304.",
                      "schema": {"type": "string"}, "example": '"3-9f2c41"'},
    "If-Match": {"description": "The ETag that you read, or `*` for any version. When the version is no longer "
                                "current, the answer is 412 and nothing is changed.",
                 "schema": {"type": "string"}, "example": "*"},
    "Idempotency-Key": {"description": "Any text of yours, new for each thing you do: sent again with the same body "
                                       "within 24 hours, it has its effect once, and you get the first answer.",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}},
    "HX-Request": {"description": "`true` asks for the fragment.", "schema": {"type": "string"}},
}  # fmt: skip

_SECURITY: Schema = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "For programs."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "bookapp_session", "description": "For browsers."},
}


def describe(app: Quart, version: str) -> Schema:
    """The whole document."""
    found = operations(app)
    made, components = schemas(
        inputs=[one.takes.kind for one in found if one.takes],
        outputs=[one.gives.kind for one in found if one.gives],
    )
    ids = names(found)
    paths: dict[str, Schema] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, ids[one.path, one.method], made)
    _link(paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": "bookapp", "version": version, "description": _INTRODUCTION, "license": {"name": "MIT"}},
        "servers": [{"url": "/"}, {"url": "/api/v1", "description": "The same handlers; JSON whatever Accept says."}],
        "tags": [{"name": name, "description": WORDS_OF_ROOMS.get(name, "")} for name in _rooms(found)],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": response_components(made[Problem]),
            "headers": header_components(),
            "parameters": {name: {"name": name, "in": "header", **told} for name, told in _HEADER_PARAMETERS.items()},
            "securitySchemes": _SECURITY,
        },
    }


def _rooms(found: list[Operation]) -> list[str]:
    used = {one.room for one in found}
    return [name for name in WORDS_OF_ROOMS if name in used] + sorted(used - set(WORDS_OF_ROOMS))


def _operation(one: Operation, name: str, made: dict[type, Schema]) -> Schema:
    summary, rest = one.words
    told: Schema = {"operationId": name, "tags": [one.room], "summary": summary}
    if one.is_old:
        told |= {"deprecated": True, "description": "An address of the first edition; it goes on working."}
    elif rest:
        told["description"] = rest
    told |= {"security": _security(one), "x-who": one.who}
    told["parameters"] = _parameters(one)
    body = _body(one, made)
    if body:
        told["requestBody"] = body
    told["responses"] = answers(one, made)
    return told


def _security(one: Operation) -> list[Schema]:
    """Nothing, or optional: whether guests may edit is a setting, and a program on the machine needs no token."""
    bearer: Schema = {"bearer": []}
    cookie: Schema = {"cookie": []}
    return {
        "public": [],
        "editors": [{}, bearer, cookie],
        "signed in": [bearer, cookie],
        "admins": [bearer, cookie],
        "operators": [{}, bearer],
    }[one.who]


def _parameters(one: Operation) -> list[Schema]:
    found: list[Schema] = [{"name": name, "in": "path", "required": True} | _KEYS.get(name, _ID) for name in one.ids]
    for name, schema in (query_fields(one.asks) if one.asks else {}).items():
        words = schema.pop("description", None)
        found.append({"name": name, "in": "query", "schema": schema} | ({"description": words} if words else {}))
    headers = []
    if one.gives:
        headers.append("HX-Request")
    if one.has_etag:
        headers.append("If-None-Match")
    if one.is_versioned:
        headers.append("If-Match")
    if one.method == "POST" and one.is_repeatable:
        headers.append("Idempotency-Key")
    return found + [{"$ref": f"#/components/parameters/{name}"} for name in headers]


def _body(one: Operation, made: dict[type, Schema]) -> Schema | None:
    if one.takes:
        schema = made[one.takes.kind]
        form = {"schema": {"$ref": REFERENCE.format(model=f"{one.takes.kind.__name__}Form")}}
        kinds = {"application/json": {"schema": schema}, "application/x-www-form-urlencoded": form}
        return {"required": needs_fields(one.takes.kind), "content": kinds | {"multipart/form-data": form}}
    if one.takes_file:
        name, pictures = one.takes_file
        beside = query_fields(one.file_beside) if one.file_beside else {}
        file = {name: {"type": "string", "format": "binary"}}
        field = {"type": "object", "required": [name], "properties": file | beside}
        encoding = {name: {"contentType": ", ".join(pictures)}}
        content: Schema = {kind: {} for kind in pictures}
        return {"required": True, "content": content | {"multipart/form-data": {"schema": field, "encoding": encoding}}}
    return None


def _link(paths: dict[str, Any]) -> None:
    """What a client can do with the `id` of something that it just added."""
    for path, methods in paths.items():
        for operation in methods.values():
            created = operation["responses"].get("201")
            if created is not None:
                created["links"] = {
                    target["operationId"]: {"operationId": target["operationId"], "parameters": _keys(target)}
                    for below, targets in paths.items()
                    for target in targets.values()
                    if below.startswith(f"{path}/{{") and below.count("{") == path.count("{") + 1
                }


def _keys(target: Schema) -> dict[str, str]:
    names = [one["name"] for one in target["parameters"] if one.get("in") == "path"]
    made = "username" if names[-1] == "username" else "id"
    return {name: f"$request.path.{name}" for name in names[:-1]} | {names[-1]: f"$response.body#/{made}"}
