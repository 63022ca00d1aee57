"""Asking about people."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import rules
from bookapp.accounts.models import Account, AccountSession, ApiToken, ImportedReader, Invite
from bookapp.accounts.results import AccountShown, Sealed, SessionLine, SessionList, TokenLine, TokenList
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyColumn

ABSENT = "There is nobody of that name here, or it is not for you to see."


NOTHING: AnyColumn = literal_column("0")
ACTIVE = and_(Account.disabled_at.is_(None), Account.delete_at.is_(None))
"""What holds of accounts that are neither shut out nor leaving."""
IS_PERSON = ~exists().where(ImportedReader.account_id == Account.id)
"""What holds of the accounts of people: the readers of a data set are nobody."""


async def is_claimed(db: AsyncSession) -> bool:
    """Whether anybody ever made an account here."""
    return await db.scalar(select(Account.id).where(IS_PERSON).limit(1)) is not None


async def count_invite(db: AsyncSession, token: str) -> bool:
    """Whether somebody can still register by this invitation."""
    return await db.scalar(select(Invite.id).where(counts(token))) is not None


def counts(token: str) -> ColumnElement[bool]:
    """What holds of an invitation by which somebody can register."""
    return and_(Invite.token_hash == rules.digest(token), open_invites(clock.now()))


def open_invites(now: datetime) -> ColumnElement[bool]:
    """What holds of all invitations that still count."""
    return and_(Invite.expires_at > now, Invite.uses < Invite.most_uses)


def open_sessions(now: datetime) -> ColumnElement[bool]:
    """What holds of sessions that still count: used within two weeks, and not older than a month."""
    return and_(
        AccountSession.expires_at > now,
        AccountSession.seen_at > now - rules.IDLE,
        AccountSession.created_at > now - rules.ABSOLUTE,
    )


async def hold(db: AsyncSession, actor: Actor, *, absent: str = ABSENT) -> bool:
    """Let other changes by this person wait until this one is done: two at once could both find the last place free.

    Returns whether they are here for others, too, and neither shut out nor leaving: what they say counts only then.
    Raises NotFound, with the words `absent`, when they are gone.
    """
    # Not against whoever only refers to the account: of two people who do something to each other, neither waits.
    own = select(ACTIVE).where(Account.id == actor.id).with_for_update(key_share=True, of=Account)
    is_here = await db.scalar(own)
    if is_here is None:
        raise NotFound(absent)
    return bool(is_here)


async def find_account(db: AsyncSession, actor: Actor, username: str, *, to_change: bool = False) -> Account:
    """The row of the person's own account, by the name in the address. Raises NotFound for anybody else's."""
    own = select(Account).where(Account.id == actor.id, Account.username_key == rules.username_key(username))
    # Who changes it locks it first, or two at once would both see the version that they expect.
    account = await db.scalar(own.with_for_update() if to_change else own)
    if account is None:
        raise NotFound(ABSENT)
    return account


async def find_beside_administrators(db: AsyncSession, account_id: int) -> tuple[Account | None, bool]:
    """The row of an account, locked for a change, and whether another administrator is active.

    All administrators are locked with it, in order: of two who leave or demote each other at once, one comes second.
    """
    rows = await db.scalars(
        select(Account)
        .where(or_(Account.id == account_id, and_(Account.role == "admin", ACTIVE)))
        .order_by(Account.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    accounts = {row.id: row for row in rows}
    account = accounts.pop(account_id, None)
    return account, bool(accounts)


async def show_account(db: AsyncSession, actor: Actor, username: str) -> AccountShown:
    """A person's profile; what is private is shown only to themselves. Raises NotFound."""
    account = await db.scalar(
        select(Account).where(
            Account.username_key == rules.username_key(username),
            IS_PERSON,
            Account.disabled_at.is_(None),
            (Account.delete_at.is_(None)) | (Account.id == actor.id),
        )
    )
    if account is None:
        raise NotFound(ABSENT)
    return shown(account, actor)


def shown(account: Account, actor: Actor) -> AccountShown:
    """What `actor` may see of a person."""
    mine = account.id == actor.id
    return AccountShown(
        id=account.id,
        username=account.username,
        url=rules.person_url(account.username),
        about=account.about,
        member_since=account.created_at,
        role=account.role,
        email=account.email if mine else None,
        time_zone=account.time_zone if mine else None,
        has_second_factor=account.totp_since is not None if mine else None,
        delete_at=account.delete_at if mine else None,
        is_me=mine,
        version=account.version,
    )


