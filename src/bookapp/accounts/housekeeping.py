"""What time does to accounts: sessions, links and accounts that have run out are thrown away."""

from collections.abc import Mapping

from sqlalchemy import case, delete, not_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import rules
from bookapp.accounts.models import Account, AccountSession, AuditEntry, Invite, ResetLink
from bookapp.accounts.queries import open_sessions
from bookapp.core import clock
from bookapp.core.actor import WHO_LEFT
from bookapp.core.events import CATALOGUE, announce
from bookapp.core.sql import rows_of


async def find_leaving(db: AsyncSession) -> dict[int, str]:
    """The accounts whose days of grace are over, id to name, locked, so that nobody comes back meanwhile."""
    due = select(Account.id, Account.username).where(Account.delete_at < clock.now()).order_by(Account.id).limit(100)
    return {row.id: row.username for row in await db.execute(due.with_for_update())}


async def delete_accounts(db: AsyncSession, gone: Mapping[int, str]) -> None:
    """End accounts for good; what is theirs alone goes with them, and their names leave what stays."""
    ids, names = list(gone), list(gone.values())
    # To whom somebody did something stays in the log, unless it was themselves, by the name that they had then.
    whom = case((AuditEntry.subject == AuditEntry.actor_name, WHO_LEFT), else_=AuditEntry.subject)
    theirs = update(AuditEntry).where(AuditEntry.actor_id.in_(ids)).values(actor_name=WHO_LEFT, subject=whom)
    await db.execute(theirs.execution_options(synchronize_session=False))
    await db.execute(update(AuditEntry).where(AuditEntry.subject.in_(names)).values(subject=WHO_LEFT))
    await db.execute(update(Invite).where(Invite.made_by.in_(names)).values(made_by=WHO_LEFT))
    await db.execute(delete(Account).where(Account.id.in_(ids)))
    announce(db, CATALOGUE)


async def sweep(db: AsyncSession) -> int:
    """Throw away sessions and links that open nothing any more, and old entries about signing in. Returns how many."""
    now = clock.now()
    sessions = await db.execute(delete(AccountSession).where(not_(open_sessions(now))))
    links = await db.execute(delete(ResetLink).where(ResetLink.expires_at < now))
    old = (AuditEntry.what.in_(("wrong password", "logged in")), AuditEntry.at < now - rules.REMEMBERED)
    entries = await db.execute(delete(AuditEntry).where(*old))
    return rows_of(sessions) + rows_of(links) + rows_of(entries)
