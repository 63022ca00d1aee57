"""Files as they really come: damaged, packed, in every encoding, much too large, or something else altogether."""

import gzip
import io
import json
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bookapp.books.export import COLUMNS
from bookapp.core.errors import AppError
from bookapp.imports.formats import catalogue
from bookapp.imports.formats.detect import BY_NAME, FORMATS
from bookapp.imports.formats.records import UnknownFormat, open_records
from bookapp.imports.told import Record

HEADER = "Book Id,Title,Author,ISBN13,My Rating,Exclusive Shelf"
EMMA = '1,Emma,Jane Austen,"=""9780141439587""",4,read'
DUNE = "2,Dune,Frank Herbert,9780441013593,5,to-read"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "brought"


def told(path: Path, data: bytes | str, name: str = "books.csv") -> list[Record]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with open_records(path, name) as source:
        return list(source)


def titles(records: list[Record]) -> list[str]:
    return [record.told.book.title if record.told else f"({record.line}) {record.reason}" for record in records]


def refused(path: Path, data: bytes | str, name: str = "books.csv") -> str:
    with pytest.raises(AppError) as error:
        told(path, data, name)
    assert error.value.status == 422
    return error.value.detail


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_table_is_read_in_every_spelling(file: Path, delimiter: str, end: str, encoding: str) -> None:
    text = end.join((HEADER, "1,Étranger,Albert Camus,9782070360024,5,read")).replace(",", delimiter)
    records = told(file, text.encode(encoding))
    assert titles(records) == ["Étranger"]
    assert records[0].line == 2
    assert records[0].cells["My Rating"] == "5"


def test_columns_are_found_by_their_names(file: Path) -> None:
    (record,) = told(file, " my rating ,COLOUR,exclusive shelf,author,title\n4,blue,read,Jane Austen,Emma\n")
    assert record.told
    assert record.told.book.title == "Emma"
    assert record.told.entry.quarters == 16
    assert record.told.entry.detail.more == {"COLOUR": "blue"}


def test_line_ends_and_encodings_may_be_mixed(file: Path) -> None:
    rows = (HEADER.encode(), "1,Émile,Zola,,,read".encode(), "2,Nêmesis,Zola,,,read".encode("cp1252"))
    data = rows[0] + b"\r\n" + rows[1] + b"\r" + rows[2] + b"\n\n \r\n,,,,,\n" + DUNE.encode()
    records = told(file, data)
    assert titles(records) == ["Émile", "Nêmesis", "Dune"]
    assert [record.line for record in records] == [2, 3, 7]


def test_a_cell_may_go_over_several_lines(file: Path) -> None:
    records = told(file, f'{HEADER},My Review\r\n{EMMA},"Good.\r\n\r\n""Very"" good,\nindeed."\r\n{DUNE},\r\n')
    assert titles(records) == ["Emma", "Dune"]
    assert records[0].told
    assert records[0].told.entry.review
    assert records[0].told.entry.review.text == 'Good.\n\n"Very" good,\nindeed.'
    assert records[1].line == 6


def test_a_quote_that_never_ends_costs_its_line_only(file: Path) -> None:
    records = told(file, f'{HEADER}\n{EMMA}\n3,"Open,Nobody,,,read\n{DUNE}\n{EMMA}\n')
    assert [bool(record.told) for record in records] == [True, False, True, True]
    assert (records[1].line, "never closed" in records[1].reason) == (3, True)
    assert records[1].cells["Book Id"] == "3"
    assert told(file, f'{HEADER}\n{EMMA}\n3,"Open')[-1].line == 3


def test_a_quotation_mark_within_a_cell_is_one(file: Path) -> None:
    records = told(file, f'{HEADER}\n1,5" disks,Ann "A" Onym,,,read\n{DUNE}\n')
    assert titles(records) == ['5" disks', "Dune"]


def test_rows_may_have_too_few_cells_but_not_too_many(file: Path) -> None:
    short, long, empty = told(file, f"{HEADER}\n1,Emma\n{DUNE},what,else\n{DUNE},,,\n")
    assert (short.told is not None, short.cells["My Rating"]) == (True, "")
    assert "8 cells" in long.reason
    assert long.cells["…"] == "what | else"
    assert empty.told


