"""The people of the tests: alice owns it, bob is her friend, charlie is a stranger, dora administers."""

from sqlalchemy import insert, select, update

from bookapp.accounts.models import Account
from bookapp.accounts.passwords import _hasher
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.events import CATALOGUE, announce
from bookapp.web.application import Application
from tests.clients import Browser

PASSWORD = "the moon is made of paper"
_HASH = _hasher.hash(PASSWORD)  # once: hashing takes long, and is not what most tests are about


async def a_person(db: Database, name: str = "alice", *, role: str | None = None, zone: str = "UTC") -> Actor:
    """Make an account with the password of all tests, as it is after registering. Only dora administers."""
    role = role or ("admin" if name == "dora" else "member")
    async with db.writing() as session:
        await session.execute(
            insert(Account).values(
                username=name,
                username_key=name.casefold(),
                email=f"{name}@example.org",
                email_key=f"{name}@example.org",
                password_hash=_HASH,
                role=role,
                time_zone=zone,
                created_at=clock.now(),
                totp_step=0,
                feed_number=1,
                version=1,
            )
        )
        number = await session.scalar(select(Account.id).where(Account.username == name))
        announce(session, CATALOGUE)
    return Actor(number, name, is_admin=role == "admin", zone=zone)


async def sign_in(client: Browser, name: str = "alice", password: str = PASSWORD) -> Browser:
    """Sign the client in as a browser does; its cookie stays with it."""
    answer = await client.post("/login", "page", data={"username": name, "password": password})
    assert answer.status == 303, answer.text
    return client


async def as_person(app: Application, name: str = "alice", **about: str) -> Browser:
    """A browser of its own in which a new person is signed in."""
    await a_person(app.extensions["db"], name, **about)
    return await sign_in(Browser(app), name)


async def with_role(db: Database, name: str, role: str) -> None:
    """Give somebody another role behind everybody's back."""
    async with db.writing() as session:
        await session.execute(update(Account).where(Account.username == name).values(role=role))


async def with_factor(db: Database, name: str, secret: str) -> None:
    """Switch somebody's second factor on behind everybody's back; no code was used yet."""
    async with db.writing() as session:
        await session.execute(
            update(Account)
            .where(Account.username == name)
            .values(totp_secret=secret, totp_since=clock.now(), totp_step=0)
        )
