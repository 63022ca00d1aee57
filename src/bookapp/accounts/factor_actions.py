"""Changing the second factor, and opening by it."""

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import factor_queries, factor_rules, rules
from bookapp.accounts.actions import record
from bookapp.accounts.models import Account, RecoveryCode
from bookapp.accounts.queries import ABSENT
from bookapp.accounts.results import CodesMade
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.core.sql import rows_of

OFF, USED = "The second factor is off.", "That code was used already; wait for the next one"


async def switch_on(
    db: AsyncSession, actor: Actor, username: str, secret: str, step: int, *, address: str
) -> CodesMade:
    """Store a secret whose code was typed right, and make recovery codes.

    Raises NotFound, Conflict when one is stored, Invalid for a code that was used a moment ago.
    """
    if (await factor_queries.show_factor(db, actor, username)).is_on:
        raise Conflict("The second factor is on already.")
    stored = await db.execute(
        update(Account)
        .where(Account.id == actor.id, Account.totp_since.is_(None), Account.totp_step < step)
        .values(totp_secret=secret, totp_since=clock.now(), totp_step=step)
    )
    if rows_of(stored) == 0:
        raise Invalid({"code": [USED]})
    await record(db, actor, "second factor switched on", address=address)
    return CodesMade(username=actor.name, codes=await _new_codes(db, actor))


async def renew_codes(db: AsyncSession, actor: Actor, username: str, *, address: str) -> CodesMade:
    """Make new recovery codes; the old ones open nothing any more. Raises NotFound, Conflict when the factor is off."""
    if not (await factor_queries.show_factor(db, actor, username)).is_on:
        raise Conflict(OFF)
    await record(db, actor, "recovery codes made", address=address)
    return CodesMade(username=actor.name, codes=await _new_codes(db, actor))


async def _new_codes(db: AsyncSession, actor: Actor) -> tuple[str, ...]:
    codes = tuple(factor_rules.new_recovery_code() for _ in range(factor_rules.RECOVERY_CODES))
    await db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == actor.id))
    await db.execute(
        insert(RecoveryCode),
        [{"account_id": actor.id, "code_hash": rules.digest(factor_rules.plain(code))} for code in codes],
    )
    return codes


async def switch_off(db: AsyncSession, actor: Actor, account_id: int, *, address: str) -> None:
    """Take the second factor off an account: one's own, or for an administrator somebody else's.

    Raises NotFound for what is neither, Conflict when it is off.
    """
    if actor.id != account_id and not actor.is_admin:
        raise NotFound(ABSENT)
    name = await db.scalar(
        update(Account)
        .where(Account.id == account_id, Account.totp_since.is_not(None))
        .values(totp_secret=None, totp_since=None)
        .returning(Account.username)
    )
    if name is None:
        raise Conflict(OFF)
    await db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    await record(db, actor, "second factor switched off", name, address=address)


async def open_by_code(db: AsyncSession, account_id: int, typed: str) -> bool:
    """Whether `typed` opens the account now. A code of the app opens once, and so does a recovery code."""
    if not factor_rules.is_app_code(typed):
        return await _open_by_recovery_code(db, account_id, typed)
    secret = await factor_queries.find_secret(db, account_id)
    step = factor_rules.matching_step(secret, typed, clock.now()) if secret else None
    if step is None:
        return False
    opened = await db.execute(
        update(Account)
        .where(
            Account.id == account_id,
            Account.totp_secret == secret,
            Account.totp_since.is_not(None),
            Account.totp_step < step,
        )
        .values(totp_step=step)
    )
    return rows_of(opened) == 1


async def _open_by_recovery_code(db: AsyncSession, account_id: int, typed: str) -> bool:
    used = await db.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == rules.digest(factor_rules.plain(typed)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    return rows_of(used) == 1
