"""Who may enter a route. Exactly one of these decorators stands on every one."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, cast

from quart import current_app, g, request

from bookapp.core.actor import GUEST, Actor
from bookapp.core.errors import Busy, Forbidden, SignInNeeded
from bookapp.web.context import actor, facts
from bookapp.web.facts import Facts

Handler = Callable[..., Awaitable[Any]]
Who = Literal["public", "editors", "signed in", "admins", "operators"]


async def _nobody(_facts: Facts) -> Actor:
    return GUEST


async def _unclaimed() -> bool:
    return False


@dataclass(slots=True)
class Doorkeeper:
    """Knows who comes. `app.py` plugs in the two loaders of the room that keeps accounts; without it all are guests."""

    guest_edits: Literal["until-claimed", "always", "never"]
    metrics_token: str
    load_actor: Callable[[Facts], Awaitable[Actor]] = _nobody
    is_claimed: Callable[[], Awaitable[bool]] = _unclaimed

    async def may_edit(self, person: Actor) -> bool:
        """Whether this person may change the catalogue."""
        if person.id is not None or self.guest_edits == "always":
            return True
        return self.guest_edits == "until-claimed" and not await self.is_claimed()


def doorkeeper() -> Doorkeeper:
    """This application's doorkeeper."""
    return cast(Doorkeeper, current_app.extensions["doorkeeper"])


async def greet() -> None:
    """Find out who asks, before the handler; registered for every request.

    Raises SignInNeeded for a token that is not valid (any more), Forbidden for a change by one that may only read.
    """
    g.actor, g.may_edit = GUEST, False  # for the error page, should the rest of this fail
    if hasattr(current_app.view_functions.get(request.endpoint or ""), "is_unasked"):
        return
    keeper = doorkeeper()
    if not _brings(facts(), keeper.metrics_token):
        g.actor = await keeper.load_actor(facts())
    try:
        g.may_edit = await keeper.may_edit(g.actor)
        # Guests may change things here only until somebody has an account.
        g.unclaimed = g.may_edit and g.actor.id is None and keeper.guest_edits == "until-claimed"
    except Busy as trouble:
        g.in_doubt = trouble  # most addresses can answer without knowing
    if not g.actor.can_write and request.method not in ("GET", "HEAD", "OPTIONS"):
        raise Forbidden("This token may only read.")


def public(handler: Handler) -> Handler:
    """Everybody may enter."""
    handler.who = "public"  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
    return handler


def unasked(handler: Handler) -> Handler:
    """Answer without looking up who asks, so that whoever watches the process hears when the database is gone."""
    handler.is_unasked = True  # type: ignore[attr-defined]  # read by `greet`
    return handler


def editors(handler: Handler) -> Handler:
    """Those who may change the catalogue (BOOKAPP_GUEST_EDITS). Raises SignInNeeded for others."""

    @wraps(handler)
    async def enter(*args: Any, **kwargs: Any) -> Any:
        if "in_doubt" in g:
            raise g.in_doubt
        if not g.may_edit:
            raise SignInNeeded("Guests can read here. To change the catalogue you need an account.")
        return await handler(*args, **kwargs)

    enter.who = "editors"  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
    return enter


def signed_in(handler: Handler) -> Handler:
    """People with an account. Raises SignInNeeded for guests."""

    @wraps(handler)
    async def enter(*args: Any, **kwargs: Any) -> Any:
        if actor().id is None:
            raise SignInNeeded("This is for people with an account.")
        return await handler(*args, **kwargs)

    enter.who = "signed in"  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
    return enter


def admins(handler: Handler) -> Handler:
    """Administrators. Raises SignInNeeded for guests, Forbidden for other people."""

    @wraps(handler)
    async def enter(*args: Any, **kwargs: Any) -> Any:
        if actor().id is None:
            raise SignInNeeded("This is for administrators.")
        if not actor().is_admin:
            raise Forbidden("This is for administrators.")
        return await handler(*args, **kwargs)

    enter.who = "admins"  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
    return enter


def operators(handler: Handler) -> Handler:
    """Programs on this machine, or those that bring BOOKAPP_METRICS_TOKEN. Raises SignInNeeded for others."""

    @wraps(handler)
    async def enter(*args: Any, **kwargs: Any) -> Any:
        if not _is_operator(facts(), doorkeeper().metrics_token):
            raise SignInNeeded("This is for the operator: ask from the machine itself, or bring the token.", by="token")
        return await handler(*args, **kwargs)

    enter.who = "operators"  # type: ignore[attr-defined]  # read by the house tests and by OpenAPI
    return enter


def _is_operator(seen: Facts, token: str) -> bool:
    return _brings(seen, token) or _is_local(seen)


def is_local() -> bool:
    """Whether the request comes from this machine itself, and from nobody behind it."""
    return _is_local(facts())


def _is_local(seen: Facts) -> bool:
    # A forwarding header means that somebody else asked, through a proxy on this machine.
    forwarded = any(name in _FORWARDED or name.startswith(("x-forwarded", "cf-")) for name in seen.headers)
    return seen.client in ("127.0.0.1", "::1", "local") and not forwarded


def _brings(seen: Facts, token: str) -> bool:
    given = seen.headers.get("authorization", "")
    return bool(token) and hmac.compare_digest(given.encode("latin-1"), f"Bearer {token}".encode())


_FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "x-cluster-client-ip"})

__all__ = [
    "Doorkeeper",
    "Who",
    "actor",
    "admins",
    "doorkeeper",
    "editors",
    "greet",
    "is_local",
    "operators",
    "public",
    "signed_in",
    "unasked",
]
