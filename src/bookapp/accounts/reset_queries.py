"""Asking about links that replace a forgotten password."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import rules
from bookapp.accounts.models import Account, ResetLink
from bookapp.accounts.queries import sealed
from bookapp.accounts.results import Sealed
from bookapp.core import clock


async def find_by_link(db: AsyncSession, token: str) -> Sealed | None:
    """Whose password the link replaces, while it still does."""
    row = await db.scalar(
        select(Account)
        .join(ResetLink, ResetLink.account_id == Account.id)
        .where(
            ResetLink.token_hash == rules.digest(token),
            ResetLink.used_at.is_(None),
            ResetLink.expires_at > clock.now(),
            Account.disabled_at.is_(None),
        )
    )
    return None if row is None else sealed(row)
