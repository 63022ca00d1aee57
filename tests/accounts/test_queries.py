"""What still opens a door."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from bookapp.accounts.models import AccountSession
from bookapp.accounts.queries import open_sessions
from bookapp.core import clock
from bookapp.core.db import Database
from tests.people import a_person


@pytest.mark.parametrize(
    ("created", "seen", "expires", "lives"),
    [
        (timedelta(), timedelta(), timedelta(days=1), True),
        (timedelta(days=29), timedelta(days=13), timedelta(days=1), True),
        (timedelta(days=29), timedelta(days=14), timedelta(days=1), False),
        (timedelta(days=30), timedelta(), timedelta(days=1), False),
        (timedelta(hours=1), timedelta(), timedelta(), False),
    ],
)
async def test_a_session_lives_while_it_is_used_but_not_for_ever(
    db: Database, created: timedelta, seen: timedelta, expires: timedelta, lives: bool
) -> None:
    alice, now = await a_person(db), clock.now()
    told = {"account_id": alice.id, "token_hash": "x", "remember": True, "agent": "", "address": ""}
    async with db.writing() as session:
        row = insert(AccountSession).values(created_at=now - created, seen_at=now - seen, expires_at=now + expires)
        await session.execute(row.values(**told))
        count = await session.scalar(select(func.count()).select_from(AccountSession).where(open_sessions(now)))
    assert bool(count) == lives
