"""What the tests of people share: coming in from elsewhere, cookies, and rows behind everybody's back."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

from sqlalchemy import select, update

from bookapp.accounts.models import Account
from bookapp.core.db import Database
from bookapp.web.application import Application
from tests.clients import Answer, Browser
from tests.people import PASSWORD

ELSEWHERE: dict[str, Any] = {"scope_base": {"client": ("203.0.113.7", 4711)}}
"""Arguments of a request that comes from another machine."""
SESSION, SECURE_SESSION = "bookapp_session", "__Host-bookapp_session"
ALICE = {"username": "alice", "email": "alice@example.org", "password": PASSWORD}


def cookie(answer: Answer, name: str = SESSION) -> Morsel[str]:
    """A cookie that an answer sets. It fails when there is none, or two."""
    lines = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}=")]
    assert len(lines) == 1, answer.headers.getlist("Set-Cookie")
    return SimpleCookie(lines[0])[name]


def with_cookie(value: str, name: str = SESSION) -> dict[str, Any]:
    """Arguments of a request that brings this cookie."""
    return {"headers": {"Cookie": f"{name}={value}"}}


def with_token(token: str) -> dict[str, Any]:
    """Arguments of a request that brings this token."""
    return {"headers": {"Authorization": f"Bearer {token}"}}


async def login(app: Application, name: str = "alice", password: str = PASSWORD, **more: Any) -> tuple[Browser, str]:
    """A new browser in which somebody signed in, and its session."""
    browser = Browser(app)
    answer = await browser.post("/login", "page", data={"username": name, "password": password, **more})
    assert answer.status == 303, answer.text
    return browser, cookie(answer).value


async def a_token(app: Application, name: str = "alice", scope: str = "write", **fields: Any) -> dict[str, Any]:
    """A key for a program of somebody's, as it is shown once."""
    browser, _ = await login(app, name)
    answer = await browser.post(f"/accounts/{name}/tokens", json={"name": "Script", "scope": scope, **fields})
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


async def who(app: Application, name: str = "alice", **request: Any) -> bool:
    """Whether a request is one of that person's: only they see their own e-mail address."""
    answer = await Browser(app).get(f"/accounts/{name}", **request)
    return answer.status == 200 and answer.json["email"] is not None


async def stored(db: Database, name: str = "alice") -> Account:
    """The row of a person."""
    async with db.reading() as session:
        return (await session.execute(select(Account).where(Account.username == name))).scalar_one()


async def put(db: Database, name: str = "alice", **values: Any) -> None:
    """Change the row of a person behind everybody's back."""
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == name).values(**values))