def test_a_line_without_end_fails_alone_in_little_memory(file: Path) -> None:
    with file.open("wb") as out:
        out.write(f'{HEADER}\n{EMMA}\n3,"'.encode())
        for _ in range(100):
            out.write(b"x" * 2**20)
        out.write(f"\n{DUNE}\n".encode())
    tracemalloc.start()
    with open_records(file, "books.csv") as source:
        records = list(source)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert titles(records)[::2] == ["Emma", "Dune"]
    assert "too long" in records[1].reason
    assert most < 20 * 2**20


def test_control_characters_are_left_out_with_a_remark(file: Path) -> None:
    (record,) = told(file, f"{HEADER}\n1,Em\0ma\x1b,Jane Austen,,,read\n")
    assert record.told
    assert record.told.book.title == "Emma" == record.cells["Title"]
    assert record.told.remarks


def test_going_on_where_it_ended_is_as_if_nothing_had_been(file: Path) -> None:
    rows = [EMMA, '3,"Open,Nobody,,,read', '4,"two\nlines",N,,,read', "", DUNE, f"{DUNE},x", EMMA]
    everything = told(file, "\n".join([HEADER, *rows]))
    for count in range(len(everything) + 2):
        with open_records(file, "books.csv") as source:
            source.skip(count)
            assert list(source) == everything[count:]


def test_how_many_there_are_is_known_or_guessed(file: Path) -> None:
    file.write_text("\n".join([HEADER, *[EMMA] * 20_000]))
    with open_records(file, "books.csv") as source:
        assert source.approximate_total is not None
        assert 19_000 < source.approximate_total < 21_000
    file.write_text("\n".join([HEADER, EMMA, DUNE]))
    with open_records(file, "books.csv") as source:
        assert (source.approximate_total, source.format, source.encoding) == (2, "goodreads", "utf-8")


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


TABLE = "\n".join([HEADER, EMMA, DUNE]).encode()


def test_a_zip_file_called_csv_is_looked_into(file: Path) -> None:
    assert titles(told(file, packed(books__csv=TABLE, notes__txt=b"nothing"))) == ["Emma", "Dune"]
    assert "several" in refused(file, packed(a__csv=TABLE, b__csv=TABLE))
    assert "in truth" in refused(file, packed(notes__txt=b"nothing"))
    assert "Excel" in refused(file, packed(**{"[Content_Types]__xml": b"<x/>"}))
    assert "damaged" in refused(file, packed(books__csv=TABLE)[:-30]) or "whole" in refused(
        file, b"PK\x03\x04" + b"x" * 90
    )


def large() -> bytes:
    noise = random.Random(7)
    rows = [f"{n},{noise.randbytes(400).hex()},N,,,read" for n in range(1000)]
    return "\n".join([HEADER, *rows]).encode()


def test_a_zip_file_that_lies_ends_with_a_record_that_says_so(file: Path) -> None:
    data = bytearray(packed(books__csv=large()))
    data[-2000] ^= 0xFF
    records = told(file, bytes(data))
    assert records[0].told
    assert "damaged" in records[-1].reason


def test_gzip_is_unpacked(file: Path) -> None:
    assert titles(told(file, gzip.compress(TABLE))) == ["Emma", "Dune"]
    broken = told(file, gzip.compress(large())[:-2000])
    assert broken[0].told
    assert "damaged" in broken[-1].reason


def test_a_list_of_isbns_needs_no_table(file: Path) -> None:
    right = ["9780141439587", "9780441013593"]
    for text in (
        "9780141439587\n978-0-441-01359-3\n",
        "ISBN\r\n0141439580\r\n0441013597",
        "9780141439587, 9780441013593",
        "9780141439587 9780441013593",
        '"9780141439587";\n"9780441013593";',
        "978 0 14 143958 7\n978 0 441 01359 3",
    ):
        records = told(file, text)
        assert [record.told.book.isbns[0] for record in records if record.told] == right, text
        assert all(record.told and record.told.entry.state is None for record in records)
    wrong = told(file, "9780141439587\n9780441013594\n9780441013593")[1]
    assert (wrong.line, wrong.told) == (2, None)
    assert "9780441013594" in wrong.reason


