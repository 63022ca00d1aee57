"""Changing accounts, and keeping a record of what matters for safety."""

from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import queries, rules
from bookapp.accounts.commands import EditAccount, Register
from bookapp.accounts.models import Account, AccountSession, ApiToken, AuditEntry, Invite, ResetLink
from bookapp.accounts.results import Sealed
from bookapp.accounts.rules import BY_LOGIN
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from bookapp.core.events import CATALOGUE, announce, presence_changed, session_changed
from bookapp.core.sql import rows_of

MOST_SESSIONS = 50


async def record(
    db: AsyncSession, actor: Actor, what: str, subject: str = "", *, address: str = "", **details: Any
) -> None:
    """Write into the audit log, in the transaction of what was done."""
    await db.execute(
        insert(AuditEntry).values(
            at=clock.now(),
            actor_id=actor.id,
            actor_name=actor.name,
            what=what,
            subject=subject or actor.name,
            details=details,
            address=address,
        )
    )


async def register(
    db: AsyncSession, command: Register, password_hash: str, *, registration: str, owns_server: bool, address: str
) -> Account:
    """Make an account; the first one administers.

    `owns_server` says that whoever asks sits at the machine or has the set-up code. Raises Invalid for a name or
    address that is taken and for a wrong code, Forbidden when nobody may register.
    """
    await _one_first(db)
    is_first = not await queries.is_claimed(db)
    if is_first and not owns_server:
        raise Invalid({"code": ["The first account needs the set-up code that the server printed when it started"]})
    if not is_first:
        await _let_in(db, command.invite, registration)
    account = new_account(command.username, command.email, password_hash, role="admin" if is_first else "member")
    account.time_zone = command.time_zone or "UTC"
    db.add(account)
    await store(db)
    await record(db, Actor(account.id, account.username), "account created", address=address, role=account.role)
    if is_first:
        announce(db, CATALOGUE)  # from now on guests may change less: no page that was kept is true any more
    return account


def new_account(username: str, email: str, password_hash: str, *, role: str) -> Account:
    """The row of somebody new, not stored yet."""
    return Account(
        username=username,
        username_key=rules.username_key(username),
        email=email,
        email_key=rules.email_key(email),
        password_hash=password_hash,
        role=role,
        time_zone="UTC",
        created_at=clock.now(),
    )


async def _one_first(db: AsyncSession) -> None:
    """On PostgreSQL two could be the first at once; on SQLite the write lock already excludes that."""
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(text("SELECT pg_advisory_xact_lock(7237119)"))


async def _let_in(db: AsyncSession, invite: str | None, registration: str) -> None:
    if registration == "closed":
        raise Forbidden("Nobody can register here by themselves. Ask whoever runs this place.")
    if invite is None and registration == "open":
        return
    used = await db.execute(update(Invite).where(queries.counts(invite or "")).values(uses=Invite.uses + 1))
    if rows_of(used) == 0 and registration == "invite":
        raise Invalid({"invite": ["You need an invitation that still counts; ask for a new link"]})


async def store(db: AsyncSession) -> None:
    """Send a new or changed account to the database. Raises Invalid for a name or an address that somebody has."""
    try:
        await db.flush()
    except IntegrityError as error:
        if "email_key" in str(error.orig).partition("DETAIL")[0]:  # what comes after it was typed by somebody
            raise Invalid({"email": ["Somebody here has this address already"]}) from error
        raise Invalid({"username": ["Somebody here has this name already"]}) from error


async def edit_account(
    db: AsyncSession, actor: Actor, username: str, command: EditAccount, version: int | None, *, address: str = ""
) -> Account:
    """Change one's own account. Whether the password for a new address fits was seen before.

    Raises NotFound, Conflict when the account is no longer `version`, Invalid for what is taken.
    """
    account = await queries.find_account(db, actor, username, to_change=True)
    if version is not None and account.version != version:
        raise Conflict(
            "Your account was changed since you opened this page. Nothing was overwritten.",
            newer=queries.shown(account, actor),
        )
    for name in ("username", "email", "about", "time_zone"):
        if name in command:
            setattr(account, name, command[name])
    if rules.email_key(account.email) != account.email_key:
        # A link on its way to the old address must open nothing.
        await db.execute(delete(ResetLink).where(ResetLink.account_id == account.id))
        await record(db, actor, "e-mail address changed", address=address)
    if account.username != actor.name:
        await record(db, actor, "username changed", account.username, address=address, before=actor.name)
        announce(db, CATALOGUE)  # the old name stands in pages that were kept for guests
    account.username_key = rules.username_key(account.username)
    account.email_key = rules.email_key(account.email)
    account.version += 1
    await store(db)
    return account


async def change_password(db: AsyncSession, actor: Actor, password_hash: str, *, address: str) -> bool:
    """Store another password; every browser, and every program that signed in by password, is signed out.

    Returns whether the browser that asks should be remembered when it is signed in again: its old cookie, which
    somebody may have copied, opens nothing any more.
    """
    remember = select(AccountSession.remember).where(AccountSession.id == (actor.session_id or 0))
    is_remembered = bool(await db.scalar(remember))
    await db.execute(update(Account).where(Account.id == actor.id).values(password_hash=password_hash))
    await db.execute(delete(ResetLink).where(ResetLink.account_id == actor.id))
    await db.execute(delete(AccountSession).where(AccountSession.account_id == actor.id))
    await db.execute(delete(ApiToken).where(ApiToken.account_id == actor.id, ApiToken.name == BY_LOGIN))
    announce(db, session_changed(actor.id or 0))
    await record(db, actor, "password changed", address=address)
    return is_remembered


