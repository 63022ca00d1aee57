"""`bookapp import goodbooks` and `bookapp demo`, as an operator types them."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bookapp.cli import main
from bookapp.transfer.catalogues import read_demo
from bookapp.transfer.cli import demo

EXCERPT = Path(__file__).parent / "goodbooks"


@pytest.fixture
def runner(url: str) -> CliRunner:
    return CliRunner(env={"DATABASE_URL": url})


@pytest.fixture
def fresh(tmp_path: Path) -> CliRunner:
    return CliRunner(env={"DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'bookapp.db'}"})


def put_in(runner: CliRunner, *arguments: str | Path) -> Result:
    return runner.invoke(main, ["import", "goodbooks", *map(str, arguments)])


def test_an_import_tells_what_it_did(runner: CliRunner, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    result = put_in(runner, EXCERPT, "--report", report)
    assert result.exit_code == 0, result.output
    assert "10 of 10 books" in result.output
    assert "10 new, 0 known, 0 changed." in result.output
    assert "line 8, book 7: No author is named" in result.output
    rows = list(csv.DictReader(report.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 10
    assert rows[-1]["reason"].startswith("Another book has this ISBN")


def test_an_import_can_be_repeated(runner: CliRunner) -> None:
    put_in(runner, EXCERPT)
    assert "0 new, 10 known, 0 changed." in put_in(runner, EXCERPT).output


def test_a_machine_without_a_database_gets_one(fresh: CliRunner) -> None:
    assert put_in(fresh, EXCERPT).exit_code == 0


def test_a_directory_without_books_is_refused(fresh: CliRunner, tmp_path: Path) -> None:
    for directory, words in ((tmp_path, "no books.csv"), (tmp_path / "nowhere", "no directory")):
        result = put_in(fresh, directory)
        assert result.exit_code == 1
        assert words in result.output
        assert "Traceback" not in result.output


def test_a_database_that_does_not_answer_is_told_in_a_sentence() -> None:
    runner = CliRunner(env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"})
    result = put_in(runner, EXCERPT)
    assert result.exit_code == 1
    assert "The database does not answer" in result.output


@pytest.mark.parametrize("command", [["import", "goodbooks", str(EXCERPT)], ["demo"], ["migrate"]])
def test_a_wrong_setting_is_told_in_a_sentence(command: list[str]) -> None:
    result = CliRunner(env={"DATABASE_URL": "mysql://somewhere"}).invoke(main, command)
    assert result.exit_code == 2
    assert result.output == "DATABASE_URL must begin with sqlite:// or postgresql://.\n"


def test_stopping_an_import_says_what_is_in(fresh: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bookapp.transfer.catalogues.read_goodbooks", stopped)
    result = put_in(fresh, EXCERPT)
    assert result.exit_code == 1
    assert "Stopped. What is in stays in" in result.output


def test_the_demo_says_what_to_do_next(fresh: CliRunner) -> None:
    result = fresh.invoke(demo)
    assert result.exit_code == 0, result.output
    assert f"{len(read_demo())} new, 0 known" in result.output
    assert "bookapp serve" in result.output
    assert "0 new" in fresh.invoke(demo).output


def test_the_demo_catalogue_is_fit_to_be_shown() -> None:
    records = read_demo()
    assert len(records) >= 60
    assert len({record.key for record in records}) == len(records)
    for record in records:
        assert record.title
        assert record.authors
        assert record.description
        assert record.description.endswith((".", "?"))
        assert 2 <= len(record.subjects) <= 5
        assert record.year is not None
        assert record.year <= 1925
        assert (record.series is None) == (record.series_position is None)


def test_the_real_data_comes_in(fresh: CliRunner, goodbooks: Path, tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    for table in ("books", "tags", "book_tags"):  # its readers are brought in by tests/bench
        for file in goodbooks.glob(f"{table}.csv*"):
            (books / file.name).symlink_to(file)
    result = put_in(fresh, books)
    assert result.exit_code == 0, result.output
    assert "10,000 new, 0 known, 0 changed." in result.output


def test_a_mistyped_setting_is_named_before_anything_is_done(tmp_path: Path) -> None:
    run = CliRunner(env={"BOOKAPP_DATA_DIR": str(tmp_path / "data"), "BOOKAPP_DATADIR": "elsewhere"})
    assert "BOOKAPP_DATADIR is no setting of bookapp; BOOKAPP_DATA_DIR is one." in run.invoke(main, ["migrate"]).stderr
    assert "BOOKAPP_DATADIR" not in run.invoke(main, ["version"]).output
