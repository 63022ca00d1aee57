"""The OpenAPI document as a page that people read."""

import json
import shlex
from typing import Any

from bookapp.system.openapi_schemas import Schema
from bookapp.system.results import Docs, DocsAnswer, DocsField, DocsObject, DocsOperation, DocsRoom

_METHODS = ("get", "post", "put", "patch", "delete")
_OBJECTS = ("AddBook", "EditBook", "BookShown", "BookList", "AuthorShown", "AuthorList", "Problem")


def show_docs(document: Schema, base: str) -> Docs:
    """The page for a document; `base` is the address that the examples ask."""
    return Docs(document["info"]["version"], _rooms(document, base), _objects(document))


def _rooms(document: Schema, base: str) -> tuple[DocsRoom, ...]:
    found: dict[str, list[DocsOperation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                found[methods[method]["tags"][0]].append(_operation(document, path, method, base))
    words = {tag["name"]: tag["description"] for tag in document["tags"]}
    return tuple(DocsRoom(name, words[name], tuple(operations)) for name, operations in found.items())


def _operation(document: Schema, path: str, method: str, base: str) -> DocsOperation:
    told = document["paths"][path][method]
    shown = [_answer(status, _resolved(document, answer)) for status, answer in told["responses"].items()]
    return DocsOperation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        words=told.get("description", ""),
        old=told.get("deprecated", False),
        who=told["x-who"],
        fields=(*(_parameter(_resolved(document, one)) for one in told["parameters"]), *_body(document, told)),
        answers=tuple(answer for answer in shown if answer.status < "4"),
        errors=tuple(answer for answer in shown if answer.status >= "4"),
        curl=_curl(document, path, method, base),
    )


def _resolved(document: Schema, schema: Schema) -> Schema:
    """What a `$ref` points to."""
    while "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def _answer(status: str, told: Schema) -> DocsAnswer:
    return DocsAnswer(status, told["description"], tuple(told.get("content", ())))


def _parameter(told: Schema) -> DocsField:
    required = told.get("required", False)
    return DocsField(told["name"], told["in"], _what(told["schema"]), required, told.get("description", ""))


def _body(document: Schema, told: Schema) -> list[DocsField]:
    content = told.get("requestBody", {}).get("content", {})
    shown = content.get("application/json") or content.get("multipart/form-data")
    if shown is None:
        return []
    schema = _resolved(document, shown["schema"])
    required = schema.get("required", ())
    return [
        DocsField(name, "body", _what(field), name in required, field.get("description", ""))
        for name, field in schema["properties"].items()
    ]


def _what(schema: Schema) -> str:
    """What may stand in a field, in a few words."""
    if "anyOf" in schema:
        return " or ".join(filter(None, map(_what, schema["anyOf"])))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    match schema.get("type"):
        case "integer" | "number" as kind:
            low, high = schema.get("minimum"), schema.get("maximum")
            if low is None:
                return str(kind)
            return f"{kind}, {low} to {'2⁶³−1' if high == 2**63 - 1 else high}"
        case "array":
            return f"list of at most {schema['maxItems']}: {_what(schema['items'])}"
        case "string" if schema.get("format") == "binary":
            return "file"
        case "string" if schema.get("maxLength", 1) == 0 or "const" in schema:
            return ""
        case "string" if "maxLength" in schema:
            return f"text of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
        case "string":
            return "text"
    return str(schema.get("type", "anything"))


def _objects(document: Schema) -> tuple[DocsObject, ...]:
    found = document["components"]["schemas"]
    return tuple(
        DocsObject(
            name,
            found[name].get("description", ""),
            json.dumps(found[name]["examples"][0], ensure_ascii=False, indent=2),
        )
        for name in _OBJECTS
        if "examples" in found.get(name, {})
    )


def _curl(document: Schema, path: str, method: str, base: str) -> str:
    """A command that does it, with the examples of the document."""
    told = document["paths"][path][method]
    words = ["curl"] if method == "get" else ["curl", "-X", method.upper()]
    address = path
    for parameter in (_resolved(document, one) for one in told["parameters"]):
        if parameter["in"] == "path":
            address = address.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
        if parameter["name"] == "If-Match":
            words += ["-H", "If-Match: *"]
    if told["x-who"] in ("signed in", "admins"):
        words += ["-H", "Authorization: Bearer YOUR-TOKEN"]
    if address.endswith("/cover") and method == "get":
        words += ["-o", "cover"]
    return shlex.join([*words, *_sent(document, told), base + address])


def _sent(document: Schema, told: Schema) -> list[str]:
    content = told.get("requestBody", {}).get("content", {})
    if "schema" in content.get("application/json", {}):
        example = _resolved(document, content["application/json"]["schema"])["examples"][0]
        return ["-H", "Content-Type: application/json", "-d", json.dumps(example)]
    kind = next(iter(content), None)
    if kind is None:
        return []
    file = "cover.jpg" if kind.startswith("image/") else "books.csv"
    return ["-H", f"Content-Type: {kind}", "--data-binary", f"@{file}"]
