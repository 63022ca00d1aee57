"""Who asks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request or a command; `id` is None for a guest."""

    id: int | None
    name: str
    is_admin: bool = False
    can_write: bool = True
    """False for an API token that may only read."""
    zone: str = "UTC"
    """The IANA name of the person's time zone."""
    session_id: int | None = None
    """The session of a browser, when one came with the request."""
    token_id: int | None = None
    """The API token that came with the request."""
    waiting: int = 0
    """How many things wait in the person's inbox."""


GUEST = Actor(None, "guest")
OPERATOR = Actor(None, "operator", is_admin=True)
WHO_LEFT = "somebody who left"
"""Stands where the name of somebody stood whose account is gone."""
