"""What Calibre's catalogue tells."""

import pytest

from bookapp.imports.formats import calibre, detect
from bookapp.imports.told import RowTold
from tests.imports.full_rows import CALIBRE

BARE = {
    "authors": "Seanan McGuire",
    "author_sort": "McGuire, Seanan",
    "rating": "",
    "timestamp": "2021-01-19T22:41:16+01:00",
    "formats": "epub",
    "series_index": "1.0",
    "title": "The Cryptid",
    "title_sort": "Cryptid, The",
    "pubdate": "0101-01-01T00:00:00+00:00",
    "uuid": "3051ed45-8943-4900-a22a-d2704e3583df",
}


def told(**cells: str) -> RowTold:
    return calibre.read(BARE | cells)


def test_a_book_on_alices_computer_is_hers_and_digital() -> None:
    row = told()
    assert (row.key, row.entry.is_owned, row.entry.detail.format) == (BARE["uuid"], True, "digital")
    assert row.entry.state is None
    assert (row.book.authors, row.book.edition_year, row.book.series_position) == (("Seanan McGuire",), None, None)
    assert (row.entry.detail.more, row.remarks) == ({"formats": "epub"}, ())


@pytest.mark.parametrize(
    ("rating", "quarters"), [("5", 20), ("4.5", 18), ("0", None), ("8", 16), ("10", 20), ("★★★", 12)]
)
def test_stars_are_stars_also_out_of_ten(rating: str, quarters: int | None) -> None:
    assert told(rating=rating).entry.quarters == quarters


def test_its_tags_say_what_the_book_is_about_and_its_numbers_are_kept() -> None:
    row = calibre.read(CALIBRE)
    assert (row.book.subjects, row.entry.tags) == (("Cryptids", "Fantasy"), ())
    assert (row.book.isbns, row.entry.detail.more["identifiers"]) == (("9780756411800",), "goodreads:39077187")
    assert (row.book.series, row.book.series_position, row.book.language) == ("InCryptid", "8", "en")
    assert row.book.description == "A **family** of monsters."
    assert row.entry.detail.more["#read"] == "Yes"
    assert "cover" not in row.entry.detail.more


@pytest.mark.parametrize(
    ("authors", "sort", "names"),
    [
        ("Terry Pratchett, Neil Gaiman", "Pratchett, Terry & Gaiman, Neil", ("Terry Pratchett", "Neil Gaiman")),
        ("Terry Pratchett & Neil Gaiman", "", ("Terry Pratchett", "Neil Gaiman")),
        ("McGuire, Seanan", "McGuire, Seanan", ("Seanan McGuire",)),
    ],
)
def test_authors_are_told_apart_by_how_they_are_sorted(authors: str, sort: str, names: tuple[str, ...]) -> None:
    assert told(authors=authors, author_sort=sort).book.authors == names


def test_it_is_known_by_whatever_columns_one_chose() -> None:
    found = detect.format_of(["title", "authors", "tags", "timestamp", "uuid"])
    assert found is not None
    assert found.NAME == "calibre"
    assert detect.format_of(["title", "authors"]) is None
