"""What the house is made of, read from the code itself: routes, templates and source files."""

import ast
import inspect
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import bookapp
from bookapp.app import create_app
from bookapp.books import actions
from bookapp.books.commands import AddBook
from bookapp.config import Settings
from bookapp.core.actor import GUEST
from bookapp.core.db import Database

PACKAGE = Path(bookapp.__file__).parent
ROOT = PACKAGE.parents[1]
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations/versions" not in path.as_posix())
TEMPLATES = sorted((PACKAGE / "templates").rglob("*.html"))
SAFE = ("GET", "HEAD", "OPTIONS")
ISBN = "9780306406157"
"""Of no book that is here."""


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    rule: str
    endpoint: str
    handler: Any

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def has_id(self) -> bool:
        return "<id:" in self.rule

    def path(self, number: int = 1) -> str:
        """The address with `number` for every id."""
        rule = self.rule.replace("<name:username>", "alice").replace("<slug:shelf>", "classics")
        return re.sub(r"<id:\w+>", str(number), rule.replace("<isbn:isbn>", ISBN))


# Nothing is opened until the application is started, so this one only tells what there is.
PLAN = create_app(
    Settings(database_url="sqlite:////nowhere/bookapp.db", data_dir=Path("/nowhere"), secret_key="k" * 32)
)


def _routes() -> list[Route]:
    return [
        Route(method, rule.rule, rule.endpoint, PLAN.view_functions[rule.endpoint])
        for rule in PLAN.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


ROUTES = _routes()
READS = [route for route in ROUTES if route.method == "GET"]
WRITES = [route for route in ROUTES if route.method != "GET"]
PAGES = [route for route in READS if hasattr(route.handler, "gives")]


def names(routes: list[Route]) -> list[str]:
    """Ids for a parametrised test."""
    return [route.name for route in routes]


def needs(route: Route, argument: str) -> bool:
    """Whether the handler itself has this argument."""
    return argument in inspect.signature(inspect.unwrap(route.handler)).parameters


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a source file."""
    return ast.parse(path.read_text())


def where(path: Path) -> str:
    """A file's path inside the package."""
    return path.relative_to(PACKAGE).as_posix()


async def fill(db: Database, count: int) -> list[int]:
    """So many books with everything that can hang on one; author 1 wrote half of them."""
    ids = []
    async with db.writing() as session:
        for number in range(count):
            command = AddBook(
                title=f"A tale & <b>number {number}</b>",
                author="Élodie O'Neil" if number % 2 == 0 else f"Author {number}",
                year=1900 + number,
                language="en" if number % 3 else "fr",
                pages=100 + number,
                description='One line.\nAnother "line".',
                subjects=["Fantasy", f"Subject {number % 5}"],
                series="The tales",
                series_position=str(number + 1),
            )
            ids.append(await actions.add_book(session, GUEST, command))
    return ids