def test_the_catalogue_is_a_list_of_books_to_want(file: Path) -> None:
    assert catalogue.SAMPLE_COLUMNS == COLUMNS
    row = '7,"\'=Emma",Jane Austen; Ann Onym,1815,en,474,9780141439587,Novels,4,fiction; classics,4.5,2'
    (record,) = told(file, f"{','.join(COLUMNS)}\n{row}\n")
    assert record.told
    assert record.told.entry.state == "want"
    book = record.told.book
    assert (book.title, book.authors, book.year, book.language) == ("=Emma", ("Jane Austen", "Ann Onym"), 1815, "en")
    assert (book.series, book.series_position, book.subjects) == ("Novels", "4", ("fiction", "classics"))
    assert not record.told.entry.detail.more


def test_json_of_librarything_is_read_and_no_other(file: Path) -> None:
    book = {"books_id": "12", "title": "Hopscotch", "primaryauthor": "Cortazar, Julio", "rating": 4.5}
    assert titles(told(file, json.dumps({"12": book}))) == ["Hopscotch"]
    assert "JSON" in refused(file, '{"a": 1}')
    assert "damaged" in refused(file, '{"12": {"title": ')
    assert "JSON" in refused(file, "[" * 100_000)
    first, broken = told(file, f'{{"12": {json.dumps(book)}, "13": {{"title": ')
    assert first.told is not None
    assert "damaged" in broken.reason


@pytest.mark.parametrize("sign", ["[],", '{"a":{}},', "1,"])
def test_json_needs_little_memory_whatever_it_holds(file: Path, sign: str) -> None:
    book = '{"books_id": "12", "title": "Hopscotch"}'
    file.write_text(f'{{"1": {book}, "2": [{sign * 4_000_000}0], "3": {book}}}')
    tracemalloc.start()
    with open_records(file, "x.json") as source:
        records = list(source)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert titles(records[:1]) == ["Hopscotch"]
    assert "damaged" in records[-1].reason
    assert most < 64 * 2**20


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b'<?xml version="1.0"?><books/>', "XML"),
        (b"SQLite format 3\0", "database"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(file: Path, data: bytes, said: str) -> None:
    assert said in refused(file, data)


def test_an_unknown_table_is_told_what_it_lacks(file: Path) -> None:
    said = refused(file, "Title,Author,Moods,Stars given\nEmma,Jane Austen,sad,4\n")
    assert "Title, Author, Moods, Stars given" in said
    assert "comes nearest to" in said
    assert "Goodreads" in said
    assert "StoryGraph" in said
    assert "Dear" in refused(file, "Dear reader\nthis is a letter\n")


def test_every_format_knows_its_own_columns_and_no_other_takes_them(file: Path) -> None:
    assert len(BY_NAME) == len(FORMATS) + 1
    for known in FORMATS:
        file.write_text(",".join(known.SAMPLE_COLUMNS) + "\n")
        with open_records(file, "books.csv") as source:
            assert source.format == known.NAME
            assert list(source) == []
        file.write_text("sep=;\n" + ";".join(f'"{name.upper()}"' for name in reversed(known.SAMPLE_COLUMNS)) + "\n")
        with open_records(file, "books.csv") as source:
            assert source.format == known.NAME


HEADERS = [",".join(known.SAMPLE_COLUMNS).encode() for known in FORMATS]


@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(st.sampled_from(HEADERS), st.binary(max_size=300)).map(lambda two: two[0] + b"\n" + two[1]),
        st.tuples(
            st.sampled_from(HEADERS),
            st.lists(st.text(alphabet='a1",;\n\r\t=-/|(:)<br>\0\ud7ff', max_size=12), max_size=60).map(",".join),
        ).map(lambda two: two[0] + b"\n" + two[1].encode()),
    )
)
@example(HEADERS[0] + b'\n"' + b'""' * 40 + b"\n" + b'"' * 41)
@example(b"\xff\xfe" + b"\x00\xd8" * 20)
@example(b"PK\x03\x04" + b"\0" * 60)
@example(b"\x1f\x8b" + b"\0" * 60)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_bring_it_down(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    try:
        with open_records(file, "books.csv") as source:
            records = list(source)
    except UnknownFormat:
        return
    except AppError:
        assert data.startswith(b"PK")
        return
    for number, record in enumerate(records, start=1):
        assert record.number == number
        assert (record.told is None) == bool(record.reason)
        assert record.reason != "This row could not be understood."
