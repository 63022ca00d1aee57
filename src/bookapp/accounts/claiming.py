"""An instance in which nobody has an account yet: what its operator is told."""

import asyncio

from bookapp.accounts import queries, rules
from bookapp.config import Settings
from bookapp.core.db import Database


def is_claimed(settings: Settings) -> bool:
    """Whether anybody has an account. Raises what a database raises that does not answer."""

    async def ask() -> bool:
        database = Database(settings.database_url)
        try:
            async with database.reading() as db:
                return await queries.is_claimed(db)
        finally:
            await database.close()

    return asyncio.run(ask())


def invitation(settings: Settings) -> str:
    """How the first account is made, with the code that it takes from another machine."""
    return (
        f"Nobody has an account yet. Whoever registers first, at {settings.address}/register, administers;\n"
        f"from another machine that takes the set-up code {rules.setup_code(settings.secret())}"
    )
