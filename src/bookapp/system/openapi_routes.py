"""What the decorators left on the handlers, one record for each method of each address."""

import inspect
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args, get_type_hints

from quart import Quart

from bookapp.web.application import Door, doors_of
from bookapp.web.auth import Who
from bookapp.web.csrf import SAFE
from bookapp.web.idempotency import is_repeatable
from bookapp.web.parse import Takes
from bookapp.web.respond import Gives, Onward

FIRST_EDITION = frozenset({"submit", "get-edit-form", "get-book-row", "update", "delete"})
"""How the addresses of the first edition begin; they name the same handlers as the ones of today."""


@dataclass(frozen=True)
class Operation(Door):
    """One method of one address, as OpenAPI sees it: with its keys in braces."""

    @property
    def room(self) -> str:
        """The room that it belongs to."""
        return self.endpoint.partition(".")[0]

    @property
    def is_old(self) -> bool:
        """Whether this is an address of the first edition."""
        return self.path.split("/")[1] in FIRST_EDITION

    @property
    def is_safe(self) -> bool:
        """Whether it only reads."""
        return self.method in SAFE

    @property
    def ids(self) -> list[str]:
        """The keys in the address."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def who(self) -> Who:
        """Who may enter."""
        who: Who = self.view.who
        return who

    @property
    def takes(self) -> Takes | None:
        """The command in the body."""
        return getattr(self.view, "takes", None)

    @property
    def asks(self) -> type | None:
        """The question in the query string."""
        return getattr(self.view, "asks", None)

    @property
    def gives(self) -> Gives | None:
        """The negotiated answer."""
        return getattr(self.view, "gives", None)

    @property
    def streams(self) -> tuple[str, ...]:
        """The content types of an answer that is not negotiated."""
        return getattr(self.view, "streams", ())

    @property
    def has_etag(self) -> bool:
        """Whether a client that holds the answer can ask for a newer one only. Tables are made while they are sent."""
        without = {"application/jsonl", "text/csv", "text/plain", "application/zip", "text/event-stream"}
        return self.is_safe and not without.intersection(self.streams)

    @property
    def takes_file(self) -> tuple[str, tuple[str, ...]] | None:
        """The field of a form that holds a file, and the content types that it may have."""
        return getattr(self.view, "takes_file", None)

    @property
    def file_beside(self) -> Any:
        """What else stands in the form that holds a file."""
        return getattr(self.view, "file_beside", None)

    @property
    def is_versioned(self) -> bool:
        """Whether If-Match guards it."""
        return bool(self.takes and self.takes.conflict) or getattr(self.view, "versioned", False)

    @property
    def is_repeatable(self) -> bool:
        """Whether an Idempotency-Key counts."""
        return is_repeatable(self.view)

    @cached_property
    def outcome(self) -> Any:
        """What the handler says it returns: a result, or Created, Updated, Removed, Elsewhere, Onward, ShownOnce."""
        return get_type_hints(inspect.unwrap(self.view)).get("return")

    @property
    def may_lead_on(self) -> bool:
        """Whether a page may be sent on from here: to the door, or away from it."""
        return self.who not in ("public", "operators") or Onward in get_args(self.outcome)


def operations(app: Quart) -> list[Operation]:
    """Every method of every address, in the order of the addresses."""
    found = [
        Operation(re.sub(r"<(\w+)>", r"{\1}", door.path), door.method, door.endpoint, door.view)
        for door in doors_of(app)
    ]
    return sorted(found, key=lambda one: (one.is_old, one.path, _ORDER.index(one.method)))


_ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")


def names(found: list[Operation]) -> dict[tuple[str, str], str]:
    """The operationId for each path and method.

    The endpoint's name goes to the resource itself (PUT, DELETE); further doors to the same handler add their method.
    """
    doors: dict[str, list[Operation]] = {}
    for operation in found:
        doors.setdefault(operation.endpoint, []).append(operation)
    chosen: dict[tuple[str, str], str] = {}
    for endpoint, same in doors.items():
        main = min(same, key=lambda one: (one.is_old, _RANK.index(one.method)))
        for one in same:
            end = "" if one is main else ".old" if one.is_old else f".{one.method.lower()}"
            chosen[one.path, one.method] = endpoint + end
    return chosen


_RANK = ("GET", "PUT", "DELETE", "POST", "PATCH")
