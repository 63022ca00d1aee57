"""JSON Schemas of commands and results, as pydantic makes them from the types that do the work."""

import ast
import inspect
import textwrap
from collections.abc import Iterable
from dataclasses import is_dataclass
from typing import Any, Literal, get_args, get_type_hints

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from bookapp.system.openapi_examples import EXAMPLES
from bookapp.web.errors import Problem

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
REFERENCE = "#/components/schemas/{model}"


class _Plain(GenerateJsonSchema):
    """Without a title for every field: it only repeats the field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def schemas(inputs: Iterable[type], outputs: Iterable[type]) -> tuple[dict[type, Schema], dict[str, Schema]]:
    """The schema of each type, and the components that they refer to."""
    kinds: dict[type, Mode] = dict.fromkeys((*outputs, Problem), "serialization")
    kinds |= dict.fromkeys(inputs, "validation")
    asked = [(kind, mode, TypeAdapter[Any](kind)) for kind, mode in kinds.items()]
    made, rest = TypeAdapter.json_schemas(asked, ref_template=REFERENCE, schema_generator=_Plain)
    components: dict[str, Schema] = rest.get("$defs", {})
    for kind, mode in kinds.items():
        for part in (kind, *_parts(kind)):
            _describe(components.get(part.__name__, {}), part)
        own = components.get(kind.__name__)
        if own is not None and mode == "validation":
            own["additionalProperties"] = False  # `validated` refuses what is not a field
            components[f"{kind.__name__}Form"] = _as_form(own)
    for name, example in EXAMPLES.items():
        if name in components:
            components[name]["examples"] = [example]
    return {kind: dict(made[kind, mode]) for kind, mode in kinds.items()}, components


def _as_form(schema: Schema) -> Schema:
    """What a form sends for the same command: text, where nothing stands for null and a line with commas for a list."""
    fields = {name: _typed(field) for name, field in schema["properties"].items()}
    return {**schema, "title": f"{schema['title']}Form", "properties": fields}


def _typed(field: Schema) -> Schema:
    rest = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
    if "anyOf" in field:
        return rest | {"anyOf": [_typed(choice) for choice in field["anyOf"]]}
    words = {"description": rest["description"]} if "description" in rest else {}
    match field.get("type"):
        case "null":
            return {"type": "string", "pattern": r"^\s*$"}
        case "array":
            return {"type": "string", "description": "Parted by commas."} | words
        case "boolean":
            return {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, {"enum": ["on", "off", "yes", "no"]}]} | words
    return rest


def needs_fields(kind: type) -> bool:
    """Whether a command cannot be empty: one that changes nothing is a request without a body."""
    return bool(TypeAdapter[Any](kind).json_schema(mode="validation").get("required"))


def query_fields(kind: type) -> dict[str, Schema]:
    """The fields of a question, each with what may stand in a query string: there is no null, but there is nothing."""
    schema = TypeAdapter[Any](kind).json_schema(mode="validation", schema_generator=_Plain)
    _describe(schema, kind)
    return {name: _nothing_for_null(field) for name, field in schema["properties"].items()}


def _nothing_for_null(field: Schema) -> Schema:
    empty: Schema = {"type": "string", "maxLength": 0}
    field = {name: value for name, value in field.items() if name != "default" or value not in (None, "")}
    if "anyOf" in field:
        choices = [empty if choice == {"type": "null"} else choice for choice in field.pop("anyOf")]
        text = next((choice for choice in choices if choice["type"] == "string" and "maxLength" in choice), empty)
        # Text up to some length includes no text at all.
        field |= {"anyOf": choices} if text is empty else text
    return field


def _describe(schema: Schema, kind: type) -> None:
    for name, words in _docstrings(kind).items():
        if name in schema.get("properties", {}):
            field = schema["properties"][name]
            # A reference takes its neighbours along only from JSON Schema 2019-09 on, which OpenAPI 3.1 uses.
            field["description"] = words


def _docstrings(kind: type) -> dict[str, str]:
    """The texts under the fields of a class and of those it builds on."""
    found: dict[str, str] = {}
    for part in reversed([base for base in kind.__mro__ if base.__module__.startswith("bookapp.")] or [kind]):
        try:
            body = ast.parse(textwrap.dedent(inspect.getsource(part))).body[0]
        except (OSError, TypeError):
            continue
        assert isinstance(body, ast.ClassDef)
        for field, text in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                words = text.value.value if isinstance(text.value, ast.Constant) else None
                if isinstance(words, str):
                    found[field.target.id] = inspect.cleandoc(words)
    return found


def _parts(kind: Any) -> set[type]:
    """The dataclasses that a result is made of, all the way down."""
    found: set[type] = set()
    waiting = [kind]
    while waiting:
        one = waiting.pop()
        inner = list(get_type_hints(one).values()) if is_dataclass(one) else list(get_args(one))
        new = [part for part in inner if part not in found]
        found.update(part for part in new if isinstance(part, type) and is_dataclass(part))
        waiting.extend(new)
    return found
