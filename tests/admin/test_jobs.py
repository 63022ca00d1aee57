"""What the place does by itself can be seen."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from bookapp.accounts.models import ResetLink
from bookapp.admin.rules import CHORES
from bookapp.core import chores, clock
from bookapp.core.db import Database
from bookapp.core.errors import Busy
from bookapp.system import caretaker
from bookapp.web.application import Application
from tests.people import as_person


def test_every_chore_is_told_about() -> None:
    assert set(CHORES) == set(caretaker.CHORES)


async def test_dora_sees_what_was_done_and_when(app: Application, db: Database) -> None:
    dora = await as_person(app, "dora")
    before = (await dora.get("/admin/jobs")).json["chores"]
    assert [job["done_at"] for job in before] == [None] * len(caretaker.CHORES)
    assert "not yet" in (await dora.get("/admin/jobs", "page")).text
    async with db.writing() as session:
        old = clock.now() - timedelta(hours=1)
        await session.execute(insert(ResetLink).values(account_id=1, token_hash="x", created_at=old, expires_at=old))
    await caretaker.go_round(db)
    await caretaker.go_round(db)
    jobs = {job["name"]: job for job in (await dora.get("/admin/jobs")).json["chores"]}
    assert (jobs["sign-ins"]["times"], jobs["sign-ins"]["last"], jobs["sign-ins"]["whole"]) == (2, 0, 1)
    assert jobs["sign-ins"]["done_at"] is not None


async def test_what_was_in_the_way_is_told(app: Application, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(_db: object) -> int:
        raise Busy("The database is busy.")

    monkeypatch.setitem(caretaker.CHORES, "limits", busy)
    dora = await as_person(app, "dora")
    await caretaker.go_round(db)
    page = (await dora.get("/admin/jobs", "page")).text
    assert "The database is busy." in page
    async with db.reading() as session:
        troubles = {line.name: line.trouble for line in await chores.list_chores(session) if line.trouble}
        assert troubles == {"limits": "The database is busy."}
