"""Keyset cursors: where a list goes on, as an opaque word in an address.

Source: Winand, "Use the Index, Luke!" (no OFFSET): the cursor holds the sort values of the last row seen.
"""

import base64
import json
from collections.abc import Sequence
from urllib.parse import urlencode

from bookapp.core.errors import Invalid

Value = str | int | float


class Int16(int):
    """The kind of a SMALLINT column in a cursor: PostgreSQL refuses to compare one with more than it can hold."""


class Int32(int):
    """The kind of an INTEGER column in a cursor."""


_BITS: dict[type, int] = {int: 64, Int32: 32, Int16: 16}


def write_cursor(values: Sequence[Value]) -> str:
    """Pack the sort values of the last row."""
    raw = json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(cursor: str, *shapes: Sequence[type]) -> tuple[Value, ...]:
    """Unpack a cursor whose values have the types of one of `shapes`.

    Raises Invalid for anything that `write_cursor` did not make: a cursor comes from outside.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, list):
        for kinds in shapes:
            if len(values) == len(kinds) and all(map(_fits, values, kinds)):
                return tuple(values)
    raise Invalid({"cursor": ["Is not one of ours; start again without it"]})


def _fits(value: object, kind: type) -> bool:
    if kind is float:
        # The comparison refuses NaN and infinity too.
        return isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < 1e18
    if kind in _BITS:
        # The smallest one is a value as well: it stands for an unknown year.
        return type(value) is int and -(2 ** (_BITS[kind] - 1)) <= value < 2 ** (_BITS[kind] - 1)
    # Text goes back into SQL: what neither database can hold is not ours.
    return isinstance(value, str) and "\x00" not in value and not any(0xD800 <= ord(c) < 0xE000 for c in value)


def address(path: str, **parameters: object) -> str:
    """`path` with the parameters that are set, so that a list can be shared and gone through."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path
