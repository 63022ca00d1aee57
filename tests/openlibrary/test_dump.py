"""A dump of Open Library becomes an offline catalogue: once, whatever stops it, and with what was here before."""

import asyncio
import csv
import gzip
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from bookapp.books.bulk import BookRecord, put_books
from bookapp.books.models import Book, BookChange, BookSource, Edition
from bookapp.books.results import BookLine, BookShown
from bookapp.cli import main
from bookapp.core.actor import OPERATOR
from bookapp.core.db import Database
from bookapp.openlibrary import cover_actions, dump_actions, dump_lines, dump_reading
from bookapp.openlibrary.dump_facts import subjects_of, year_of
from bookapp.openlibrary.models import OutsideCover
from bookapp.openlibrary.workfile import WorkFile
from bookapp.transfer import openlibrary_cli
from bookapp.transfer.openlibrary_cli import Pace
from tests.books.shelf import ids, listed
from tests.books.test_actions import counts_are_right, edit, remove, shown
from tests.factories import a_book
from tests.openlibrary.dump import (
    COVERS,
    EMMA,
    EMMA_TOO,
    GERMAN,
    STRANGE,
    author,
    edition,
    packed,
    redirect,
    small_dump,
    work,
)


class Place:
    """An instance, and a dump beside it."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.data = folder / "data"

    async def put(self, *arguments: str | Path) -> Result:
        """Run the command."""
        runner = CliRunner(env={"DATABASE_URL": self.db.url, "BOOKAPP_DATA_DIR": str(self.data)})
        return await asyncio.to_thread(runner.invoke, main, ["import", "openlibrary", *map(str, arguments)])

    async def put_well(self, *arguments: str | Path) -> str:
        """Run it, and it ends well."""
        result = await self.put(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def dump(self, *lines: bytes, name: str = "dump.txt.gz") -> Path:
        """Write a dump of these lines."""
        return packed(self.folder / name, lines)

    async def titles(self) -> set[str]:
        """What is here."""
        return {book.title for book in (await listed(self.db, limit=100)).books}

    async def book(self, key: str) -> BookShown:
        """The book of a work."""
        async with self.db.reading() as session:
            id_ = await session.scalar(select(BookSource.book_id).where(BookSource.key == key))
        assert id_ is not None, key
        return await shown(self.db, id_)

    async def covers(self) -> dict[str, int | None]:
        """The picture that each work has at Open Library."""
        async with self.db.reading() as session:
            told = select(BookSource.key, OutsideCover.cover_id)
            rows = await session.execute(told.join(OutsideCover, OutsideCover.book_id == BookSource.book_id))
            return {row.key: row.cover_id for row in rows}

    async def rows(self) -> dict[str, int]:
        """How many rows there are, which a second run must not change."""
        async with self.db.reading() as session:
            counts = {t.__tablename__: await session.scalar(select(func.count()).select_from(t)) or 0 for t in TABLES}
            counts["versions"] = await session.scalar(select(func.sum(Book.version))) or 0
        return counts


TABLES: tuple[Any, ...] = (Book, BookSource, BookChange, Edition, OutsideCover)


@pytest.fixture
def place(db: Database, tmp_path: Path) -> Place:
    return Place(db, tmp_path)


def authors(book: BookLine) -> list[str]:
    return [one.name for one in book.authors]


async def test_works_become_books_with_the_facts_of_their_best_edition(place: Place) -> None:
    said = await place.put_well(small_dump(place.folder / "dump"))
    assert "7 new, 0 known, 0 changed; 0 were here already." in said
    emma = await place.book("OL10W")
    assert (emma.title, authors(emma), emma.year, emma.language, emma.pages) == (
        "Emma",
        ["Jane Austen"],
        1815,
        "en",
        474,
    )
    assert (emma.isbn, emma.description, emma.created_by) == (EMMA, "A matchmaker.\n\nIn Highbury.", "Open Library")
    assert emma.subjects[0] == "fiction"
    assert {"romance", "Social life"} < set(emma.subjects)
    assert {"accessible book", "general"}.isdisjoint(name.casefold() for name in emma.subjects)
    assert (emma.rating.average, emma.rating.count) == (4.5, 2)
    assert {(e.isbn, e.year, e.language, e.pages, e.publisher, e.format) for e in emma.editions} == {
        (EMMA, 2003, "en", 474, "Penguin", "Paperback"),
        (EMMA_TOO, 1998, "en", 412, None, None),
        (GERMAN, None, "de", None, None, None),
    }
    assert not place.data.joinpath("openlibrary.work").exists()
    await counts_are_right(place.db)


async def test_what_is_odd_in_a_dump_is_read_as_far_as_it_goes(place: Place) -> None:
    await place.put_well(small_dump(place.folder / "dump"))
    titles = await place.titles()
    assert {"Emma", "Persuasion", "Old ways", "By nobody", "Lost and found", "The newest revision"} < titles
    assert len(titles) == 7
    assert "x" * 499 + "…" in titles
    assert authors(await place.book("OL12W")) == ["Khālid Muḥammad"]
    assert authors(await place.book("OL13W")) == ["Unknown"]
    assert authors(await place.book("OL15W")) == ["Somebody Else"]
    persuasion = await place.book("OL11W")
    assert (persuasion.isbn, persuasion.language, persuasion.year) == (STRANGE, "fr", None)
    assert await ids(place.db, q="9783161484100") == set(), "an edition of a work that is not in the dump"


async def test_damaged_lines_are_told_with_their_numbers(place: Place) -> None:
    report = place.folder / "report.csv"
    said = await place.put_well(small_dump(place.folder / "dump"), "--report", report)
    assert "9 lines could not be read and were left out:" in said
    assert "ol_dump_works.txt.gz, line 5, /works/OL14W: The work has no title." in said
    rows = list(csv.DictReader(report.read_text(encoding="utf-8").splitlines()))
    where = {(row["file"].split(".")[0].removeprefix("ol_dump_"), int(row["line"])) for row in rows}
    assert where == {("authors", 5), ("ratings", 3), *(("works", n) for n in (5, 16, 17, 18, 19, 21, 22))}


async def test_a_dump_can_be_put_in_again_and_changes_nothing(place: Place) -> None:
    dump = small_dump(place.folder / "dump")
    await place.put_well(dump)
    before = await place.rows()
    assert "0 new, 7 known, 0 changed; 0 were here already." in await place.put_well(dump)
    assert await place.rows() == before


async def test_a_book_knows_the_picture_of_its_edition_or_of_the_work(place: Place) -> None:
    await place.put_well(small_dump(place.folder / "dump"))
    assert await place.covers() == {"OL10W": 6, "OL11W": 5}


async def test_with_the_list_of_covers_the_first_that_will_do_is_chosen(place: Place) -> None:
    dump = small_dump(place.folder / "dump")
    packed(dump / "ol_dump_covers_metadata.txt.gz", COVERS)
    said = await place.put_well(dump)
    assert "10 lines could not be read" in said
    assert "ol_dump_covers_metadata.txt.gz, line 6, 99999999999999999999: The number of the cover is none." in said
    assert await place.covers() == {"OL10W": 7, "OL11W": 5}
    before = await place.rows()
    await place.put_well(dump)
    assert await place.rows() == before


async def test_a_picture_that_is_not_in_the_list_is_passed_over(place: Place) -> None:
    emma = (
        author(1, "Jane Austen"), work(10, "Emma", 1, covers=[8]), work(11, "Persuasion", 1, covers=[8, 9]),
        edition(30, 10, EMMA, language="eng", number_of_pages=9), edition(31, 10, language="eng", covers=[7]),
        edition(32, 10, language="ger", covers=[1]),
    )  # fmt: skip
    await place.put_well(place.dump(*emma, *COVERS[:5]))
    assert await place.covers() == {"OL10W": 7}


async def test_a_newer_dump_tells_another_picture_where_the_first_came_to_nothing(place: Place) -> None:
    await place.put_well(place.dump(work(10, "Emma", covers=[1]), work(11, "Persuasion", covers=[2])))
    nothing, unasked = (await place.book("OL10W")).id, (await place.book("OL11W")).id
    async with place.db.writing() as session:
        await cover_actions.settle(session, nothing, "none")
    newer = place.dump(work(10, "Emma", covers=[3]), work(11, "Persuasion", covers=[4]), name="new.txt.gz")
    await place.put_well(newer)
    assert await place.covers() == {"OL10W": 3, "OL11W": 2}
    async with place.db.reading() as session:
        rows = {row.book_id: row.tried_at for row in await session.scalars(select(OutsideCover))}
    assert rows == {nothing: None, unasked: None}


async def test_a_newer_dump_changes_what_nobody_edited(place: Place) -> None:
    old = place.dump(author(1, "Jane Austen"), work(10, "Ema", 1), work(11, "Persuasion", 1), work(12, "Sanditon", 1))
    await place.put_well(old)
    await edit(place.db, (await place.book("OL11W")).id, title="Persuasion!")
    await remove(place.db, (await place.book("OL12W")).id)
    new = place.dump(
        author(1, "Jane Austen"), work(10, "Emma", 1, first_publish_date="1815"), work(11, "Persuasions", 1),
        work(12, "Sanditon", 1), name="new.txt.gz",
    )  # fmt: skip
    assert "0 new, 3 known, 0 changed" in await place.put_well(old)
    assert "0 new, 2 known, 1 changed" in await place.put_well(new)
    assert await place.titles() == {"Emma", "Persuasion!"}
    assert (await place.book("OL10W")).year == 1815


async def test_a_work_that_was_merged_into_another_since_is_no_new_book(place: Place) -> None:
    await place.put_well(place.dump(author(1, "Jane Austen"), work(10, "Emma", 1)))
    merged = (author(1, "Jane Austen"), redirect("/works/OL10W", "/works/OL9W"), work(9, "Emma, a novel", 1))
    await place.put_well(place.dump(*merged, name="new.txt.gz"))
    assert await place.titles() == {"Emma"}
    assert (await place.book("OL9W")).id == (await place.book("OL10W")).id


async def test_books_that_are_here_are_recognised_and_get_what_they_lack(place: Place) -> None:
    by_isbn = await a_book(place.db, title="Emma (Oxford World's Classics)", author="J. Austen", isbn=EMMA_TOO, pages=9)
    by_names = await a_book(place.db, title="PERSUASION", author="Jane  Austen", year=1817)
    other = await a_book(place.db, title="Old ways", author="Somebody Else")
    async with place.db.writing() as session:
        known = BookRecord(key="7", title="The Newest Revision", authors=("Jane Austen",), subjects=(("classics", 5),))
        await put_books(session, OPERATOR, "goodbooks", [known])
    dump = small_dump(place.folder / "dump")
    said = await place.put_well(dump)
    assert "4 new, 1 known, 2 changed; 3 were here already." in said, said
    emma = await shown(place.db, by_isbn)
    assert (emma.title, emma.isbn, emma.pages, emma.year) == ("Emma (Oxford World's Classics)", EMMA_TOO, 9, 1815)
    assert authors(emma) == ["J. Austen"]
    assert emma.description is not None
    assert {e.isbn for e in emma.editions} == {EMMA, EMMA_TOO, GERMAN}
    persuasion = await shown(place.db, by_names)
    assert (persuasion.title, persuasion.year, persuasion.isbn) == ("PERSUASION", 1817, STRANGE)
    assert (await shown(place.db, other)).isbn is None
    assert (await place.book("OL21W")).subjects == ("classics",)
    before = await place.rows()
    assert "0 new, 7 known, 0 changed; 0 were here already." in await place.put_well(dump)
    assert await place.rows() == before
    await counts_are_right(place.db)


async def test_only_what_is_wanted_comes_in(place: Place) -> None:
    dump = small_dump(place.folder / "dump")
    await place.put_well(dump, "--language", "ger")
    assert await place.titles() == {"Emma"}
    assert (await place.book("OL10W")).isbn == GERMAN
    await place.put_well(dump, "--with-isbn", "--min-editions", "1")
    assert await place.titles() == {"Emma", "Persuasion"}
    await place.put_well(dump, "--limit", "3")
    assert await place.titles() == {"Emma", "Persuasion", "Old ways"}
    wrong = await place.put(dump, "--language", "klingon")
    assert wrong.exit_code == 2


@pytest.mark.parametrize("stopped_at", [1, 2, 4])
async def test_a_run_that_was_killed_goes_on_and_does_each_work_once(
    place: Place, monkeypatch: pytest.MonkeyPatch, stopped_at: int
) -> None:
    steps, put_works = 0, dump_actions.put_works

    async def put_some(*given: Any, **named: Any) -> Any:
        nonlocal steps
        steps += 1
        done = await put_works(*given, **named)
        if steps == stopped_at:
            raise SystemExit  # before this step is remembered: after the power of the process it is as after kill -9
        return done

    monkeypatch.setattr(openlibrary_cli, "STEP", 2)
    monkeypatch.setattr(openlibrary_cli, "LEAST", 2)
    monkeypatch.setattr(openlibrary_cli, "MOST", 2)
    monkeypatch.setattr(dump_reading, "STEP", 3)
    dump = small_dump(place.folder / "dump")
    monkeypatch.setattr(openlibrary_cli.dump_actions, "put_works", put_some)
    await place.put(dump)
    assert (await place.rows())["book"] == 2 * (stopped_at - 1), "what was not finished is not there"
    monkeypatch.undo()
    said = await place.put_well(dump)
    assert "everything is read" in said
    assert len(await place.titles()) == (await place.rows())["book"] == 7
    assert (await place.book("OL10W")).edition_count == 3


async def test_reading_that_was_killed_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump_reading, "STEP", 3)
    keep, kept = openlibrary_cli.WorkFile.keep, 0

    def keep_some(*given: Any) -> None:
        nonlocal kept
        kept += 1
        if kept == 6:
            raise SystemExit
        keep(*given)

    dump = small_dump(place.folder / "dump")
    monkeypatch.setattr(openlibrary_cli.WorkFile, "keep", keep_some)
    await place.put(dump)
    monkeypatch.undo()
    said = await place.put_well(dump)
    assert "Going on where the last run stopped." in said
    assert "9 lines could not be read" in said
    assert (await place.book("OL10W")).rating.count == 2
    assert len(await place.titles()) == 7


async def test_other_words_begin_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(openlibrary_cli.dump_actions, "put_works", stopped)
    dump = small_dump(place.folder / "dump")
    await place.put(dump)
    monkeypatch.undo()
    assert "Going on" not in await place.put_well(dump, "--with-isbn")
    assert await place.titles() == {"Emma", "Persuasion"}


async def test_a_file_that_is_cut_off_gives_what_stands_before(place: Place) -> None:
    whole = place.dump(author(1, "Jane Austen"), *(work(n, f"Book {n * 7919}", 1) for n in range(10, 2000)))
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    said = await place.put_well(whole)
    assert "The file cannot be read any further" in said
    assert 100 < (await place.rows())["book"] < 1990


async def test_a_line_without_an_end_needs_no_memory(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump_lines, "LONGEST", 2000)
    long = b"/type/work\t/works/OL10W\t1\tx\t{" + b" " * 9000 + b"}\n"
    said = await place.put_well(place.dump(long, work(11, "Emma"), long[:-1]))
    assert "2 lines could not be read" in said
    assert "line 1: The line is too long." in said
    assert await place.titles() == {"Emma"}


async def test_a_broken_file_is_no_dump(place: Place) -> None:
    broken = place.folder / "broken.gz"
    broken.write_bytes(gzip.compress(b"x" * 100)[:5] + b"nonsense")
    assert "The file cannot be read any further" in await place.put_well(broken)
    for missing in (place.folder / "nowhere", place.folder / "data"):
        result = await place.put(missing)
        assert result.exit_code == 1
        assert "Traceback" not in result.output


async def test_two_runs_at_once_are_refused(place: Place) -> None:
    first = WorkFile(place.data / "openlibrary.work", {})
    result = await place.put(place.dump(work(10, "Emma")))
    assert (result.exit_code, result.output) == (1, "Another import of a dump is running. Wait for it, or stop it.\n")
    first.close()
    await place.put_well(place.dump(work(10, "Emma")))


def test_steps_are_as_large_as_others_can_wait_for() -> None:
    pace = Pace(alone=False)
    sizes = [pace.step]
    for seconds in (0.1, 0.1, 0.7, 1.4, 60.0):
        pace.took(seconds)
        sizes.append(pace.step)
    assert sizes == [1000, 2000, 4000, 4000, 2000, 250]
    assert Pace(alone=True).step == 8000


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("c1986", 1986), ("June 5, 1998", 1998), ("[1975?]", 1975), ("1964, 1999", 1964), ("19--", None), ("", None),
        ("20031", None), ("44 B.C.", -44), ("2999", None), (1999, 1999), (None, None), (True, None), ([], None),
    ],
)  # fmt: skip
def test_a_year_is_found_in_what_was_typed_as_a_date(text: object, year: int | None) -> None:
    assert year_of(text) == year


def test_subjects_are_few_and_say_something() -> None:
    headings = [
        "Protected DAISY",
        "Fiction, fantasy, general",
        "Llamas",
        "place:London",
        "Llamas.",
        *map(str, range(50)),
    ]
    assert subjects_of(headings) == ["fiction", "fantasy", "Llamas"]
    assert len(subjects_of([f"{a} of {b}" for a in ("Kings", "Ships", "Bees") for b in ("Rome", "Spain", "Peru")])) == 5
    assert subjects_of("nonsense") == subjects_of(None) == []
