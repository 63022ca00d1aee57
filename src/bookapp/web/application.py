"""Quart, set up for this house: our ids, our errors, our order of things around a handler."""

import asyncio
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from quart import Quart, Request, Response, request
from quart.ctx import RequestContext
from quart.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter, IntegerConverter

from bookapp.core.errors import Busy
from bookapp.web import errors, limits
from bookapp.web.auth import greet
from bookapp.web.context import actor, facts
from bookapp.web.idempotency import is_repeatable, once

LARGEST_ID = 2**63 - 1


def _numbers_up_to(largest: int) -> str:
    """A pattern for 1, 2, ... `largest` in ASCII digits."""
    digits = str(largest)
    shorter = f"[1-9][0-9]{{0,{len(digits) - 2}}}"
    smaller = [
        f"{digits[:place]}[{int(place == 0)}-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}"
        for place, digit in enumerate(digits)
        if int(digit) > int(place == 0)
    ]
    return f"(?:{'|'.join([shorter, *smaller, digits])})"


class IdConverter(IntegerConverter):
    """A key of ours: 1 to 2^63-1 in ASCII digits. Larger numbers would be a 500 in both drivers."""

    # The limit stands in the pattern: a number refused later would count as a known address, and be a 405 for PUT.
    regex = _numbers_up_to(LARGEST_ID)
    part_isolating = True

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,18}[A-Za-z0-9_-])?"


class NameConverter(BaseConverter):
    """A username in an address; whose it is, and whether that is the person who asks, the room finds out."""

    # Built on the plain converter, as those below: Werkzeug's own for text overwrites the pattern with "anything".
    regex = NAME


SLUG = "[^\\W_]+(?:-[^\\W_]+)*"


class SlugConverter(BaseConverter):
    """A name in an address: letters and digits of any script, with hyphens between the words."""

    regex = SLUG


class IsbnConverter(BaseConverter):
    """An ISBN in an address, in any spelling; what is none is refused with the words for what is wrong with it."""

    regex = "[^/]{1,60}"
    part_isolating = True


class Application(Quart):
    """The application behind the guard."""

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None, template_folder=None)
        self.url_map.strict_slashes = False
        self.url_map.converters["id"] = IdConverter
        self.url_map.converters["name"] = NameConverter
        self.url_map.converters["slug"] = SlugConverter
        self.url_map.converters["isbn"] = IsbnConverter
        self.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"] = limits.LAST_WORK_SECONDS
        self.before_request(_remember)
        self.before_request(greet)
        errors.register(self)

    async def dispatch_request(self, request_context: RequestContext | None = None) -> ResponseReturnValue:
        """Run the handler for a limited time. Raises Busy when that is over.

        The limit stands here and not around Quart, which would leave its tasks running when it is cancelled.
        """
        try:
            async with asyncio.timeout(limits.handler_seconds(request.method, request.path)) as limit:
                return await self._dispatch(request_context)
        except TimeoutError:
            if not limit.expired():
                raise
            raise Busy("That took too long. Nothing more will come of this request.") from None

    async def _dispatch(self, request_context: RequestContext | None) -> ResponseReturnValue:
        """Run the handler; a POST with an Idempotency-Key at most once."""
        if "Idempotency-Key" in request.headers and self._may_repeat(request):

            async def handle() -> Response:
                response = await self.make_response(await Quart.dispatch_request(self, request_context))
                assert isinstance(response, Response)
                return response

            return await once(handle)
        return await super().dispatch_request(request_context)

    def _may_repeat(self, asked: Request) -> bool:
        view = self.view_functions.get(asked.endpoint or "")
        # Nothing is kept for guests where everybody may enter: it would be theirs to fill the database with.
        is_known = actor().id is not None or getattr(view, "who", "") != "public"
        return asked.method == "POST" and view is not None and is_known and is_repeatable(view)


async def _remember() -> None:
    seen = facts()
    seen.endpoint = request.endpoint or "-"

    if seen.problem is not None:
        raise seen.problem


@dataclass(frozen=True)
class Door:
    """One method of one address, and the handler behind it with what its decorators left on it."""

    path: str
    """With its keys in angle brackets: `/books/<book_id>`."""
    method: str
    endpoint: str
    view: Any

    @property
    def words(self) -> tuple[str, str]:
        """The first line of the handler's docstring, and the rest."""
        summary, _, rest = inspect.cleandoc(self.view.__doc__ or "").partition("\n")
        return summary, rest.strip()


def doors_of(app: Quart) -> Iterator[Door]:
    """Every method of every address, in the order in which they were named. HEAD and OPTIONS go without saying."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = re.sub(r"<\w+:", "<", rule.rule)
            yield Door(path, method, rule.endpoint, app.view_functions[rule.endpoint])
