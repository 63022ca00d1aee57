"""The address at which people hear what changes."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from quart import Blueprint, Response, current_app, request

from bookapp.core import clock
from bookapp.system.commands import ListenFrom
from bookapp.system.results import Heard, HeardEvent
from bookapp.web.auth import actor, signed_in
from bookapp.web.context import facts
from bookapp.web.live import RESET, Broker, number_of
from bookapp.web.parse import asks
from bookapp.web.respond import JSON, adapter, finish, streams

live = Blueprint("live", __name__)
STREAM = "text/event-stream"
HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
"""Nothing on the way may keep it, or wait until it is longer."""


def _broker() -> Broker:
    return cast(Broker, current_app.extensions["live"])


def _heed_the_end() -> None:
    """Let streams end with the server that carries them; see `serve/wire.py`."""
    stop: Callable[[], Awaitable[object]] | None = cast(dict[str, Any], request.scope.get("state") or {}).get("stop")
    if stop is not None:
        _broker().end_with(stop)


@live.get("/events")
@signed_in
@asks(ListenFrom)
@streams(STREAM, "application/json")
async def listen(question: ListenFrom) -> Response:
    """The names of what changes for you, as it changes.

    With `Accept: text/event-stream` the answer goes on for minutes (server-sent events) and is resumed with
    Last-Event-ID. Otherwise it is what happened since number `last`. The name `reset` says that something was missed.
    """
    broker, person = _broker(), actor().id or 0
    last = number_of(facts().headers.get("last-event-id"))
    last = question.last if last is None else last
    if STREAM not in facts().headers.get("accept", ""):
        return await _heard(broker, person, last)
    if request.method == "HEAD":
        return finish(Response(b"", headers=HEADERS, content_type=STREAM))
    broker.make_room()
    _heed_the_end()
    response = finish(Response(broker.stream(person, last, clock.now()), headers=HEADERS, content_type=STREAM))
    response.timeout = None  # Quart would cut the stream after a minute
    return response


async def _heard(broker: Broker, person: int, last: int | None) -> Response:
    missed = await broker.missed(person, last)
    if missed.news is None:
        events: tuple[HeardEvent, ...] = (HeardEvent(id=missed.last, name=RESET),)
    else:
        events = tuple(HeardEvent(id=news.id, name=news.name) for news in missed.news)
    body = adapter(Heard).dump_json(Heard(events=events, last=missed.last))
    return finish(Response(body, headers=HEADERS, content_type=JSON))
