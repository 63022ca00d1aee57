"""Who comes: what the doorkeeper of `web.auth` asks this room."""

from contextlib import suppress

from quart import g

from bookapp.accounts import actions, queries, rules, token_actions
from bookapp.core import clock
from bookapp.core.actor import GUEST, Actor
from bookapp.core.errors import AppError, SignInNeeded
from bookapp.core.sql import AnyColumn
from bookapp.web import session_cookie
from bookapp.web.db import database
from bookapp.web.facts import Facts
from bookapp.web.rates import Leases


class People:
    """Remembers what need not be asked for each request. `waiting` counts what waits for an `Account`."""

    def __init__(self, waiting: AnyColumn | None = None) -> None:
        self._leases = Leases()
        self._waiting = waiting
        self._is_claimed = False
        self._unclaimed_at: int | None = None

    async def load_actor(self, seen: Facts) -> Actor:
        """The person whose token or cookie came along. Raises SignInNeeded for a token that is not valid."""
        scheme, _, token = seen.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._by_token(token.strip())
        cookie = session_cookie.given()
        return await self._by_session(cookie) if cookie else GUEST

    async def is_claimed(self) -> bool:
        """Whether somebody has an account here. That somebody has stays true for ever."""
        version = database().version.current()
        if self._is_claimed or (version is not None and version == self._unclaimed_at):
            return self._is_claimed
        async with database().reading() as db:
            self._is_claimed = await queries.is_claimed(db)
        self._unclaimed_at = version  # the first account moves the catalogue's version
        return self._is_claimed

    async def _by_token(self, token: str) -> Actor:
        async with database().reading() as db:
            found = await queries.find_by_token(db, token) if token.startswith(rules.KEY_PREFIX) else None
        if found is None:
            raise SignInNeeded("That token is not valid, or no longer.", by="token")
        actor, used_at = found
        g.actor = actor  # a refusal below is about this person's limit
        g.rate = await self._leases.take(f"token {actor.token_id}")
        if used_at is None or clock.now() - used_at > rules.SEEN_EVERY:
            with suppress(AppError):  # a busy database must not keep anybody out
                async with database().writing() as db:
                    await token_actions.see_token(db, actor)
        return actor

    async def _by_session(self, cookie: str) -> Actor:
        async with database().reading() as db:
            found = await queries.find_by_session(db, cookie, self._waiting)
        if found is None:
            session_cookie.forget()
            return GUEST
        actor, seen_at = found
        if clock.now() - seen_at > rules.SEEN_EVERY:
            with suppress(AppError):
                async with database().writing() as db:
                    await actions.see_session(db, actor)
        return actor
