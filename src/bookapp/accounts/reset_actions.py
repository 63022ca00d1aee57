"""Links by which a forgotten password is replaced: making one, using one."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import rules
from bookapp.accounts.actions import record
from bookapp.accounts.models import Account, AccountSession, ApiToken, ResetLink
from bookapp.accounts.queries import ABSENT
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.events import announce, session_changed

LASTS = timedelta(minutes=10)
USED_UP = "That link was used already, or is older than ten minutes. Ask for another one"


async def make_link(db: AsyncSession, actor: Actor, account_id: int, *, address: str = "") -> str:
    """A link that lets somebody choose a new password, once and within ten minutes: its path and query.

    `actor` is the administrator who passes it on, or GUEST when it goes to the account's own mail address. Older
    links of the account open nothing any more. Raises NotFound for nobody, and for an account that is disabled.
    """
    name = await db.scalar(
        select(Account.username).where(Account.id == account_id, Account.disabled_at.is_(None)).with_for_update()
    )
    if name is None:
        raise NotFound(ABSENT)
    now, token = clock.now(), rules.new_secret()
    await db.execute(delete(ResetLink).where(ResetLink.account_id == account_id))
    await db.execute(
        insert(ResetLink).values(
            account_id=account_id, token_hash=rules.digest(token), created_at=now, expires_at=now + LASTS
        )
    )
    await record(db, actor, "reset link made", name, address=address)
    return f"/login/reset/choose?token={token}"


async def use_link(db: AsyncSession, token: str, password_hash: str, *, address: str) -> None:
    """Store the new password, and sign out whoever is signed in. Raises Invalid when the link opens nothing."""
    now = clock.now()
    # The account first, in the order in which links are made: two in opposite order would wait for each other.
    whose = select(ResetLink.account_id).where(ResetLink.token_hash == rules.digest(token)).scalar_subquery()
    await db.execute(select(Account.id).where(Account.id == whose).with_for_update())
    account_id = await db.scalar(
        update(ResetLink)
        .where(ResetLink.token_hash == rules.digest(token), ResetLink.used_at.is_(None), ResetLink.expires_at > now)
        .values(used_at=now)
        .returning(ResetLink.account_id)
    )
    if account_id is None:
        raise Invalid({"token": [USED_UP]})
    name = await db.scalar(
        update(Account)
        .where(Account.id == account_id, Account.disabled_at.is_(None))
        .values(password_hash=password_hash)
        .returning(Account.username)
    )
    if name is None:
        raise Invalid({"token": [USED_UP]})
    await db.execute(delete(AccountSession).where(AccountSession.account_id == account_id))
    await db.execute(delete(ApiToken).where(ApiToken.account_id == account_id, ApiToken.name == rules.BY_LOGIN))
    announce(db, session_changed(account_id))
    await record(db, Actor(account_id, name), "password reset", address=address)