async def find_sealed(db: AsyncSession, name: str) -> Sealed | None:
    """What is known of the person of that username or e-mail address."""
    row = await db.scalar(
        select(Account).where(
            (Account.username_key == rules.username_key(name)) | (Account.email_key == rules.email_key(name))
        )
    )
    return None if row is None else sealed(row)


async def find_own_sealed(db: AsyncSession, actor: Actor, username: str) -> Sealed:
    """The same for the person themselves. Raises NotFound for anybody else's name."""
    return sealed(await find_account(db, actor, username))


def sealed(row: Account) -> Sealed:
    """What signing in needs of an account."""
    return Sealed(
        id=row.id,
        username=row.username,
        email=row.email,
        role=row.role,
        password_hash=row.password_hash,
        is_disabled=row.disabled_at is not None,
        has_factor=row.totp_since is not None,
        leaving=row.delete_at,
    )


async def find_by_session(
    db: AsyncSession, token: str, waiting: AnyColumn | None = None
) -> tuple[Actor, datetime] | None:
    """Whose browser it is and when it was last seen, if its session is still alive.

    `waiting` counts what waits for the `Account` of the row: in the same statement, since every page says so.
    """
    row = (
        await db.execute(
            select(AccountSession, Account, NOTHING if waiting is None else waiting)
            .join(Account, Account.id == AccountSession.account_id)
            .where(
                AccountSession.token_hash == rules.digest(token),
                open_sessions(clock.now()),
                Account.disabled_at.is_(None),
                Account.delete_at.is_(None),
            )
        )
    ).first()
    if row is None:
        return None
    session, account, count = row
    return replace(_actor(account, session_id=session.id), waiting=count), session.seen_at


async def find_by_token(db: AsyncSession, token: str) -> tuple[Actor, datetime | None] | None:
    """Whose program it is and when its token was last used, if that is still valid."""
    row = (
        await db.execute(
            select(ApiToken, Account)
            .join(Account, Account.id == ApiToken.account_id)
            .where(
                ApiToken.token_hash == rules.digest(token),
                (ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > clock.now()),
                Account.disabled_at.is_(None),
                Account.delete_at.is_(None),
            )
        )
    ).first()
    if row is None:
        return None
    key, account = row
    return _actor(account, token_id=key.id, can_write=key.can_write), key.used_at


def _actor(
    account: Account, *, session_id: int | None = None, token_id: int | None = None, can_write: bool = True
) -> Actor:
    return Actor(
        id=account.id,
        name=account.username,
        is_admin=account.role == "admin",
        can_write=can_write,
        zone=account.time_zone,
        session_id=session_id,
        token_id=token_id,
    )


async def list_sessions(db: AsyncSession, actor: Actor, username: str) -> SessionList:
    """Where a person is signed in, the latest first. Raises NotFound for anybody else's."""
    account = await find_account(db, actor, username)
    rows = await db.scalars(
        select(AccountSession)
        .where(AccountSession.account_id == account.id, open_sessions(clock.now()))
        .order_by(AccountSession.seen_at.desc(), AccountSession.id.desc())
        .limit(100)
    )
    items = tuple(
        SessionLine(
            id=row.id,
            device=rules.device(row.agent),
            address=row.address,
            created_at=row.created_at,
            seen_at=row.seen_at,
            is_this=row.id == actor.session_id,
        )
        for row in rows
    )
    return SessionList(items=items, username=account.username, total=len(items))


async def list_tokens(db: AsyncSession, actor: Actor, username: str) -> TokenList:
    """The keys of a person's programs, the newest first. Raises NotFound for anybody else's."""
    account = await find_account(db, actor, username)
    rows = await db.scalars(select(ApiToken).where(ApiToken.account_id == account.id).order_by(ApiToken.id.desc()))
    now = clock.now()
    items = tuple(
        TokenLine(
            id=row.id,
            name=row.name,
            prefix=row.prefix,
            scope="write" if row.can_write else "read",
            created_at=row.created_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
            is_expired=row.expires_at is not None and row.expires_at <= now,
        )
        for row in rows
    )
    return TokenList(items=items, username=account.username, total=len(items))


async def count_tokens(db: AsyncSession, account_id: int) -> int:
    """How many keys a person has made."""
    made = select(func.count()).where(ApiToken.account_id == account_id, ApiToken.name != rules.BY_LOGIN)
    return int(await db.scalar(made) or 0)
