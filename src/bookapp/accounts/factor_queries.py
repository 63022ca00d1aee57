"""Asking about the second factor."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account, RecoveryCode
from bookapp.accounts.queries import find_account, sealed
from bookapp.accounts.results import FactorShown, Sealed
from bookapp.core.actor import Actor


async def show_factor(db: AsyncSession, actor: Actor, username: str) -> FactorShown:
    """Whether a person's second factor is on. Raises NotFound for anybody else's."""
    account = await find_account(db, actor, username)
    left = await db.scalar(
        select(func.count()).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    )
    return FactorShown(
        username=account.username, is_on=account.totp_since is not None, since=account.totp_since, codes_left=left or 0
    )


async def find_last_step(db: AsyncSession, actor: Actor, username: str) -> int:
    """The last time step whose code was accepted. Raises NotFound for anybody else's."""
    return (await find_account(db, actor, username)).totp_step


async def find_secret(db: AsyncSession, account_id: int) -> str | None:
    """What an account's codes are made from, when its second factor is on."""
    secret: str | None = await db.scalar(
        select(Account.totp_secret).where(Account.id == account_id, Account.totp_since.is_not(None))
    )
    return secret


async def find_sealed_by_id(db: AsyncSession, account_id: int) -> Sealed | None:
    """What signing in needs of an account."""
    row = await db.get(Account, account_id)
    return None if row is None else sealed(row)
