"""Taste in source files, turned into red or green."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookapp.config import Settings
from tests.house.plan import PACKAGE, ROOT, SOURCES, tree, where

LONGEST_FILE, LONGEST_FUNCTION = 300, 40
SPEAKS_SQL = re.compile(
    r"core/.*|web/(idempotency|models|rates)\.py|migrations/.*"
    r"|(\w+)/(\w+_)?(actions|queries|models)\.py|(\w+)/housekeeping\.py"
    r"|books/(similar|lines|finding|facets|counts|names|export|recent|bulk.*|.*merging)\.py"
    r"|search/(engine|engines|sqlite|postgres|relevance)\.py"
    r"|system/(check|copies|pgtools|restore|backup)\.py|cli\.py|config\.py"
)
STATEMENTS = {"select", "insert", "update", "delete", "text"}


@pytest.fixture(scope="module", autouse=True)
def _forget_the_trees() -> Iterator[None]:
    """They are half a million objects, which every later garbage collection would walk through."""
    yield
    tree.cache_clear()


def _every(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=where)


@_every(SOURCES)
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < LONGEST_FILE


@_every(SOURCES)
def test_a_function_is_short(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            first = node.body[0].lineno
            assert node.end_lineno - first < LONGEST_FUNCTION, f"{node.name} is too long"


@_every(SOURCES)
def test_a_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)) or path.name == "env.py"


@_every([path for path in SOURCES if not where(path).startswith("core/")])
def test_only_core_commits(path: Path) -> None:
    used = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    names = {alias.name for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) for alias in node.names}
    # A backup copies a whole SQLite file through the driver, without a session.
    assert not (used & {"commit", "rollback"}) or where(path) in ("system/copies.py", "system/restore.py")
    assert not (names & {"sessionmaker", "async_sessionmaker"})


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            yield from (alias.name for alias in node.names)


@_every([path for path in SOURCES if not SPEAKS_SQL.fullmatch(where(path))])
def test_sql_lives_in_queries_and_actions(path: Path) -> None:
    assert not (set(_imported(path)) & STATEMENTS)


@_every([path for path in SOURCES if where(path).endswith("routes.py")])
def test_a_route_asks_and_acts_but_knows_no_tables(path: Path) -> None:
    modules = {node.module or "" for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)}
    assert not any(module.endswith("models") or module.startswith("sqlalchemy") for module in modules)


@_every([path for path in SOURCES if path.name == "results.py"])
def test_results_are_frozen(path: Path) -> None:
    for node in tree(path).body:
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            written = [ast.unparse(d) for d in node.decorator_list]
            assert bases & {"TypedDict", "NamedTuple"} or any("frozen=True" in d and "slots=True" in d for d in written)


@_every(SOURCES)
def test_nothing_is_left_to_do(path: Path) -> None:
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b", path.read_text())


@_every(SOURCES)
def test_only_the_clock_looks_at_the_clock(path: Path) -> None:
    if where(path) == "core/clock.py":
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {
                ("datetime", "now"),
                ("datetime", "utcnow"),
                ("date", "today"),
                ("time", "time"),
            }


@_every(sorted((PACKAGE / "web").glob("*.py")))
def test_only_respond_knows_htmx(path: Path) -> None:
    if path.name in ("respond.py", "negotiate.py", "preferences.py", "idempotency.py", "flash.py"):
        return
    assert not re.search(r'"HX-', path.read_text())


def _names() -> list[str]:
    found = []
    for field in Settings.model_fields.values():
        if field.alias:
            found.append(field.alias)
        else:
            found += [str(choice) for choice in field.validation_alias.choices]  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize("name", _names())
def test_every_setting_is_in_the_readmes_table(name: str) -> None:
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("|")]
    assert any(f"`{name}`" in row for row in rows), f"{name} is not in README.md's table"
