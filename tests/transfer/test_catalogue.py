"""The catalogue goes out as JSON lines and comes back equal, as often as one likes."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update

from bookapp.books import export
from bookapp.books.commands import FindBooks
from bookapp.books.edition_actions import EditionTold, put_editions
from bookapp.books.models import Book, BookChange, Edition
from bookapp.cli import main
from bookapp.core.actor import OPERATOR
from bookapp.core.db import Database
from bookapp.transfer import catalogue_actions, catalogues
from bookapp.transfer.actions import put_in
from bookapp.transfer.catalogue_lines import LONGEST, Line, read_lines
from bookapp.transfer.goodbooks import Problem
from bookapp.transfer.tables import Unreadable
from tests.clients import Browser
from tests.conftest import copies_of
from tests.databases import PostgresCopies, SqliteCopies
from tests.factories import a_book, a_rating

FULL = {
    "title": "Mansfield Park",
    "isbn": "9780141439808",
    "year": 1814,
    "language": "en",
    "pages": 480,
    "description": "Fanny Price\nat her uncle's.",
    "subjects": ["classics", "love"],
    "series": "Novels",
    "series_position": "3",
}


async def _lines(db: Database, **question: Any) -> list[dict[str, Any]]:
    text = b"".join([piece async for piece in export.lines(db, FindBooks(**question))]).decode()
    return [json.loads(line) for line in text.splitlines()]


async def _put(db: Database, path: Path) -> tuple[tuple[int, int, int], list[Problem]]:
    counts, problems = await catalogue_actions.put_catalogue(db, OPERATOR, read_lines(path), lambda _more: None)
    return (counts.new, counts.known, counts.changed), problems


def _without_ids(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


@pytest.fixture
async def another(request: pytest.FixtureRequest) -> Any:
    """Another place of the same kind, empty."""
    kind = request.node.callspec.params["url"]
    copies: SqliteCopies | PostgresCopies = copies_of(request, kind)
    fresh = await copies.fresh()
    database = Database(fresh)
    yield database
    await database.close()
    await copies.drop(fresh)


@pytest.fixture
async def full(db: Database, tmp_path: Path) -> Path:
    """The file of a catalogue with everything in it: the demo books, one whole book, and two of the same name."""
    await put_in(db, OPERATOR, "demo", catalogues.read_demo(), lambda _more: None)
    book = await a_book(db, **FULL)
    await a_rating(db, book, 4.2, 1000)
    async with db.writing() as session:
        told = {"publisher": "Penguin", "year": 2003, "language": "en", "pages": 507, "format": "Paperback"}
        await put_editions(session, [
            EditionTold(isbn="9780141439808", book_id=book, **told),
            EditionTold(isbn="9780199535538", book_id=book),
        ])  # fmt: skip
    for _ in range(2):
        await a_book(db, title="Poems", author="Emily Brontë")
    gone = await a_book(db, title="Gone", author="Nobody")
    async with db.writing() as session:
        await session.execute(update(Book).where(Book.id == gone).values(deleted_at=func.now()))
    path = tmp_path / "books.jsonl"
    path.write_bytes(b"".join([piece async for piece in export.lines(db, FindBooks())]))
    return path


async def test_a_catalogue_comes_back_equal(
    db: Database, another: Database, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_actions, "STEP", 7)
    there = await _lines(db)
    assert len(there) > 70
    assert (await _put(another, full)) == ((len(there), 0, 0), [])
    assert _without_ids(await _lines(another)) == _without_ids(there)
    whole = next(row for row in there if row["title"] == "Mansfield Park")
    assert {name: whole[name] for name in ("year", "pages", "series_position", "rating_count", "description")} == {
        "year": 1814, "pages": 480, "series_position": "3", "rating_count": 1000,
        "description": "Fanny Price\nat her uncle's.",
    }  # fmt: skip
    assert [one["isbn"] for one in whole["editions"]] == ["9780141439808", "9780199535538"]
    assert "Gone" not in json.dumps(there)


async def test_putting_it_in_again_changes_nothing_here_or_there(db: Database, another: Database, full: Path) -> None:
    await _put(another, full)
    async with another.reading() as session:
        changes = await session.scalar(select(func.count()).select_from(BookChange))
    for place in (another, db):  # where it comes from, its books are known without ever having been brought
        before = await _lines(place)
        (new, known, changed), _problems = await _put(place, full)
        assert (new, known, changed) == (0, len(before), 0)
        assert _without_ids(await _lines(place)) == _without_ids(before)
    async with another.reading() as session:
        assert await session.scalar(select(func.count()).select_from(BookChange)) == changes


async def test_books_that_are_here_are_found_again(db: Database, tmp_path: Path) -> None:
    by_isbn = await a_book(db, title="Persuasion", author="Jane Austen", isbn="9780141439686")
    by_name = await a_book(db, title="Emma", author="Jane Austen")
    path = tmp_path / "others.jsonl"
    lines = [
        {"key": "a", "title": "Persuasion: a novel", "authors": ["Jane Austen"], "isbn": "9780141439686", "year": 1817},
        {"key": "b", "title": "Emma", "authors": ["Jane Austen"], "year": 1815},
        {"key": "c", "title": "Emma", "authors": ["Somebody Else"]},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    counts, _problems = await _put(db, path)
    assert counts == (1, 0, 2)
    rows = {row["id"]: row for row in await _lines(db)}
    assert (rows[by_isbn]["year"], rows[by_name]["year"]) == (1817, 1815)
    assert len(rows) == 3


async def test_a_wrong_line_is_told_and_the_others_come_in(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    good = '{"title": "Emma", "authors": ["Jane Austen"]}'
    wrong = [
        "[1]", "{", '{"title": "Emma"}', '{"title": "", "authors": ["A"]}', '{"title": "\\u0000", "authors": ["A"]}',
        '{"title": "Emma", "authors": ["A"], "isbn": "9780000000000"}', "[" * 100_000,
        '{"title": "Emma", "authors": ["A"], "rating_average": NaN}',
    ]  # fmt: skip
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join([*wrong, good, "", '{"title": "\\ud800", "authors": ["A"]}']).encode())
    counts, problems = await _put(db, path)
    assert counts == (1, 0, 0)
    assert [problem.line for problem in problems] == [*range(1, len(wrong) + 1), len(wrong) + 3]
    path.write_bytes(b"x" * (LONGEST + 1))
    with pytest.raises(Unreadable, match="longer than"):
        list(read_lines(path))


async def test_a_line_without_a_key_is_the_same_book_each_time(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"title": "Emma", "authors": ["Jane Austen"], "year": 1815}\n')
    assert (await _put(db, path))[0] == (1, 0, 0)
    path.write_text('{"title": "Emma", "authors": ["Jane Austen"], "year": 1816}\n')
    assert (await _put(db, path))[0] == (0, 0, 1)
    (found,) = [one for one in read_lines(path) if isinstance(one, Line)]
    assert found.record.year == 1816


async def test_the_list_narrows_the_file(client: Browser, db: Database) -> None:
    await a_book(db, **FULL)
    await a_book(db)
    answer = await client.get("/books.jsonl", "page")
    assert answer.headers["Content-Type"].startswith("application/jsonl")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="books.jsonl"'
    assert len(answer.text.splitlines()) == 2
    assert [
        json.loads(line)["title"] for line in (await client.get("/books.jsonl?subject=love")).text.splitlines()
    ] == ["Mansfield Park"]
    assert [json.loads(line)["title"] for line in (await client.get("/books.jsonl?q=emma")).text.splitlines()] == [
        "Emma"
    ]
    assert (await client.get("/books.jsonl?q=zzz")).text == ""


def test_an_operator_writes_and_takes_in(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = CliRunner(env={"DATABASE_URL": url})
    ask: Callable[..., Result] = lambda *words: runner.invoke(main, [*map(str, words)])  # noqa: E731  # short here
    assert ask("demo").exit_code == 0
    table, lines = tmp_path / "books.csv", tmp_path / "books.jsonl"
    told = ask("export", "catalogue", table)
    assert told.exit_code == 0, told.output
    count = len(list(csv.DictReader(io.StringIO(table.read_text()))))
    assert f"{count} books written into {table}." in told.output
    assert ask("export", "catalogue", "--format", "jsonl", lines).exit_code == 0
    assert lines.stat().st_mode & 0o077 == 0
    told = ask("import", lines)
    assert told.exit_code == 0, told.output
    assert f"0 new, {count} known, 0 changed." in told.output
    elsewhere = CliRunner(env={"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"})
    told = elsewhere.invoke(main, ["import", "catalogue", str(lines), "--report", str(tmp_path / "report.csv")])
    assert f"{count} new, 0 known, 0 changed." in told.output
    assert "Everything could be read." in told.output
    assert ask("import", tmp_path / "nowhere.jsonl").exit_code == 2
    other = ask("import", table)
    assert (other.exit_code, "--user NAME" in other.output) == (1, True), other.output
    assert ask("export", "catalogue", tmp_path / "no" / "where.csv").exit_code == 1
    assert {path.name for path in tmp_path.iterdir()} >= {"books.csv", "books.jsonl"}
    assert not list(tmp_path.glob(".*"))


async def test_editions_of_a_thousand_isbns_come_along(db: Database) -> None:
    book = await a_book(db)
    isbns = [str(9780000000002 + 10 * number) for number in range(1000)]
    async with db.writing() as session:
        await put_editions(session, [EditionTold(isbn=isbn, book_id=book) for isbn in isbns])
        assert await session.scalar(select(func.count()).select_from(Edition)) == 1000
    (row,) = await _lines(db)
    assert len(row["editions"]) == 1000
