"""What Goodreads' export tells, in the forms that it had over the years."""

import csv
import io
from datetime import UTC, datetime

import pytest

from bookapp.imports.formats import detect, goodreads
from bookapp.imports.formats.values import Unreadable
from bookapp.imports.told import RowTold

HEADER = ",".join(goodreads.SAMPLE_COLUMNS)
OLD = (
    "Recommended For", "Recommended By", "Original Purchase Date", "Original Purchase Location", "Condition",
    "Condition Description", "BCID",
)  # fmt: skip
REAL = (
    '22543460,Sept secondes pour devenir un aigle,Thomas  Day,"Day, Thomas",,"=""2843441218""","=""9782843441219""",'
    "5,3.29,Le Bélial',Paperback,352,2013,2013,2020/08/23,2018/10/25,,,read,,,,1,0"
)


def row(line: str = REAL, header: str = HEADER, **changed: str) -> RowTold:
    """What a line tells; `changed` names columns with lines for spaces."""
    (cells,) = csv.DictReader(io.StringIO(f"{header}\n{line}\n"))
    names = {name.replace("-", " ").replace(" ", "_"): name for name in (*goodreads.SAMPLE_COLUMNS, *OLD)}
    return goodreads.read(cells | {names[name]: text for name, text in changed.items()})


def test_a_real_row_is_told_whole() -> None:
    told = row()
    book, entry = told.book, told.entry
    assert (told.key, told.remarks) == ("22543460", ())
    assert (book.title, book.authors) == ("Sept secondes pour devenir un aigle", ("Thomas Day",))
    assert book.isbns == ("9782843441219",)
    assert (book.year, book.edition_year, book.pages) == (2013, 2013, 352)
    assert (book.publisher, book.format) == ("Le Bélial'", "Paperback")
    assert (entry.state, entry.quarters, entry.shelves) == ("read", 20, ())
    assert entry.added_at == datetime(2018, 10, 25, 12, tzinfo=UTC)
    assert entry.rated_at == entry.state_at == datetime(2020, 8, 23, 12, tzinfo=UTC)
    assert [(one.outcome, one.finished.iso) for one in entry.readings if one.finished] == [("finished", "2020-08-23")]
    assert (entry.review, entry.note, entry.is_owned) == (None, None, False)
    assert not entry.detail.more


@pytest.mark.parametrize(
    "columns",
    [
        goodreads.SAMPLE_COLUMNS,
        [*goodreads.SAMPLE_COLUMNS[:-1], *OLD[:2], "Owned Copies", *OLD[2:]],
        [name for name in goodreads.SAMPLE_COLUMNS if name != "Average Rating"],
        ["Title", "Author", "ISBN13", "My Rating"],
    ],
)
def test_every_header_it_had_is_known(columns: list[str]) -> None:
    assert detect.format_of(columns) is goodreads
    assert detect.format_of([name.lower() for name in reversed(columns)]) is goodreads


def test_empty_isbns_are_none_and_wrong_ones_are_remarked() -> None:
    assert row(ISBN='=""', ISBN13="=").book.isbns == ()
    told = row(ISBN='=""', ISBN13='="9782843441218"')
    assert told.book.isbns == ()
    assert "ISBN13" in told.remarks[0]
    assert told.entry.detail.more == {"ISBN13": '="9782843441218"'}


def test_series_and_further_authors_are_parted() -> None:
    book = row(
        Title="Dune Messiah  (Dune, #2)", Author="Frank  Herbert", Additional_Authors="Brian  Herbert, Ed Jr."
    ).book
    assert (book.title, book.series, book.series_position) == ("Dune Messiah", "Dune", "2")
    assert book.authors == ("Frank Herbert", "Brian Herbert", "Ed Jr.")
    assert row(Author="", Author_l_f="Davis, Sammy, Jr.").book.authors == ("Sammy Davis Jr.",)
    assert row(Author="Sammy Davis, Jr.").book.authors == ("Sammy Davis, Jr.",)


def test_years_may_be_before_ours() -> None:
    book = row(Original_Publication_Year="-800", Year_Published="1999").book
    assert (book.year, book.edition_year) == (-800, 1999)
    assert row(Original_Publication_Year="").book.year is None


def test_no_stars_are_no_rating() -> None:
    told = row(My_Rating="0")
    assert (told.entry.quarters, told.entry.rated_at, told.remarks) == (None, None, ())
    assert row(My_Rating="4.25").entry.quarters == 17


