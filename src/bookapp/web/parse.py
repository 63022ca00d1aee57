"""Turn a form, a JSON body or a query string into a command. The handler never sees a bad one."""

import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import partial, wraps
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from quart import Response, g, request

from bookapp.core.errors import Invalid, Malformed, Stale, VersionNeeded, WrongType
from bookapp.web.context import facts, wants
from bookapp.web.forms import Form
from bookapp.web.limits import FIELDS
from bookapp.web.messages import message
from bookapp.web.respond import HTML, Handler, finish, templates

Loader = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Takes:
    """What a route reads from the body: read by the house tests and by OpenAPI."""

    kind: type
    form: str | None
    block: str
    conflict: str | None


@dataclass(frozen=True, slots=True)
class ConflictShown:
    """Somebody else changed the same thing: what they stored, and what was typed here."""

    newer: Any
    typed: Mapping[str, str]


def takes(
    kind: type, *, form: str | None = None, block: str = "form", of: Loader | None = None, conflict: str | None = None
) -> Callable[[Handler], Handler]:
    """Read the body as a command of `kind` and hand it over as `command`.

    What is wrong is answered with 422: `block` of the template `form`, with the typed values and a message beside
    each field; `of` loads what that template shows besides, from the route's arguments. `conflict` is the template
    for an edit of an old version.
    """
    declared = Takes(kind, form, block, conflict)
    check: TypeAdapter[Any] = TypeAdapter(kind)
    names = field_names(kind)

    def declare(handler: Handler) -> Handler:
        @wraps(handler)
        async def parse(*args: Any, **kwargs: Any) -> Any:
            values = await body()
            g.typed, g.conflict_page = _shown(values), conflict
            if form is not None:
                g.form_again = partial(_form_again, declared, partial(of, *args, **kwargs) if of else None)
            command = validated(check, names, values, from_json=request.mimetype == "application/json")
            return await handler(*args, command=command, **kwargs)

        parse.takes = declared  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
        return parse

    return declare


def asks(kind: type) -> Callable[[Handler], Handler]:
    """Read the query string as a question of `kind` and hand it over as `question`. Raises Invalid."""
    check: TypeAdapter[Any] = TypeAdapter(kind)
    names = field_names(kind)

    def declare(handler: Handler) -> Handler:
        @wraps(handler)
        async def parse(*args: Any, **kwargs: Any) -> Any:
            # What is not ours is left alone here: addresses are shared, and others hang their marks on them.
            values = {name: value for name, value in request.args.items() if name in names}
            return await handler(*args, question=validated(check, names, values), **kwargs)

        parse.asks = kind  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
        return parse

    return declare


def field_names(kind: type) -> frozenset[str]:
    """The fields of a command: of a dataclass or a TypedDict."""
    return frozenset(f.name for f in fields(kind)) if is_dataclass(kind) else frozenset(get_type_hints(kind))


def validated(
    check: TypeAdapter[Any], names: frozenset[str], values: Mapping[str, Any], *, from_json: bool = False
) -> Any:
    """Make a command of values; those of a form are all text, those of JSON have types. Raises Invalid."""
    errors = {name: ["is not a field here"] for name in values if name not in names}
    try:
        known = {name: value for name, value in values.items() if name in names}
        command = check.validate_python(known, context={"json": from_json})
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=True):
            field = str(problem["loc"][0]) if problem["loc"] else ""
            errors.setdefault(field, []).append(message(problem))
        raise Invalid(errors) from None
    if errors:
        raise Invalid(errors)
    return command


async def body() -> dict[str, Any]:
    """The fields that were sent, as a form or as a JSON object.

    Raises Malformed for what cannot be read and WrongType for other content types.
    """
    data = await raw_body()
    match request.mimetype:
        case "application/json":
            return _json(data)
        case "application/x-www-form-urlencoded":
            return _urlencoded(data)
        case "multipart/form-data":
            return await _multipart(data)
        case "" if not data:
            return {}
    raise WrongType("Send a form or application/json.")


