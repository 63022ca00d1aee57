"""`bookapp import FILE --user NAME`, as an operator types it."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bookapp.cli import main
from tests.imports.brought import DUNE, EMMA, goodreads
from tests.people import PASSWORD


@pytest.fixture
def runner(tmp_path: Path) -> CliRunner:
    run = CliRunner(env={"BOOKAPP_DATA_DIR": str(tmp_path / "data"), "BOOKAPP_LOG_LEVEL": "error"})
    made = run.invoke(
        main, ["create-admin", "--name", "alice", "--email", "a@example.org", "--password-stdin"], input=PASSWORD
    )
    assert made.exit_code == 0, made.output
    return run


def bring(runner: CliRunner, tmp_path: Path, *words: str) -> Result:
    file = tmp_path / "mine.csv"
    file.write_bytes(goodreads(EMMA, DUNE, {"Book Id": "1", "Title": " ", "Author": "Nobody"}))
    return runner.invoke(main, ["import", str(file), "--user", "alice", *words])


def test_somebodys_books_come_in_and_again_change_nothing(runner: CliRunner, tmp_path: Path) -> None:
    looked = bring(runner, tmp_path, "--dry-run")
    assert looked.exit_code == 0, looked.output
    assert "2 new, 0 known, 0 changed, 1 failed, 0 doubtful. Nothing was put in." in looked.output
    errors = tmp_path / "errors.csv"
    assert "2 new, 0 known" in bring(runner, tmp_path, "--errors", str(errors)).output
    assert [row["Author"] for row in csv.DictReader(errors.read_text(encoding="utf-8-sig").splitlines())] == ["Nobody"]
    assert "0 new, 2 known" in bring(runner, tmp_path).output


def test_what_cannot_be_is_told_in_a_sentence(runner: CliRunner, tmp_path: Path) -> None:
    other = tmp_path / "phones.csv"
    other.write_text("Name,Phone\nBob,1\n")
    for words in ([str(other), "--user", "alice"], [str(other), "--user=nobody"]):
        result = runner.invoke(main, ["import", *words])
        assert result.exit_code == 1
        assert "Traceback" not in result.output
    absent = runner.invoke(main, ["import", str(tmp_path / "mine.csv"), "--user", "bob"])
    assert absent.exit_code in (1, 2)
    bring(runner, tmp_path, "--dry-run")
    nobody = runner.invoke(main, ["import", str(tmp_path / "mine.csv"), "--user", "bob"])
    assert nobody.output == "Nobody here is called bob.\n"
    assert len(list((tmp_path / "data" / "imports").iterdir())) == 1, "of a look that waits, and of nothing else"