@pytest.mark.parametrize(
    ("exclusive", "date", "state", "own"),
    [
        ("to-read", "", "want", ()),
        ("currently-reading", "", "reading", ()),
        ("read", "", "read", ()),
        ("dnf", "", "stopped", ()),
        ("did-not-finish", "2020/08/23", "stopped", ()),
        ("abandoned", "", "stopped", ()),
        ("on-hold", "", "reading", ("on-hold",)),
        ("gave-away", "2020/08/23", "read", ("gave-away",)),
        ("gave-away", "", None, ("gave-away",)),
    ],
)
def test_an_exclusive_shelf_is_one_of_the_four_or_ones_own(
    exclusive: str, date: str, state: str | None, own: tuple[str, ...]
) -> None:
    told = row(Exclusive_Shelf=exclusive, Bookshelves=f"{exclusive}, sci-fi, favorites", Date_Read=date)
    assert (told.entry.state, told.entry.shelves) == (state, (*own, "sci-fi", "favorites"))


def test_without_an_exclusive_shelf_the_others_say_it() -> None:
    assert row(Exclusive_Shelf="", Bookshelves="to-read, art", Date_Read="").entry.state == "want"
    assert row(Exclusive_Shelf="", Bookshelves="art").entry.state == "read"
    assert row(Exclusive_Shelf="", Bookshelves="art", Date_Read="").entry.state is None


def test_one_date_and_more_times_leave_the_others_without_one() -> None:
    dates = [one.finished.iso if one.finished else None for one in row(Read_Count="3").entry.readings]
    assert dates == ["2020-08-23", None, None]
    assert [one.finished for one in row(Read_Count="2", Date_Read="").entry.readings] == [None, None]
    assert row(Read_Count="0", Date_Read="", Exclusive_Shelf="to-read").entry.readings == ()
    (stopped,) = row(Exclusive_Shelf="dnf").entry.readings
    assert (stopped.outcome, stopped.finished is not None) == ("stopped", True)
    many = row(Read_Count="99999")
    assert len(many.entry.readings) == 100
    assert "99,999" in many.remarks[0]


def test_a_review_is_markdown_and_may_be_a_spoiler() -> None:
    review = row(
        My_Review="He <b>dies</b>.<br/><br/>Like [b:Emma|6969|Emma|Jane Austen|url].", Spoiler="true"
    ).entry.review
    assert review
    assert (review.text, review.is_spoiler) == ("He **dies**.\n\nLike Emma.", True)
    assert row(Private_Notes="lent to Bob<br/>in May").entry.note == "lent to Bob\nin May"


def test_a_review_that_is_too_long_is_kept_as_it_is_besides() -> None:
    told = row(My_Review="x" * 30_000)
    assert told.entry.review
    assert 19_990 < len(told.entry.review.text) <= 20_000
    assert told.remarks
    assert "My Review" in told.entry.detail.more


def test_copies_and_what_has_no_place_are_kept() -> None:
    header = ",".join([*goodreads.SAMPLE_COLUMNS, *OLD])
    told = row(f"{REAL},,Dora,2015/01/02,Lyon,worn,a stain,123-456", header, Owned_Copies="2")
    assert (told.entry.is_owned, told.entry.detail.copies) == (True, 2)
    assert told.entry.detail.more == {
        "Recommended By": "Dora",
        "Original Purchase Date": "2015/01/02",
        "Original Purchase Location": "Lyon",
        "Condition": "worn",
        "Condition Description": "a stain",
        "BCID": "123-456",
    }


def test_what_cannot_be_understood_is_remarked_and_kept() -> None:
    told = row(Date_Read="03/04/2020", Number_of_Pages="many", My_Rating="best")
    assert len(told.remarks) == 3
    assert set(told.entry.detail.more) == {"Date Read", "Number of Pages", "My Rating"}
    assert (told.entry.state, told.book.title) == ("read", "Sept secondes pour devenir un aigle")


def test_a_date_still_to_come_is_no_date() -> None:
    told = row(Date_Read="2190/01/01")
    assert not any(one.finished for one in told.entry.readings)
    assert "to come" in told.remarks[0]


def test_a_row_without_a_title_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match="title"):
        row(Title=" ")


def test_a_formula_that_was_made_harmless_is_itself_again() -> None:
    assert row(Title="'=SUM(A1)").book.title == "=SUM(A1)"
