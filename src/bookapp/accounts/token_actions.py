"""Making keys for programs, and taking them back."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import queries, rules
from bookapp.accounts.actions import record
from bookapp.accounts.commands import MakeToken
from bookapp.accounts.models import Account, ApiToken
from bookapp.accounts.results import TokenMade
from bookapp.accounts.rules import BY_LOGIN
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.events import announce, session_changed
from bookapp.core.sql import rows_of

MOST_TOKENS, MOST_LOGIN_TOKENS = 50, 20


async def make_token(db: AsyncSession, actor: Actor, command: MakeToken, *, address: str) -> TokenMade:
    """Make a key for a program. Raises Invalid when there are too many, and for a name that means something else."""
    assert actor.id is not None
    if command.name == BY_LOGIN:
        raise Invalid({"name": ["That is what tokens of programs that sign in are called; choose another name"]})
    if await queries.count_tokens(db, actor.id) >= MOST_TOKENS:
        raise Invalid({"name": [f"You have {MOST_TOKENS} tokens; delete one first"]})
    return await _make_token(db, actor, command, address=address)


async def _make_token(db: AsyncSession, actor: Actor, command: MakeToken, *, address: str) -> TokenMade:
    now, token = clock.now(), rules.KEY_PREFIX + rules.new_secret()
    row = ApiToken(
        account_id=actor.id,
        name=command.name,
        token_hash=rules.digest(token),
        prefix=token[:14],
        can_write=command.scope == "write",
        created_at=now,
        expires_at=None if command.days is None else now + timedelta(days=command.days),
    )
    db.add(row)
    await db.flush()
    await record(db, actor, "token made", address=address, name=command.name, scope=command.scope)
    return TokenMade(id=row.id, name=row.name, token=token, scope=command.scope, expires_at=row.expires_at)


async def make_login_token(db: AsyncSession, actor: Actor, *, address: str) -> TokenMade:
    """The token of a program that signed in by password; a program that does so each time ends its oldest ones."""
    by_login = (ApiToken.account_id == actor.id, ApiToken.name == BY_LOGIN)
    oldest = select(ApiToken.id).where(*by_login).order_by(ApiToken.id.desc()).offset(MOST_LOGIN_TOKENS - 1)
    if rows_of(await db.execute(delete(ApiToken).where(*by_login, ApiToken.id.in_(oldest)))):
        announce(db, session_changed(actor.id or 0))
    return await _make_token(db, actor, MakeToken(name=BY_LOGIN, scope="write", days=30), address=address)


async def delete_token(db: AsyncSession, actor: Actor, token_id: int, *, address: str = "") -> str:
    """Take a key back, at once, and return its name. Raises NotFound for anybody else's."""
    row = await db.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.account_id == actor.id))
    if row is None:
        raise NotFound(queries.ABSENT)
    await db.delete(row)
    announce(db, session_changed(row.account_id))
    await record(db, actor, "token deleted", address=address, name=row.name)
    return row.name


async def see_token(db: AsyncSession, actor: Actor) -> None:
    """Note that a person was here, by a program."""
    now = clock.now()
    await db.execute(update(ApiToken).where(ApiToken.id == actor.token_id).values(used_at=now))
    await db.execute(update(Account).where(Account.id == actor.id).values(seen_at=now))
