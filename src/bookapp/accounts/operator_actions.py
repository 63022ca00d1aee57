"""What whoever runs the server does to accounts from the terminal."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import queries
from bookapp.accounts.actions import new_account, record, store
from bookapp.accounts.models import Account
from bookapp.core.actor import OPERATOR, Actor
from bookapp.core.errors import Conflict, NotFound
from bookapp.core.events import CATALOGUE, announce, presence_changed

PLACE = "terminal"
"""Stands where the audit log has the address of who did it."""


async def create_admin(db: AsyncSession, username: str, email: str, password_hash: str) -> None:
    """Make an account that administers. Raises Conflict for a name or address that somebody has."""
    for name, what in ((username, "name"), (email, "address")):
        if await queries.find_sealed(db, name) is not None:
            raise Conflict(f"Somebody here has the {what} {name} already; --promote makes them an administrator.")
    db.add(new_account(username, email, password_hash, role="admin"))
    await store(db)
    await record(db, OPERATOR, "account created", username, address=PLACE, role="admin")
    announce(db, CATALOGUE)  # guests may change less from now on: no page that was kept is true any more


async def promote(db: AsyncSession, name: str) -> str:
    """Make somebody an administrator who can sign in, and return their username.

    An account that was disabled or about to end is opened again: whoever sits at the machine wants it. Raises
    NotFound for nobody.
    """
    account = await _find(db, name)
    if account.role == "admin" and account.disabled_at is None and account.delete_at is None:
        raise Conflict(f"{account.username} is an administrator already.")
    if account.disabled_at is not None or account.delete_at is not None:
        announce(db, CATALOGUE)  # what they say to everyone is there again
        announce(db, presence_changed(account.id))
    account.role, account.disabled_at, account.delete_at = "admin", None, None
    account.version += 1
    await record(db, OPERATOR, "role changed", account.username, address=PLACE, role="admin")
    return account.username


async def find_id(db: AsyncSession, name: str) -> tuple[int, str]:
    """The id and the username of who has that name or address. Raises NotFound for nobody."""
    account = await _find(db, name)
    return account.id, account.username


async def _find(db: AsyncSession, name: str) -> Account:
    found = await queries.find_sealed(db, name)
    account = await db.scalar(select(Account).where(Account.id == found.id).with_for_update()) if found else None
    if account is None:
        raise NotFound(f"Nobody here has the name or the address {name}.")
    return account


async def record_export(db: AsyncSession, name: str) -> Actor:
    """Say in the log that the things of whoever has that name or address are taken along; returns that person.

    Raises NotFound for nobody.
    """
    account = await _find(db, name)
    await record(db, OPERATOR, "account exported", account.username, address=PLACE)
    return Actor(account.id, account.username, is_admin=account.role == "admin", zone=account.time_zone)
