"""An instance in which every address has something to answer: alice administers, and has one of everything."""

import re
from datetime import timedelta
from typing import Any, cast

import pyotp
from sqlalchemy import insert

from bookapp.accounts.factor_rules import hour_of, secret_to_set_up
from bookapp.accounts.models import ApiToken, Invite, ResetLink
from bookapp.accounts.rules import digest
from bookapp.books import merging
from bookapp.books.models import Author, Merge
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.lists.models import Task
from bookapp.lists.rules import feed_key
from bookapp.web.application import Application
from tests.clients import Answer, Browser
from tests.house.plan import Route, fill
from tests.people import PASSWORD, a_person, sign_in, with_factor

FOR_GUESTS = frozenset({"accounts.new", "accounts.show_login", "accounts.create", "accounts.login"})
"""Who is signed in is sent on from there."""
ANY_VERSION = {"If-Match": "*"}


BOBS_LINK = "a link that bob was given"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What the codes of the authenticator apps are made from."""
NEEDS_FACTOR = re.compile(r"/second-factor/(codes|delete)/?$|DELETE .*/second-factor/?$")
OF_ADMINS = re.compile(r"/admin/accounts/1/(reset-link|second-factor)")
"""What alice may do for bob, but not for herself."""
NEEDS_PASSWORD_FIRST = re.compile(r"POST .*/login/code/?$")


class Alice(Browser):
    """Her browser. She has a second factor where she changes it, and bob types his password where a code is due."""

    async def ask(self, method: str, path: str, form: str = "json", **more: Any) -> Answer:
        """Do first what must have been done, then ask."""
        path = OF_ADMINS.sub(r"/admin/accounts/2/\1", path)
        if NEEDS_FACTOR.search(f"{method} {path}"):
            await with_factor(self.app.extensions["db"], "bob" if "/admin/" in path else "alice", SECRET)
        elif NEEDS_PASSWORD_FIRST.match(f"{method} {path}"):
            await with_factor(self.app.extensions["db"], "bob", SECRET)
            await super().ask("POST", "/login", "page", data={"username": "bob", "password": PASSWORD})
        return await super().ask(method, path, form, **more)


async def set_the_stage(app: Application, books: int = 2) -> Browser:
    """Fill the instance, and sign alice in."""
    db: Database = app.extensions["db"]
    if books:
        await fill(db, books)
    alice = await a_person(db, "alice", role="admin")
    bob = await a_person(db, "bob")
    await a_person(db, "dora")  # so that alice may leave
    async with db.writing() as session:
        await one_of_everything(session, alice.id or 0)
        await _give_a_link(session, bob.id or 0)
        await _a_merge(session, alice, real=books > 0)
    return await sign_in(Alice(app), "alice")


async def one_of_everything(session: Any, account_id: int) -> None:
    """One row in each table that has an address of its own; each is the first, so that its id is 1."""
    now = clock.now()
    await session.execute(
        insert(ApiToken).values(
            account_id=account_id,
            name="Script",
            token_hash="0" * 64,
            prefix="bookapp_000000",
            can_write=False,
            created_at=now,
        )
    )
    await session.execute(
        insert(Task).values(
            account_id=account_id,
            book_id=None,
            name="Read on",
            creation_date=now,
            due_date=now + timedelta(days=1),
            due_sort=now + timedelta(days=1),
            completed=False,
            version=1,
        )
    )


async def _give_a_link(session: Any, account_id: int) -> None:
    now = clock.now()
    await session.execute(
        insert(ResetLink).values(
            account_id=account_id,
            token_hash=digest(BOBS_LINK),
            created_at=now,
            expires_at=now + timedelta(minutes=10),
        )
    )


async def _a_merge(session: Any, alice: Actor, *, real: bool) -> None:
    """The first merge, and an invitation; without books only its row, so that the first author stays free."""
    now = clock.now()
    await session.execute(
        insert(Invite).values(
            token_hash="1" * 64, prefix="abcdef", note="Charlie", made_by="alice", created_at=now,
            expires_at=now + timedelta(days=1), uses=0, most_uses=1,
        )
    )  # fmt: skip
    if not real:
        await session.execute(
            insert(Merge).values(
                at=now, actor_id=alice.id, actor_name="alice", kind="author", from_id=8, from_name="A. Twice",
                into_id=9, into_name="Anna Twice", kept={}, remarks=[],
            )
        )  # fmt: skip
        return
    ids = []
    for name in ("A. Twice", "Anna Twice"):
        author = Author(name=name, name_key=name, sort_key=name, written_key=name)
        session.add(author)
        await session.flush()
        ids.append(author.id)
    await merging.merge_authors(session, alice, *ids)


BODIES: dict[str, dict[str, Any]] = {
    "preferences": {"theme": "dark"},
    "books.create": {"title": "New", "author": "Somebody"},
    "authors.update": {"name": "Élodie Renamed"},
    "accounts.create": {"username": "newcomer", "email": "new@example.org", "password": PASSWORD},
    "accounts.login": {"username": "bob", "password": PASSWORD},
    "profiles.update": {"about": "Reads at night"},
    "profiles.update_password": {"password": PASSWORD, "new_password": "four words that nobody said"},
    "profiles.remove": {"password": PASSWORD},
    "profiles.create_token": {"name": "Another"},
    "factors.create_codes": {"password": PASSWORD},
    "factors.remove": {"password": PASSWORD},
    "resets.create": {"username": "bob"},
    "resets.update": {"token": BOBS_LINK, "new_password": "four words that nobody said"},
    "lists.create": {"name": "Read it again"},
    "lists.update": {"name": "Read it slowly"},
    "admin.create_invite": {"note": "Dora"},
    "admin_accounts.update": {"role": "admin"},
    "merges.create_author_merge": {"into": 2},
    "merges.create_book_merge": {"into": 2},
}
"""What a route that changes something may be sent; `title` for those that change a book."""


def body_of(route: Route, png: bytes) -> dict[str, Any]:
    """The arguments of a request that this route takes."""
    if hasattr(route.handler, "takes_file"):
        return {"data": png, "headers": {"Content-Type": "image/png"}}
    if hasattr(route.handler, "takes"):
        key = "preferences" if route.rule == "/preferences" else route.endpoint
        body = CODES[key]() if key in CODES else BODIES.get(key, {"title": "Changed"})
        return {"json": body, "headers": ANY_VERSION}
    return {}


def _what_the_app_shows() -> dict[str, Any]:
    return {"code": pyotp.TOTP(SECRET).now()}


def _what_the_new_app_shows() -> dict[str, Any]:
    # Alice is the first account, and hers is the first session.
    offered = secret_to_set_up(b"k" * 32, 1, 0, "1 None", hour_of(clock.now()))
    return {"code": pyotp.TOTP(offered).now(), "password": PASSWORD}


CODES = {"factors.enter_code": _what_the_app_shows, "factors.create": _what_the_new_app_shows}
"""The bodies that depend on the clock."""


def asked(app: Application, route: Route) -> dict[str, str]:
    """What has to stand in the query string, for an address that means nothing without."""
    if route.endpoint == "lists.calendar":
        return {"key": feed_key(cast(bytes, app.secret_key), 1, 1)}
    return {}
