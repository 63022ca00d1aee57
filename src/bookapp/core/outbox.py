"""What changed and whom it concerns, written down in the transaction that changed it, to be told after the commit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core import clock
from bookapp.core.events import SESSION, Changed
from bookapp.core.model import BigKey, Model, UtcDateTime
from bookapp.core.sql import rows_of

CHANNEL = "bookapp_events"
KEPT = timedelta(days=1)
"""How long somebody may be away and still hear what they missed."""
MOST = 1000
"""Events read at once; who missed more is told to look at everything again."""
_LOCK = 7_237_120


class Event(Model):
    """One name that one person, or everybody, is to hear. Ids are given in the order of the commits."""

    __tablename__ = "event"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    """Who hears it; NULL for everybody. No foreign key: it says nothing that outlives a day."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class News:
    """One event; `person` is None when it concerns everybody."""

    id: int
    name: str
    person: int | None


@dataclass(frozen=True, slots=True)
class Missed:
    """What somebody has not heard yet, and the number to go on from; `news` is None when it cannot be said any more."""

    news: tuple[News, ...] | None
    last: int


async def write(db: AsyncSession, changes: Iterable[Changed]) -> None:
    """Write down who is to hear what, at the very end of a transaction."""
    told = list(changes)
    everybody = {change.name for change in told if change.people is None}
    pairs = {(name, None) for name in everybody} | {
        (change.name, person) for change in told if change.name not in everybody for person in change.people or ()
    }
    if not pairs:
        return
    if db.get_bind().dialect.name == "postgresql":
        # A number is drawn when the row is inserted, and seen when its transaction commits: without this lock, which
        # lasts until then, a reader who has seen number 8 could miss number 7. What still waits in the session goes
        # first, since nobody may wait for a row while others wait for this lock.
        await db.flush()
        await db.execute(select(func.pg_advisory_xact_lock(_LOCK), func.pg_notify(CHANNEL, "")))
    now = clock.now()
    ordered = sorted(pairs, key=lambda pair: (pair[0], pair[1] or 0))
    await db.execute(insert(Event), [{"name": name, "account_id": person, "at": now} for name, person in ordered])


async def list_after(db: AsyncSession, last: int) -> list[News]:
    """What was written after number `last`, for anybody; at most MOST."""
    return await _list(db, last, MOST)


async def show_missed(db: AsyncSession, person: int, last: int | None) -> Missed:
    """What `person` has not heard after number `last`; None is somebody who begins to listen."""
    ends = select(select(func.min(Event.id)).scalar_subquery(), select(func.max(Event.id)).scalar_subquery())
    oldest, newest = (await db.execute(ends)).one()
    newest = newest or 0
    if last is None:
        return Missed((), newest)
    if last > newest or (oldest is not None and last < oldest - 1):
        return Missed(None, newest)
    news = await _list(db, last, MOST + 1, person)
    if len(news) > MOST:
        return Missed(None, newest)
    # What was committed after the first question and is in the answer to the second counts as heard, too.
    heard = max([newest, *(one.id for one in news)])
    return Missed(tuple(one for one in news if one.name != SESSION), heard)


async def _list(db: AsyncSession, last: int, most: int, person: int | None = None) -> list[News]:
    found = select(Event.id, Event.name, Event.account_id).where(Event.id > last).order_by(Event.id).limit(most)
    if person is not None:
        found = found.where(or_(Event.account_id == person, Event.account_id.is_(None)))
    return [News(*row) for row in await db.execute(found)]


async def is_shut_out(db: AsyncSession, person: int, since: datetime) -> bool:
    """Whether a session or key of `person` has ended after `since`."""
    ended = select(Event.id).where(Event.at >= since, Event.account_id == person, Event.name == SESSION)
    return await db.scalar(ended.limit(1)) is not None


async def sweep(db: AsyncSession) -> int:
    """Throw away what is older than a day, but never the newest: on SQLite its number would be given again."""
    newest = select(func.max(Event.id)).scalar_subquery()
    return rows_of(await db.execute(delete(Event).where(Event.at < clock.now() - KEPT, Event.id < newest)))
