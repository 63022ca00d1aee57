"""Imports go down the stairs: the contracts in pyproject.toml, kept by import-linter."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.plan import PACKAGE, ROOT

LINTER = Path(sys.executable).with_name("lint-imports")


def _lint(source: Path) -> subprocess.CompletedProcess[str]:
    command = [LINTER, "--no-cache", "--config", ROOT / "pyproject.toml"]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "bookapp", ignore=shutil.ignore_patterns("__pycache__", "static"))
    return tmp_path


def test_every_import_goes_down() -> None:
    done = _lint(PACKAGE.parent)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_a_room_without_a_floor_is_noticed(copy: Path) -> None:
    (copy / "bookapp" / "cellar").mkdir()
    (copy / "bookapp" / "cellar" / "__init__.py").touch()
    done = _lint(copy)
    assert done.returncode != 0
    assert "cellar" in done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("core/text.py", "import quart"),
        ("books/queries.py", "import quart"),
        ("books/bulk.py", "import numpy"),
        ("core/text.py", "import bookapp.web.forms"),
        ("books/rules.py", "import bookapp.books.queries"),
        ("search/rules.py", "import bookapp.books.models"),
        ("home/results.py", "import bookapp.system.results"),
    ],
)
def test_a_step_up_is_noticed(copy: Path, file: str, line: str) -> None:
    path = copy / "bookapp" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    assert _lint(copy).returncode != 0


def test_the_serving_process_stays_light() -> None:
    program = "import bookapp.app, sys; print([m for m in ('numpy', 'pandas', 'alembic.command') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "numpy" not in done.stdout
    assert "pandas" not in done.stdout
