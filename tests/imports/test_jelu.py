"""What Jelu's export tells."""

from bookapp.imports.formats import jelu
from bookapp.imports.told import RowTold
from tests.imports.full_rows import JELU

BARE = dict.fromkeys(JELU, "") | {"Title": "Mort", "Author": "Terry Pratchett", "authors": "Terry Pratchett,Ann Other"}


def told(**cells: str) -> RowTold:
    return jelu.read(BARE | {name.replace("_X_", " "): text for name, text in cells.items()})


def test_alice_finds_every_time_she_read_it() -> None:
    row = told(read_dates="2019/02/03,2023/05/01", dropped_dates="2018/01/01", Date_X_Read="2023/05/01")
    assert [(r.outcome, r.finished.iso) for r in row.entry.readings if r.finished] == [
        ("finished", "2019-02-03"),
        ("finished", "2023-05-01"),
        ("stopped", "2018-01-01"),
    ]
    assert (row.entry.state, row.book.authors, row.entry.detail.more) == ("read", ("Terry Pratchett", "Ann Other"), {})


def test_who_dropped_it_last_has_stopped() -> None:
    assert told(read_dates="2019/02/03", dropped_dates="2023/01/01").entry.state == "stopped"


def test_who_reads_it_now_is_reading_whatever_was_before() -> None:
    row = told(Shelves="currently-reading", read_dates="2019/02/03", currently_reading="2024/01/05")
    assert row.entry.state == "reading"
    assert [(r.outcome, r.started and r.started.iso) for r in row.entry.readings] == [
        ("finished", None),
        ("reading", "2024-01-05"),
    ]


def test_who_wants_to_read_it_wants_to() -> None:
    assert told(Shelves="to-read").entry.state == "want"
    again = told(Shelves="to-read", read_dates="2019/02/03")
    assert (again.entry.state, again.entry.detail.more["Shelves"]) == ("read", "to-read")


def test_a_made_up_date_is_a_reading_without_one() -> None:
    row = told(read_dates="1970/01/01,1970/01/02", Date_X_Read="1970/01/02")
    assert [(r.outcome, r.finished) for r in row.entry.readings] == [("finished", None)] * 2
    assert row.entry.state == "read"


def test_an_old_file_has_one_date_only() -> None:
    [reading] = told(Date_X_Read="2020/01/02").entry.readings
    assert reading.finished is not None
    assert reading.finished.iso == "2020-01-02"


def test_tags_have_their_spaces_and_shelves_are_no_second_ones() -> None:
    row = told(tags="funny,black humour", Bookshelves="funny blackhumour", owned="true")
    assert (row.entry.tags, row.entry.is_owned) == (("funny", "black humour"), True)
    assert row.entry.detail.more == {}
    assert told(Bookshelves="funny sad").entry.tags == ("funny", "sad")
