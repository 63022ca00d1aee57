"""Fields of several rooms, and what forms send for numbers, boxes and nothing, where JSON has types of its own."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo


def is_json(info: ValidationInfo) -> bool:
    """Whether the value comes from JSON, where a number is a number and not the text of one."""
    return bool(info.context and info.context.get("json"))


def _whole(value: object, info: ValidationInfo) -> object:
    # True and 3.5 are not whole numbers.
    if isinstance(value, str) and not is_json(info) and re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _flag(value: object, info: ValidationInfo) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and not is_json(info) and value.strip().lower() in _FLAGS:
        return _FLAGS[value.strip().lower()]
    raise ValueError("must be true or false")


_FLAGS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}

Whole = BeforeValidator(_whole)
"""A whole number, also as the digits that a form sends."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""Yes or no, also as the words that a form sends for a box."""
Blank = BeforeValidator(lambda value: None if value == "" else value)
"""An empty field of a query asks for nothing."""
Version = Annotated[int, Field(ge=1, le=2**31 - 1), Whole]
Cursor = Annotated[str, Field(max_length=500)]
Limit = Annotated[int, Field(ge=1, le=100)]


def limit_or(default: int) -> BeforeValidator:
    """An empty field asks for a page of the usual length."""
    return BeforeValidator(lambda value: default if value == "" else value, json_schema_input_type=Limit | Literal[""])
