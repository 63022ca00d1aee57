"""Asking about people, invitations and what was done."""

from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account, AccountSession, AuditEntry, ImportedReader, Invite
from bookapp.accounts.queries import ACTIVE, IS_PERSON, find_beside_administrators, open_invites, open_sessions
from bookapp.accounts.rules import person_url, username_key
from bookapp.admin.commands import ON_A_PAGE, FindAccounts, FindAudit, FindPlace
from bookapp.admin.results import (
    AccountLine,
    AccountList,
    AuditLine,
    AuditList,
    InviteLine,
    InviteList,
    Leaving,
    Overview,
    State,
)
from bookapp.admin.rules import said
from bookapp.books.models import Author, FacetCount
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.core.sql import AnyColumn, AnyRow, AnySelect

NO_ACCOUNT, NO_INVITE = "There is no such account.", "There is no such invitation."
_SOON = 5
_LATELY = 5000
"""Among so many entries of the log the kinds are looked for that one can choose from."""
STEP = 500
_DISABLED = Account.disabled_at.is_not(None)
_STATES: dict[str, ColumnElement[bool]] = {
    "active": ACTIVE,
    "disabled": _DISABLED,
    "leaving": and_(Account.disabled_at.is_(None), Account.delete_at.is_not(None)),
}
T = TypeVar("T", FindAccounts, FindAudit, FindPlace)


def newest_first(statement: AnySelect, id_: AnyColumn, cursor: str | None, limit: int) -> AnySelect:
    """A page by descending id with one row more, which says that there is more. Raises Invalid for a wrong cursor."""
    if cursor:
        statement = statement.where(id_ < read_cursor(cursor, (int,))[0])
    return statement.order_by(id_.desc()).limit(limit + 1)


def following(path: str, rows: Any, limit: int, **filters: object) -> str | None:
    """The address of the next page."""
    if len(rows) <= limit:
        return None
    many = None if limit == ON_A_PAGE else limit
    return address(path, **filters, limit=many, cursor=write_cursor([rows[limit - 1].id]))


async def show_overview(db: AsyncSession) -> Overview:
    """How many there are of what, and whose accounts end soon. Doubles are not counted here."""
    now = clock.now()

    def many(table: Any, *which: ColumnElement[bool]) -> AnyColumn:
        return select(func.count()).select_from(table).where(*which).scalar_subquery()

    books = select(FacetCount.book_count).where(FacetCount.kind == "all").scalar_subquery()
    row = (
        await db.execute(
            select(
                many(Account, IS_PERSON, Account.delete_at.is_(None)).label("accounts"),
                many(ImportedReader).label("readers"),
                many(Account, Account.role == "admin", ACTIVE).label("administrators"),
                many(Account, _DISABLED).label("disabled"),
                many(AccountSession, open_sessions(now)).label("sessions"),
                many(Invite, open_invites(now)).label("invites"),
                many(Author, Author.book_count > 0).label("authors"),
                books.label("books"),
            )
        )
    ).one()
    return Overview(
        accounts=row.accounts,
        readers=row.readers,
        administrators=row.administrators,
        disabled=row.disabled,
        sessions=row.sessions,
        invites=row.invites,
        books=row.books or 0,
        authors=row.authors,
        author_doubles=0,
        book_doubles=0,
        looked_at=0,
        leaving=await _list_leaving(db),
    )


async def _list_leaving(db: AsyncSession) -> tuple[Leaving, ...]:
    rows = await db.execute(
        select(Account.id, Account.username, Account.delete_at)
        .where(Account.delete_at.is_not(None))
        .order_by(Account.delete_at, Account.id)
        .limit(_SOON)
    )
    return tuple(Leaving(id=row.id, username=row.username, delete_at=row.delete_at) for row in rows)


def _accounts() -> AnySelect:
    sessions = (
        select(func.count())
        .select_from(AccountSession)
        .where(AccountSession.account_id == Account.id, open_sessions(clock.now()))
        .correlate(Account)
        .scalar_subquery()
    )
    return select(
        Account.id,
        Account.username,
        Account.email,
        Account.role,
        Account.created_at,
        Account.seen_at,
        Account.disabled_at,
        Account.delete_at,
        Account.totp_since,
        Account.version,
        sessions.label("sessions"),
    )


