"""The readers of a data set: they help to recommend, and are nobody."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bookapp.accounts import queries as accounts
from bookapp.accounts.models import Account, ImportedReader
from bookapp.admin import queries as admin
from bookapp.admin.commands import FindAccounts
from bookapp.books.bulk import BookRecord, put_books
from bookapp.books.models import Book, BookSource
from bookapp.books.rating_actions import count_ratings
from bookapp.cli import main
from bookapp.core.actor import GUEST, OPERATOR
from bookapp.core.db import Database
from bookapp.core.errors import NotFound
from bookapp.shelves.models import Entry
from bookapp.transfer.reader_actions import put_readers
from bookapp.transfer.readers import WANT, ReaderRecord, read_readers
from tests.factories import a_book
from tests.people import a_person
from tests.transfer.test_cli import EXCERPT, put_in

SOURCE = "goodbooks"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The excerpt of the books, and some readers of them."""
    for path in EXCERPT.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    rows = "".join(f"{reader},{book},{stars}\n" for reader in (7, 8, 9) for book, stars in ((1, 5), (2, 4)))
    (tmp_path / "ratings_train.csv").write_text(f"user_id,book_id,rating\n{rows}7,3,3\n7,x,3\n7,3,9\n8,99999,5\n")
    (tmp_path / "foldin.csv").write_text("user_id,book_id,rating\n13,1,5\n13,3,2\n")
    (tmp_path / "to_read.csv").write_text("user_id,book_id\n13,1\n13,4\n555,1\n")
    return tmp_path


async def _library(db: Database, count: int = 3) -> list[int]:
    ids = [await a_book(db, title=f"Book {n}") for n in range(count)]
    async with db.writing() as session:
        session.add_all(BookSource(source=SOURCE, key=str(n + 1), book_id=book) for n, book in enumerate(ids))
    return ids


async def _put(db: Database, *records: ReaderRecord) -> tuple[int, int, int, int, int, int]:
    counts = await put_readers(db, SOURCE, records, lambda _more: None)
    return counts.readers, counts.new, counts.added, counts.changed, counts.known, counts.absent


async def _entries(db: Database) -> set[tuple[str, int, str | None, int | None, int]]:
    columns = select(Account.username, Entry.book_id, Entry.state, Entry.quarters, Entry.seen_by)
    async with db.reading() as session:
        return {tuple(row) for row in await session.execute(columns.join(Account, Account.id == Entry.account_id))}


def test_tables_become_readers_with_their_books(directory: Path) -> None:
    found = read_readers(directory)
    records = {record.key: record for record in found.records()}
    assert set(records) == {"7", "8", "9", "13"}
    assert records["7"] == ReaderRecord("7", "train", {"1": 5, "2": 4, "3": 3})
    assert records["13"] == ReaderRecord("13", "foldin", {"1": 5, "3": 2, "4": WANT})
    assert found.damaged == {"ratings_train.csv": 2}


def test_without_ratings_there_are_no_readers() -> None:
    assert list(read_readers(EXCERPT).records()) == []


async def test_ratings_become_entries_that_nobody_sees(db: Database) -> None:
    first, second, third = await _library(db)
    told = await _put(db, ReaderRecord("13", "foldin", {"1": 5, "2": 3, "3": WANT, "4": 5}))
    assert told == (1, 1, 3, 0, 0, 1)
    assert await _entries(db) == {
        ("goodbooks-13", first, "read", 20, 0),
        ("goodbooks-13", second, "read", 12, 0),
        ("goodbooks-13", third, "want", None, 0),
    }
    async with db.reading() as session:
        reader = (await session.execute(select(ImportedReader))).scalar_one()
        assert (reader.source, reader.key, reader.group) == (SOURCE, "13", "foldin")
        assert (await session.execute(select(Book.here_count).where(Book.id == first))).scalar_one() == 0


async def test_a_second_time_changes_only_what_the_data_set_changed(db: Database) -> None:
    await _library(db)
    await _put(db, ReaderRecord("13", "train", {"1": 5, "2": WANT}))
    before = await _entries(db)
    assert await _put(db, ReaderRecord("13", "train", {"1": 5, "2": WANT})) == (1, 0, 0, 0, 2, 0)
    assert await _entries(db) == before
    assert await _put(db, ReaderRecord("13", "foldin", {"1": 4, "2": 3})) == (1, 0, 0, 2, 0, 0)
    assert {(state, quarters) for _name, _book, state, quarters, _seen in await _entries(db)} == {
        ("read", 16),
        ("read", 12),
    }
    async with db.reading() as session:
        assert list(await session.scalars(select(ImportedReader.group))) == ["foldin"]


