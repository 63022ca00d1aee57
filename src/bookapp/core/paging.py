"""Keyset cursors: where a list goes on, as an opaque word in an address.

Source: Winand, "Use the Index, Luke!" (no OFFSET): the cursor holds the sort values of the last row seen.
"""

import base64
import json
from collections.abc import Sequence
from urllib.parse import urlencode

from bookapp.core.errors import Invalid

Value = str | int | float


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
    if kind is int:
        return type(value) is int and abs(value) < 2**63
    # Text goes back into SQL: what neither database can hold is not ours.
    return isinstance(value, str) and "\x00" not in value and not any(0xD800 <= ord(c) < 0xE000 for c in value)


def address(path: str, **parameters: object) -> str:
    """`path` with the parameters that are set, so that a list can be shared and gone through."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path
