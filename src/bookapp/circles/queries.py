"""Reading ties, and finding the people whom they are about."""

from collections.abc import Iterable

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ABSENT
from bookapp.accounts.rules import person_url, username_key
from bookapp.circles import visibility
from bookapp.circles.models import Tie
from bookapp.circles.results import CircleShown, PersonRef, TieShown
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyRow, AnySelect

MOST_SHOWN = 1000


def person_ref(person_id: int, name: str) -> PersonRef:
    """Somebody, as named beside what they did."""
    return PersonRef(person_id, name, person_url(name))


def person_of(person_id: int | None, name: str | None) -> PersonRef | None:
    """Somebody out of two columns that may be empty."""
    return None if person_id is None or name is None else person_ref(person_id, name)


async def find_person(db: AsyncSession, actor: Actor, username: str) -> PersonRef:
    """The person of that name. Raises NotFound for who is not here, is leaving, is shut out, or was imported.

    Whoever blocks `actor` is found all the same: their absence would tell them.
    """
    found = await find_people(db, actor, [username])
    if not found:
        raise NotFound(ABSENT)
    return found[username_key(username)]


async def find_people(db: AsyncSession, actor: Actor, usernames: Iterable[str]) -> dict[str, PersonRef]:
    """Those of these people who are here, by the key of their username."""
    keys = {username_key(name) for name in usernames}
    rows = await db.execute(
        select(Account.id, Account.username, Account.username_key).where(
            Account.username_key.in_(keys), visibility.is_here()
        )
    )
    return {row.username_key: person_ref(row.id, row.username) for row in rows}


async def trusts(db: AsyncSession, a: int, b: int) -> bool:
    """Whether the person `a` trusts the person `b`."""
    return bool(await db.scalar(select(visibility.trusts(a, b))))


async def show_tie(db: AsyncSession, actor: Actor, username: str) -> TieShown:
    """What `actor` is to the person of that name. Raises NotFound."""
    row = (
        await db.execute(_people(actor).where(Account.username_key == username_key(username), visibility.is_here()))
    ).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return _tie(row)


async def show_circle(db: AsyncSession, actor: Actor, name: str = "") -> CircleShown:
    """Whom a person trusts and blocks, by name; and the person called `name`, to tie them."""
    tied = _people(actor).where(Tie.kind.is_not(None), visibility.is_here())
    rows = (await db.execute(tied.order_by(Account.username_key).limit(MOST_SHOWN))).all()
    total = select(func.count()).select_from(Tie).join(Account, Account.id == Tie.other_id)
    found = None
    if name.strip():
        key = username_key(name.strip())
        one = (
            await db.execute(
                _people(actor).where(Account.username_key == key, Account.id != actor.id, visibility.is_here())
            )
        ).one_or_none()
        found = None if one is None else _tie(one)
    return CircleShown(
        trusted=tuple(_tie(row) for row in rows if row.kind == "trust"),
        blocked=tuple(_tie(row) for row in rows if row.kind == "block"),
        total=await db.scalar(total.where(Tie.account_id == actor.id, visibility.is_here())) or 0,
        name=name,
        found=found,
    )


def _people(actor: Actor) -> AnySelect:
    """People, each with what `actor` is to them."""
    return select(Account.id, Account.username, Tie.kind, Tie.at).outerjoin(
        Tie, and_(Tie.account_id == actor.id, Tie.other_id == Account.id)
    )


def _tie(row: AnyRow) -> TieShown:
    person = person_ref(row.id, row.username)
    return TieShown(person=person, tie=row.kind, since=row.at, url=person.url)
