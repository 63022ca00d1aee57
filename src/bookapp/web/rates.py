"""How often somebody may do something: counted in the database, so that all workers share it and a restart keeps it.

Source: the generic cell rate algorithm (ITU-T I.371). One number for each bucket: the moment at which it is full again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Any

from quart import Response, g
from sqlalchemy import BigInteger, case, delete, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.errors import TooMany
from bookapp.core.sql import rows_of, upsert
from bookapp.web.context import actor, facts
from bookapp.web.db import database
from bookapp.web.models import LimitBucket

Handler = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` in `seconds`."""

    name: str
    most: int
    seconds: int
    by_network: bool = False
    """Whether a network is counted also where somebody is signed in: an account more must not bring more tries."""


LOGIN = Rate("login", 25, 300, by_network=True)
SIGN_UP = Rate("sign-up", 5, 1800, by_network=True)
RESET = Rate("reset", 5, 1800, by_network=True)
ADDRESS = Rate("address", 5, 1800)
API = Rate("api", 300, 300)
MEDIA = Rate("media", 30, 1800)
FILES = Rate("files", 30, 3600)
"""Files brought along, of up to 300 MB each."""
SUGGEST = Rate("suggest", 30, 3600)
"""Recommendations sent, of a person or a list of people each time; how many people a day, the room itself counts."""
ADVICE = Rate("advice", 60, 3600)
"""What everybody sees, with somebody's name: so much a person has to say in an hour, and no more."""
WORDS = Rate("words", 120, 3600)
"""Reviews, which are drawn, and choices of who sees what, which move everything that one has."""
FAILURES = Rate("failures", 10, 900)
"""Wrong passwords for one name from one network: never a lock, since the person may be elsewhere."""
ALL_FAILURES = Rate("all-failures", 100, 900)
"""Wrong passwords for one name from everywhere."""
CODES = Rate("codes", 30, 86_400)
"""Wrong codes of an authenticator app for one account: of a million, three are right at any moment."""
LEASE = 10
"""Requests of an API token that a process counts by itself between two looks into the database."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a rate: requests now, and seconds until all of it is back."""

    rate: Rate
    remaining: int
    reset: int


def network(address: str) -> str:
    """Whose address it is: one household has a /64 of IPv6, and could take a new address for each try."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "local"
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped) if ip.ipv4_mapped else f"{IPv6Address(int(ip) >> 64 << 64)}/64"
    return str(ip)


async def take(db: AsyncSession, rate: Rate, whose: str, count: int = 1) -> Left:
    """Use up `count` of a rate. Raises TooMany when so much is not left; then nothing is used up."""
    now, window = _now(), rate.seconds * 1000
    step = count * window // rate.most
    key = f"{rate.name} {whose}"[:120]
    # A moment further away than the whole window was written before the clock was set back: it counts no more. The type
    # is said outright, since PostgreSQL would be sent the milliseconds as 32 bits, which they do not fit.
    counts = LimitBucket.full_at.between(now, now + window)
    larger = case((counts, LimitBucket.full_at), else_=literal(now, BigInteger))
    insert = upsert(db, LimitBucket).values(key=key, full_at=now + step)
    full_at = await db.scalar(
        insert.on_conflict_do_update(
            index_elements=[LimitBucket.key], set_={"full_at": larger + step}, where=larger + step <= now + window
        ).returning(LimitBucket.full_at)
    )
    if full_at is None:
        used_up = await db.scalar(select(LimitBucket.full_at).where(LimitBucket.key == key)) or now + window
        raise TooMany("That was tried too often. Please wait a little.", ceil((used_up + step - now - window) / 1000))
    return Left(rate, (now + window - full_at) * rate.most // window, ceil((full_at - now) / 1000))


async def give_back(db: AsyncSession, rate: Rate, whose: str) -> None:
    """Forget what was used up."""
    await db.execute(delete(LimitBucket).where(LimitBucket.key == f"{rate.name} {whose}"[:120]))


async def sweep(db: AsyncSession) -> int:
    """Throw away the buckets that are full, since they say nothing. Returns how many there were."""
    return rows_of(await db.execute(delete(LimitBucket).where(LimitBucket.full_at < _now())))


def _now() -> int:
    return int(clock.now().timestamp() * 1000)


def limited(rate: Rate) -> Callable[[Handler], Handler]:
    """Let somebody enter a route only so often: a network, or an account where the rate is one of accounts.

    Raises TooMany.
    """

    def declare(handler: Handler) -> Handler:
        @wraps(handler)
        async def enter(*args: Any, **kwargs: Any) -> Any:
            person = actor()
            is_account = person.id is not None and not rate.by_network
            whose = f"account {person.id}" if is_account else network(facts().client)
            # In a transaction of its own: what fails afterwards counts as well.
            async with database().writing() as db:
                g.rate = await take(db, rate, whose)
            return await handler(*args, **kwargs)

        enter.limited = rate  # type: ignore[attr-defined]  # read by OpenAPI
        return enter

    return declare


class Leases:
    """Counts the requests of API tokens in small lots, so that not each of them writes to the database."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[int, Left]] = {}

    async def take(self, whose: str) -> Left:
        """Use up one request. Raises TooMany."""
        lot, state = self._left.get(whose, (0, None))
        if lot == 0 or state is None:
            async with database().writing() as db:
                state = await take(db, API, whose, LEASE)
            lot = LEASE
            if len(self._left) > 1000:
                self._left.clear()
        self._left[whose] = (lot - 1, state)
        return Left(API, state.remaining + lot - 1, state.reset)


def tell(response: Response) -> None:
    """Say what is left of the rate that this request used (IETF draft "RateLimit header fields for HTTP")."""
    left: Left | None = g.get("rate")
    if left is not None:
        name = left.rate.name
        response.headers["RateLimit-Policy"] = f'"{name}";q={left.rate.most};w={left.rate.seconds}'
        response.headers["RateLimit"] = f'"{name}";r={left.remaining};t={left.reset}'
