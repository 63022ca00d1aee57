"""Who asks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request or a command; `id` is None for a guest."""

    id: int | None
    name: str
    is_admin: bool = False


GUEST = Actor(None, "guest")
OPERATOR = Actor(None, "operator", is_admin=True)
