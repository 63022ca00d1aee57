"""What time does to accounts: sessions, links and accounts that have run out are thrown away."""

from collections.abc import Mapping

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import rules
from bookapp.accounts.models import Account, AccountSession, AuditEntry, ResetLink
from bookapp.core import clock
from bookapp.core.sql import rows_of

LEFT = "somebody who left"


async def find_leaving(db: AsyncSession) -> dict[int, str]:
    """The accounts whose days of grace are over, id to name, locked, so that nobody comes back meanwhile."""
    due = select(Account.id, Account.username).where(Account.delete_at < clock.now()).order_by(Account.id).limit(100)
    return {row.id: row.username for row in await db.execute(due.with_for_update())}


async def delete_accounts(db: AsyncSession, gone: Mapping[int, str]) -> None:
    """End accounts for good; what is theirs alone goes with them, and their names leave the audit log."""
    ids, names = list(gone), list(gone.values())
    await db.execute(update(AuditEntry).where(AuditEntry.actor_id.in_(ids)).values(actor_name=LEFT, subject=LEFT))
    await db.execute(update(AuditEntry).where(AuditEntry.subject.in_(names)).values(subject=LEFT))
    await db.execute(delete(Account).where(Account.id.in_(ids)))


async def sweep(db: AsyncSession) -> int:
    """Throw away what opens nothing any more: sessions and links. Returns how many there were."""
    now = clock.now()
    sessions = await db.execute(
        delete(AccountSession).where(
            (AccountSession.expires_at < now)
            | (AccountSession.seen_at < now - rules.IDLE)
            | (AccountSession.created_at < now - rules.ABSOLUTE)
        )
    )
    links = await db.execute(delete(ResetLink).where(ResetLink.expires_at < now))
    return rows_of(sessions) + rows_of(links)