async def rehash(db: AsyncSession, account: Sealed, password_hash: str) -> None:
    """Store the same password with today's parameters, unless it was changed meanwhile."""
    same = (Account.id == account.id, Account.password_hash == account.password_hash)
    await db.execute(update(Account).where(*same).values(password_hash=password_hash))


async def ask_to_leave(db: AsyncSession, actor: Actor, username: str, *, address: str) -> Account:
    """Begin the end of an account: nobody sees it any more, and after the days of grace it is gone."""
    account = await queries.find_account(db, actor, username)
    await _keep_one_administrator(db, account.id)
    if account.delete_at is None:
        announce(db, presence_changed(account.id))
    account.delete_at = clock.now() + rules.GRACE
    await db.execute(delete(AccountSession).where(AccountSession.account_id == account.id))
    await db.execute(delete(ApiToken).where(ApiToken.account_id == account.id))
    announce(db, session_changed(account.id))
    announce(db, CATALOGUE)
    await record(db, actor, "deletion asked for", address=address)
    return account


async def _keep_one_administrator(db: AsyncSession, account_id: int) -> None:
    account, has_others = await queries.find_beside_administrators(db, account_id)
    if account is not None and account.role == "admin" and not has_others:
        raise Conflict("You are the only administrator here. Make somebody else one first.")


async def hold_proven(db: AsyncSession, account: Sealed) -> None:
    """Lock the account of somebody whose password was right a moment ago. Raises Conflict when it changed since then.

    Comparing takes long, and no transaction is open meanwhile; whoever changed the password in between wants the old
    one to open nothing any more.
    """
    same = (Account.id == account.id, Account.password_hash == account.password_hash, Account.disabled_at.is_(None))
    if await db.scalar(select(Account.id).where(*same).with_for_update()) is None:
        raise Conflict("Your account was changed a moment ago. Please log in once more.")


async def start_session(
    db: AsyncSession, account_id: int, *, remember: bool, agent: str, address: str
) -> tuple[str, int | None]:
    """Sign a browser in. Returns the cookie's value, and how many seconds the browser should keep it.

    Signing in takes back a deletion that was asked for.
    """
    now, token = clock.now(), rules.new_secret()
    lasts = rules.ABSOLUTE if remember else rules.UNTIL_CLOSED
    await db.execute(
        insert(AccountSession).values(
            account_id=account_id,
            token_hash=rules.digest(token),
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            remember=remember,
            agent="".join(c for c in agent if c.isprintable())[:200],
            address=address[:45],
        )
    )
    await stay(db, account_id, address=address)
    oldest = (
        select(AccountSession.id)
        .where(AccountSession.account_id == account_id)
        .order_by(AccountSession.id.desc())
        .offset(MOST_SESSIONS)
    )
    if rows_of(await db.execute(delete(AccountSession).where(AccountSession.id.in_(oldest)))):
        announce(db, session_changed(account_id))
    return token, int(lasts.total_seconds()) if remember else None


async def see_session(db: AsyncSession, actor: Actor) -> None:
    """Note that a person was here, by a browser."""
    now = clock.now()
    await db.execute(update(AccountSession).where(AccountSession.id == actor.session_id).values(seen_at=now))
    await db.execute(update(Account).where(Account.id == actor.id).values(seen_at=now))


async def end_session(db: AsyncSession, actor: Actor, session_id: int) -> None:
    """Sign one browser out. Raises NotFound for anybody else's."""
    ended = await db.execute(
        delete(AccountSession).where(AccountSession.id == session_id, AccountSession.account_id == actor.id)
    )
    if rows_of(ended) == 0:
        raise NotFound(queries.ABSENT)
    announce(db, session_changed(actor.id or 0))


async def end_all_sessions(db: AsyncSession, actor: Actor, *, address: str) -> None:
    """Sign every browser out, and every program that signed in by password."""
    await db.execute(delete(AccountSession).where(AccountSession.account_id == actor.id))
    await db.execute(delete(ApiToken).where(ApiToken.account_id == actor.id, ApiToken.name == BY_LOGIN))
    announce(db, session_changed(actor.id or 0))
    await record(db, actor, "signed out everywhere", address=address)


async def stay(db: AsyncSession, account_id: int, *, address: str = "") -> None:
    """Write down that somebody signed in, which takes back a deletion that was asked for."""
    own = select(Account).where(Account.id == account_id).with_for_update()
    row = await db.scalar(own.execution_options(populate_existing=True))
    if row is None:
        return
    person = Actor(row.id, row.username)
    await record(db, person, "logged in" if row.delete_at is None else "came back", address=address)
    if row.delete_at is not None:
        announce(db, CATALOGUE)  # what they say to everyone is there again
        announce(db, presence_changed(account_id))
    row.delete_at, row.seen_at = None, clock.now()
