"""Proving who one is. Hashing takes long, so no transaction is open meanwhile."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import actions, queries, rules
from bookapp.accounts.passwords import Passwords, is_outdated
from bookapp.accounts.results import Sealed
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.errors import Invalid
from bookapp.web import rates

WRONG = "Invalid username or password"
NOBODY = Actor(None, "a name of nobody")


class WrongPassword(Exception):
    """The name, the password or both are wrong; which of them is nobody's business."""


async def prove(database: Database, passwords: Passwords, name: str, password: str, *, address: str) -> Sealed:
    """The account of that name or address, if the password is its own.

    Raises WrongPassword, and TooMany after ten wrong ones for this name from this network (or a hundred from all).
    """
    async with database.reading() as db:
        account = await queries.find_sealed(db, name)
    async with database.writing() as db:
        for rate, whose in _buckets(account.id if account else name, address):
            await rates.take(db, rate, whose)
    fits = await passwords.fits(password, account.password_hash if account else None)
    if account is None or not fits or account.is_disabled:
        # Names of nobody cost the write, too, or the time would tell them from others.
        who = Actor(account.id, account.username) if account else NOBODY
        async with database.writing() as db:
            await actions.record(db, who, "wrong password", address=address)
        raise WrongPassword
    async with database.writing() as db:
        await forgive(db, account.id, address=address)
    if account.password_hash and is_outdated(account.password_hash):
        fresh = await passwords.hash(password)
        async with database.writing() as db:
            await actions.rehash(db, account, fresh)
        account = replace(account, password_hash=fresh)
    return account


async def forgive(db: AsyncSession, account_id: int, *, address: str) -> None:
    """Forget the wrong passwords that were typed for this account: somebody proved to be the right one."""
    for rate, whose in _buckets(account_id, address):
        await rates.give_back(db, rate, whose)


def _buckets(whose: int | str, address: str) -> tuple[tuple[rates.Rate, str], ...]:
    # A username and an e-mail address of one account are one; a name of nobody is counted as it was typed.
    key = f"of {whose}" if isinstance(whose, int) else rules.digest(rules.username_key(whose))[:32]
    return (rates.FAILURES, f"{rates.network(address)} {key}"), (rates.ALL_FAILURES, key)


async def prove_again(
    database: Database, passwords: Passwords, actor: Actor, username: str, password: str | None, *, address: str
) -> Sealed:
    """The person's own account, if they typed its password once more.

    Raises NotFound for anybody else's name, Invalid for a wrong password, TooMany after ten of them.
    """
    async with database.reading() as db:
        account = await queries.find_own_sealed(db, actor, username)
    try:
        return await prove(database, passwords, account.username, password or "", address=address)
    except WrongPassword:
        raise Invalid({"password": ["That is not your password" if password else "Type your password"]}) from None


async def new_hash(passwords: Passwords, password: str, *context: str, field: str, has_factor: bool = False) -> str:
    """The hash of a password that somebody chose. Raises Invalid when it is easy to guess."""
    if (wrong := rules.wrong_password(password, *context, has_factor=has_factor)) is not None:
        raise Invalid({field: [wrong]})
    return await passwords.hash(password)