async def raw_body() -> bytes:
    """The body as it came."""
    data = await request.get_data(as_text=False, parse_form_data=False)
    assert isinstance(data, bytes)
    return data


def _json(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(
            data.decode("utf-8"), parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_distinct
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not valid JSON.") from error
    if not isinstance(values, dict):
        raise Malformed("The body must be a JSON object.")
    return values


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is too large")
    return number


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name stands twice")
    if not all(name.isascii() and name.isprintable() and len(name) <= 100 for name in values):
        raise ValueError("no field here has such a name")
    return values


def _urlencoded(data: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(data.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError as error:
        raise Malformed("The form could not be read.") from error
    return _form(pairs)


async def _multipart(data: bytes) -> dict[str, Any]:
    form = await request.form
    pairs = list(form.items(multi=True))
    # Werkzeug says nothing about a missing boundary or a cut-off part: it just finds no fields. A part that does not
    # say which field it is comes without a name.
    is_whole = pairs or await request.files or not data
    if not is_whole or len(pairs) > FIELDS or any(name is None or "\ufffd" in value for name, value in pairs):
        raise Malformed("The form could not be read.")
    return _form(pairs)


def _form(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise Malformed("A field was sent twice.")
        # An empty field of a form means that there is nothing; JSON says null for that.
        values[name] = value if value.strip() else None
    return values


def _shown(values: Mapping[str, Any]) -> dict[str, str]:
    def text(value: Any) -> str:
        shown = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
        return "".join(c for c in shown if c.isprintable() or c in "\t\n")

    # A password is never sent back, not even to who typed it.
    return {name: text(value) for name, value in values.items() if "password" not in name}


def answer_with_form(values: Mapping[str, Any], form: str, block: str, of: Loader) -> None:
    """Say how an Invalid is answered, where a handler reads its body itself; as `takes` does for the others."""
    g.typed, g.conflict_page = _shown(values), None
    g.form_again = partial(_form_again, Takes(dict, form, block, None), of)


async def _form_again(declared: Takes, of: Loader | None, error: Invalid) -> Response:
    """The form with what was typed and what is wrong with it, whether the command or the action found that out."""
    assert declared.form is not None
    form, result = Form(g.typed, error.errors), await of() if of else None
    if wants() == "fragment":
        html = templates().block(declared.form, declared.block, result=result, form=form)
    else:
        html = templates().page(declared.form, result=result, form=form)
    return finish(Response(html.encode(), 422, content_type=HTML))


def versioned(handler: Handler) -> Handler:
    """Declare that If-Match guards a route which reads no command."""
    handler.versioned = True  # type: ignore[attr-defined]  # read by OpenAPI
    return handler


def expected_version(given: int | None) -> int | None:
    """The version that a change is meant for: from If-Match, or from the command; None when any will do.

    A form carries its version. A JSON client has to name one, or two of them would overwrite each other unseen.
    Raises VersionNeeded; raises Stale for an If-Match that can never fit.
    """
    if "if-match" in facts().headers:
        version = matched_version()
        return given if version is None else version
    if given is None and request.mimetype == "application/json":
        raise VersionNeeded('Send If-Match with the ETag you read, or "version" in the body.')
    return given


def matched_version() -> int | None:
    """The version that If-Match names; None without one, or when any version will do (`*`). Raises Stale."""
    header = facts().headers.get("if-match", "*").strip()
    return None if header == "*" else _version_in(header)


def _version_in(if_match: str) -> int:
    """The version that a strong ETag of ours begins with; a weak one never matches (RFC 9110, 13.1.1)."""
    for tag in if_match.split(","):
        number = tag.strip().strip('"').partition("-")[0]
        if number.isascii() and number.isdigit() and len(number) < 10:
            return int(number)
    raise Stale("If-Match does not name a version of this.")