def _account(row: AnyRow, actor: Actor) -> AccountLine:
    state: State = "disabled" if row.disabled_at else "leaving" if row.delete_at else "active"
    return AccountLine(
        id=row.id,
        username=row.username,
        url=person_url(row.username),
        email=row.email,
        role=row.role,
        state=state,
        created_at=row.created_at,
        seen_at=row.seen_at,
        disabled_at=row.disabled_at,
        delete_at=row.delete_at,
        sessions=row.sessions,
        has_second_factor=row.totp_since is not None,
        is_me=row.id == actor.id,
        version=row.version,
    )


async def list_accounts(db: AsyncSession, actor: Actor, question: FindAccounts) -> AccountList:
    """One page of the accounts, the newest first. Raises Invalid for a wrong cursor."""
    found: list[ColumnElement[bool]] = [IS_PERSON]
    if q := username_key(question.q.strip()):
        found.append(
            or_(Account.username_key.contains(q, autoescape=True), Account.email_key.contains(q, autoescape=True))
        )
    if question.role:
        found.append(Account.role == question.role)
    if question.state:
        found.append(_STATES[question.state])
    page = newest_first(_accounts().where(*found), Account.id, question.cursor, question.limit)
    rows = (await db.execute(page)).all()
    total = await db.scalar(select(func.count()).select_from(Account).where(*found))
    filters = {"q": question.q, "role": question.role, "state": question.state}
    return AccountList(
        items=tuple(_account(row, actor) for row in rows[: question.limit]),
        next=following("/admin/accounts", rows, question.limit, **filters),
        total=total or 0,
        q=question.q,
        role=question.role or "",
        state=question.state or "",
    )


async def show_account(db: AsyncSession, actor: Actor, account_id: int) -> AccountLine:
    """One account. Raises NotFound."""
    row = (await db.execute(_accounts().where(Account.id == account_id, IS_PERSON))).one_or_none()
    if row is None:
        raise NotFound(NO_ACCOUNT)
    return _account(row, actor)


async def find_account(db: AsyncSession, account_id: int) -> tuple[Account, bool]:
    """The row of an account, locked for a change, and whether another administrator is active. Raises NotFound."""
    account, has_others = await find_beside_administrators(db, account_id)
    if account is None:
        raise NotFound(NO_ACCOUNT)
    return account, has_others


async def list_invites(db: AsyncSession, question: FindPlace, registration: str) -> InviteList:
    """One page of the invitations, the newest first. Raises Invalid for a wrong cursor."""
    columns = select(*Invite.__table__.columns)
    rows = (await db.execute(newest_first(columns, Invite.id, question.cursor, question.limit))).all()
    now = clock.now()
    return InviteList(
        items=tuple(
            InviteLine(
                id=row.id,
                prefix=row.prefix,
                note=row.note,
                made_by=row.made_by,
                created_at=row.created_at,
                expires_at=row.expires_at,
                uses=row.uses,
                most_uses=row.most_uses,
                is_open=row.expires_at > now and row.uses < row.most_uses,
            )
            for row in rows[: question.limit]
        ),
        next=following("/admin/invites", rows, question.limit),
        registration=registration,
    )


async def list_audit(db: AsyncSession, question: FindAudit) -> AuditList:
    """One page of the audit log, the newest first. Raises Invalid for a wrong cursor."""
    found: list[ColumnElement[bool]] = [AuditEntry.what == question.what] if question.what else []
    if question.person:
        key = username_key(question.person)
        theirs = select(Account.id).where(Account.username_key == key).scalar_subquery()
        names = (question.person, key)
        found.append(
            or_(AuditEntry.actor_id == theirs, AuditEntry.actor_name.in_(names), AuditEntry.subject.in_(names))
        )
    columns = select(*AuditEntry.__table__.columns).where(*found)
    rows = (await db.execute(newest_first(columns, AuditEntry.id, question.cursor, question.limit))).all()
    lately = select(AuditEntry.what).order_by(AuditEntry.id.desc()).limit(_LATELY).subquery()
    kinds = await db.scalars(select(lately.c.what).distinct().order_by(lately.c.what))
    return AuditList(
        items=tuple(
            AuditLine(
                id=row.id,
                at=row.at,
                who=row.actor_name,
                what=row.what,
                subject=row.subject,
                details=said(row.details),
                address=row.address,
            )
            for row in rows[: question.limit]
        ),
        next=following("/admin/audit", rows, question.limit, what=question.what, person=question.person),
        what=question.what,
        person=question.person,
        kinds=tuple(kinds),
    )


def from_there(question: T, cursor: str | None) -> T:
    """The same question for the page that begins at `cursor`, in steps of a file."""
    return replace(question, cursor=cursor, limit=STEP)
