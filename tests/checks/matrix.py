"""S13, S14: every route as every role, every change from every site, on both databases: no surprise."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bookapp.app import create_app
from bookapp.config import Settings
from tests import postgres
from tests.checks.client import figure
from tests.databases import PostgresCopies, SqliteCopies
from tests.house import matrix


async def ask(copies: SqliteCopies | PostgresCopies, place: Path) -> tuple[matrix.Count, matrix.Count]:
    """Both matrices, each on a fresh database."""
    found = []
    for question in (matrix.ask_everybody, lambda app: matrix.ask_from_everywhere(app, thorough=True)):
        url = await copies.fresh()
        app = create_app(Settings(database_url=url, data_dir=place / "data", secret_key="k" * 32, log_level="error"))
        async with app.test_app():
            found.append(await question(app))
        await copies.drop(url)
    return found[0], found[1]


def judge(name: str, make: Callable[[], SqliteCopies | PostgresCopies], place: Path) -> bool:
    who, where = asyncio.run(ask(make(), place))
    for surprise in (who.surprises + where.surprises)[:20]:
        print(f"     {name}: {surprise}", flush=True)
    surprises = len(who.surprises) + len(where.surprises)
    return figure(f"matrix {name}", surprises == 0, who=who.cells, where=where.cells, surprises=surprises)


def run(place: Path) -> bool:
    good = judge("sqlite", lambda: SqliteCopies(place), place)
    with postgres.server() as base:
        if base is None:
            return figure("matrix postgresql", False, missing="PostgreSQL")
        copies = PostgresCopies(base)
        try:
            return judge("postgresql", lambda: copies, place) and good
        finally:
            copies.close()
