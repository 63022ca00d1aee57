"""Changing accounts: who may register, what is written down, how an account ends."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bookapp.accounts import actions, housekeeping, queries, rules, token_actions
from bookapp.accounts.commands import EditAccount, MakeToken, Register
from bookapp.accounts.models import Account, AccountSession, ApiToken, AuditEntry, Invite, ResetLink
from bookapp.books.models import Book
from bookapp.core import clock
from bookapp.core.actor import GUEST, WHO_LEFT, Actor
from bookapp.core.db import Database
from bookapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from bookapp.lists.models import Task
from tests.factories import a_book
from tests.people import PASSWORD, a_person


async def register(db: Database, name: str, registration: str = "open", **fields: str) -> Account:
    command = Register(**{"username": name, "email": f"{name}@example.org", "password": PASSWORD} | fields)
    async with db.writing() as session:
        return await actions.register(
            session, command, "hash", registration=registration, owns_server=True, address="192.0.2.1"
        )


async def an_invite(db: Database, token: str = "come in", *, most: int = 1, days: int = 1) -> None:
    async with db.writing() as session:
        row = {"token_hash": rules.digest(token), "prefix": token[:4], "note": "", "made_by": "dora", "uses": 0}
        now = clock.now()
        await session.execute(
            insert(Invite).values(**row, created_at=now, expires_at=now + timedelta(days=days), most_uses=most)
        )


async def written(db: Database) -> list[tuple[str, str, str]]:
    async with db.reading() as session:
        rows = await session.execute(select(AuditEntry.actor_name, AuditEntry.what, AuditEntry.subject))
        return [tuple(row) for row in rows]  # type: ignore[misc]  # three columns


async def count(db: Database, table: type) -> int:
    async with db.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_the_first_is_the_administrator_even_where_nobody_may_register(db: Database) -> None:
    assert (await register(db, "alice", "closed")).role == "admin"
    with pytest.raises(Forbidden):
        await register(db, "bob", "closed")
    assert await count(db, Account) == 1


async def test_an_invitation_counts_as_often_as_it_says(db: Database) -> None:
    await a_person(db, "dora")
    await an_invite(db, most=2)
    for name in ("alice", "bob"):
        assert (await register(db, name, "invite", invite="come in")).role == "member"
    with pytest.raises(Invalid) as error:
        await register(db, "charlie", "invite", invite="come in")
    assert list(error.value.errors) == ["invite"]


@pytest.mark.parametrize("invite", ["", "something else", "COME IN"])
async def test_without_a_good_invitation_nobody_comes_in(db: Database, invite: str) -> None:
    await a_person(db, "dora")
    await an_invite(db)
    with pytest.raises(Invalid):
        await register(db, "alice", "invite", invite=invite)


async def test_an_invitation_ends(db: Database) -> None:
    await a_person(db, "dora")
    await an_invite(db, days=-1)
    with pytest.raises(Invalid):
        await register(db, "alice", "invite", invite="come in")


async def test_a_clash_does_not_use_an_invitation_up(db: Database) -> None:
    await a_person(db, "dora")
    await an_invite(db)
    with pytest.raises(Invalid, match="username"):
        await register(db, "DORA", "invite", invite="come in", email="other@example.org")
    assert (await register(db, "alice", "invite", invite="come in")).username == "alice"


async def test_what_matters_for_safety_is_written_down(db: Database) -> None:
    alice = Actor((await register(db, "alice")).id, "alice")
    async with db.writing() as session:
        made = await token_actions.make_token(session, alice, MakeToken(name="Script"), address="192.0.2.1")
        await actions.change_password(session, alice, "other", address="192.0.2.1")
        await token_actions.delete_token(session, alice, made.id)
        await actions.end_all_sessions(session, alice, address="192.0.2.1")
    what = ["account created", "token made", "password changed", "token deleted", "signed out everywhere"]
    assert await written(db) == [("alice", one, "alice") for one in what]
    async with db.reading() as session:
        kept = (await session.scalars(select(AuditEntry))).all()
    assert not [entry for entry in kept if made.token in str(entry.details) or PASSWORD in str(entry.details)]


async def test_nobody_changes_somebody_else(db: Database) -> None:
    await a_person(db, "alice")
    bob = await a_person(db, "bob")
    async with db.writing() as session:
        for stranger in (bob, GUEST):
            with pytest.raises(NotFound):
                await actions.edit_account(session, stranger, "alice", EditAccount(about="Mine"), None)
            with pytest.raises(NotFound):
                await actions.ask_to_leave(session, stranger, "alice", address="")
            with pytest.raises(NotFound):
                await queries.list_sessions(session, stranger, "alice")
            with pytest.raises(NotFound):
                await queries.list_tokens(session, stranger, "alice")


async def test_an_old_version_is_not_overwritten(db: Database) -> None:
    alice = await a_person(db, "alice")
    async with db.writing() as session:
        assert (await actions.edit_account(session, alice, "Alice", EditAccount(about="One"), 1)).version == 2
        with pytest.raises(Conflict) as error:
            await actions.edit_account(session, alice, "alice", EditAccount(about="Two"), 1)
    assert error.value.newer.about == "One"


async def leave(db: Database, actor: Actor) -> None:
    async with db.writing() as session:
        await actions.ask_to_leave(session, actor, actor.name, address="192.0.2.1")


async def sweep(db: Database) -> None:
    async with db.writing() as session:
        await housekeeping.sweep(session)
        await housekeeping.delete_accounts(session, await housekeeping.find_leaving(session))


async def test_two_weeks_later_an_account_is_gone(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await a_person(db, "alice")
    book = await a_book(db, alice)
    async with db.writing() as session:
        now = clock.now()
        due = {"due_date": now, "due_sort": now, "creation_date": now, "completed": False, "version": 1}
        await session.execute(insert(Task).values(account_id=alice.id, name="Read on", **due))
        await actions.start_session(session, alice.id or 0, remember=True, agent="", address="")
        await token_actions.make_token(session, alice, MakeToken(name="Script"), address="")
        await actions.record(session, Actor(None, "dora"), "account changed", "alice")
    await leave(db, alice)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=13, hours=23))
    await sweep(db)
    assert await count(db, Account) == 1
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=14, minutes=1))
    await sweep(db)
    assert [await count(db, table) for table in (Account, AccountSession, ApiToken, Task)] == [0, 0, 0, 0]
    async with db.reading() as session:
        assert await session.scalar(select(Book.title).where(Book.id == book)) == "Emma"
    told = await written(db)
    assert len(told) == 4
    assert "alice" not in str(told), "what was done stays, the name does not"


async def test_whom_somebody_dealt_with_stays_in_the_log(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    dora = await a_person(db, "dora", role="admin")
    await a_person(db, "other", role="admin")
    await an_invite(db)
    async with db.writing() as session:
        await actions.record(session, dora, "account disabled", "bob")
    await leave(db, dora)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=15))
    await sweep(db)
    told = [(WHO_LEFT, "account disabled", "bob"), (WHO_LEFT, "deletion asked for", WHO_LEFT)]
    assert [tuple(row) for row in await written(db)] == told
    async with db.reading() as session:
        assert await session.scalar(select(Invite.made_by)) == WHO_LEFT


async def test_signing_in_before_that_takes_it_back(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await a_person(db, "alice")
    await leave(db, alice)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=13))
    async with db.writing() as session:
        await actions.start_session(session, alice.id or 0, remember=False, agent="", address="")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=30))
    await sweep(db)
    assert await count(db, Account) == 1


async def test_one_administrator_stays(db: Database) -> None:
    dora = await a_person(db, "dora")
    with pytest.raises(Conflict):
        await leave(db, dora)
    other = await a_person(db, "other", role="admin")
    await leave(db, dora)
    with pytest.raises(Conflict):
        await leave(db, other)


async def test_a_disabled_administrator_does_not_count(db: Database) -> None:
    dora = await a_person(db, "dora")
    await a_person(db, "other", role="admin")
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == "other").values(disabled_at=clock.now()))
    with pytest.raises(Conflict):
        await leave(db, dora)


async def test_what_opens_nothing_any_more_is_thrown_away(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await a_person(db, "alice")
    now = clock.now()
    async with db.writing() as session:
        for remember in (True, False):
            await actions.start_session(session, alice.id or 0, remember=remember, agent="", address="")
        link = {"account_id": alice.id, "token_hash": "0" * 64, "created_at": now}
        await session.execute(insert(ResetLink).values(**link, expires_at=now + timedelta(minutes=10)))
    await sweep(db)
    assert (await count(db, AccountSession), await count(db, ResetLink)) == (2, 1)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2))
    await sweep(db)
    assert (await count(db, AccountSession), await count(db, ResetLink)) == (1, 0)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=15))
    await sweep(db)
    assert await count(db, AccountSession) == 0
