"""The two doors to the database, inside a request."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import cast

from quart import current_app, g
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.db import Database
from bookapp.core.events import changes_of


def database() -> Database:
    """This application's database."""
    return cast(Database, current_app.extensions["db"])


def reading() -> AbstractAsyncContextManager[AsyncSession]:
    """A session for SELECT."""
    return database().reading()


@asynccontextmanager
async def writing() -> AsyncIterator[AsyncSession]:
    """A session in a transaction that commits on leaving; inside `one_transaction` it is that one."""
    outer: AsyncSession | None = g.get("transaction")
    if outer is not None:
        yield outer
        g.changed = changes_of(outer)
        return
    async with database().writing() as db:
        yield db
    g.changed = changes_of(db)


@asynccontextmanager
async def one_transaction() -> AsyncIterator[AsyncSession]:
    """Put everything that this request writes into one transaction."""
    async with database().writing() as db:
        g.transaction = db
        try:
            yield db
        finally:
            g.transaction = None