async def test_somebody_may_be_called_like_a_reader(db: Database) -> None:
    await _library(db)
    await a_person(db, "goodbooks-13")
    assert await _put(db, ReaderRecord("13", "train", {"1": 5})) == (1, 1, 1, 0, 0, 0)
    assert {name for name, *_rest in await _entries(db)} == {"goodbo-13-2"}


async def test_readers_claim_nothing_and_are_nobody(db: Database) -> None:
    await _library(db)
    await _put(db, ReaderRecord("13", "train", {"1": 5}))
    async with db.reading() as session:
        assert not await accounts.is_claimed(session)
        with pytest.raises(NotFound):
            await accounts.show_account(session, GUEST, "goodbooks-13")
    dora = await a_person(db, "dora")
    async with db.reading() as session:
        assert await accounts.is_claimed(session)
        shown = await admin.list_accounts(session, dora, FindAccounts())
        assert ([line.username for line in shown.items], shown.total) == (["dora"], 1)
        overview = await admin.show_overview(session)
        assert (overview.accounts, overview.readers) == (1, 1)
        theirs = await session.scalar(select(ImportedReader.account_id))
        with pytest.raises(NotFound):
            await admin.show_account(session, dora, theirs or 0)


@pytest.fixture
def runner(url: str) -> CliRunner:
    return CliRunner(env={"DATABASE_URL": url})


def _recommender(runner: CliRunner, *arguments: str | Path) -> Result:
    return runner.invoke(main, ["recommender", *map(str, arguments)])


def test_from_a_directory_to_recommendations(runner: CliRunner, directory: Path, tmp_path: Path) -> None:
    told = put_in(runner, directory).output
    assert "4 readers, 4 of them new" in told
    assert "ratings_train.csv: 2 rows could not be read" in told
    assert "1 ratings are of books that are not here" in told
    assert "0 of them new" in put_in(runner, directory).output
    told = _recommender(runner, "fit").output
    assert "9 ratings of 4 readers, 10 books" in told, told
    assert "MB at most." in told
    assert "Nothing changed." in _recommender(runner, "refresh").output
    out = tmp_path / "foldin.jsonl"
    assert "1 reader." in _recommender(runner, "export", "--users", "foldin", out).output
    (line,) = map(json.loads, out.read_text().splitlines())
    assert line["user_id"] == 13
    assert set(line["items"]) == {2, 5, 6, 7, 8, 9, 14}
    assert line["items"][0] == 2
    assert line["reasons"]["2"] == [1]


def test_a_group_that_nobody_is_in_is_told_in_a_sentence(runner: CliRunner, tmp_path: Path) -> None:
    result = _recommender(runner, "export", "--users", "friends", tmp_path / "out")
    assert (result.exit_code, "called “friends”" in result.output) == (1, True)


def test_a_fit_of_nothing_is_told_in_a_sentence(runner: CliRunner) -> None:
    result = _recommender(runner, "fit")
    assert (result.exit_code, "nothing to fit yet" in result.output) == (1, True)


async def test_what_the_world_rated_is_brought_up_to_date_beside_the_ratings_here(db: Database) -> None:
    emma = BookRecord(key="1", title="Emma", authors=("Jane Austen",), rating_average=4.0, rating_count=50)

    async def told(record: BookRecord) -> tuple[int, int]:
        async with db.writing() as session:
            counts = await put_books(session, OPERATOR, SOURCE, [record])
        return counts.known, counts.changed

    await told(emma)
    async with db.writing() as session:
        book_id = (await session.execute(select(Book.id))).scalar_one()
        await count_ratings(session, book_id, 12, 1)
    assert await told(emma) == (1, 0)
    assert await told(replace(emma, rating_average=4.5, rating_count=59)) == (0, 1)
    async with db.reading() as session:
        book = (await session.execute(select(Book))).scalar_one()
    assert (book.world_average, book.world_count, book.here_count) == (4.5, 59, 1)
    assert (book.rating_average, book.rating_count) == (pytest.approx((4.5 * 59 + 3) / 60), 60)
