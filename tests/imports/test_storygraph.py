"""What The StoryGraph's export tells."""

import csv
import io
from datetime import UTC, datetime

import pytest

from bookapp.imports.formats import detect, storygraph
from bookapp.imports.told import RowTold

HEADER = ",".join(storygraph.SAMPLE_COLUMNS)
REAL = (
    'Subprime Attention Crisis,Tim Hwang,"",0374538654,,read,2021/05/10,"","",1,informative,fast,,,,,,5.0,"","","",'
    '"",No'
)


def row(**changed: str) -> RowTold:
    """What the row tells; `changed` names columns by their first letters, in small."""
    (cells,) = csv.DictReader(io.StringIO(f"{HEADER}\n{REAL}\n"))
    for start, text in changed.items():
        (name,) = (name for name in cells if name.lower().replace(" ", "_").startswith(start))
        cells[name] = text
    return storygraph.read(cells)


def spans(told: RowTold) -> list[tuple[str, str | None, str | None]]:
    return [
        (one.outcome, one.started.iso if one.started else None, one.finished.iso if one.finished else None)
        for one in told.entry.readings
    ]


def test_a_real_row_is_told_whole() -> None:
    told = row()
    assert (told.book.title, told.book.authors) == ("Subprime Attention Crisis", ("Tim Hwang",))
    assert (told.book.isbns, told.key, told.remarks) == (("9780374538651",), "9780374538651", ())
    entry = told.entry
    assert (entry.state, entry.quarters, entry.is_owned) == ("read", 20, False)
    assert entry.added_at == datetime(2021, 5, 10, 12, tzinfo=UTC)
    assert spans(told) == [("finished", None, None)]
    assert (entry.detail.moods, entry.detail.pace, entry.detail.traits) == (("informative",), "fast", {})
    assert (entry.review, entry.tags, entry.detail.more) == (None, (), {})


def test_its_columns_are_known_in_any_order() -> None:
    assert detect.format_of(reversed(storygraph.SAMPLE_COLUMNS)) is storygraph
    assert detect.format_of(["Title", "Authors", "Read Status", "Star Rating"]) is storygraph


@pytest.mark.parametrize("uid", ["B09XYZ1234", "3f6d1b0e-2a8b-4a55-9b5a-0b1c2d3e4f5a"])
def test_what_is_no_isbn_is_kept_and_no_mistake(uid: str) -> None:
    told = row(isbn=uid)
    assert (told.book.isbns, told.key, told.remarks) == ((), uid, ())
    assert told.entry.detail.more == {"ISBN/UID": uid}
    assert row(isbn="").key == "Subprime Attention Crisis:Tim Hwang"


@pytest.mark.parametrize(
    ("status", "state", "tags"),
    [
        ("to-read", "want", ()),
        ("currently-reading", "reading", ()),
        ("did-not-finish", "stopped", ()),
        ("paused", "reading", ("paused",)),
        ("", None, ()),
    ],
)
def test_a_status_is_one_of_the_four_shelves_or_none(status: str, state: str | None, tags: tuple[str, ...]) -> None:
    entry = row(read_status=status, read_count="").entry
    assert (entry.state, entry.tags, entry.shelves) == (state, tags, ())


def test_every_time_has_its_own_dates_as_exactly_as_they_are_known() -> None:
    told = row(dates_read="2025/02/13-2025/03/15, 2024/09, 2019, 2018/01-2018/02/03", read_count="5", last="2025/03/15")
    assert spans(told) == [
        ("finished", "2025-02-13", "2025-03-15"),
        ("finished", None, "2024-09"),
        ("finished", None, "2019"),
        ("finished", "2018-01", "2018-02-03"),
        ("finished", None, None),
    ]
    assert told.entry.state_at == datetime(2025, 3, 15, 12, tzinfo=UTC)
    assert not told.remarks
    assert not told.entry.detail.more


def test_a_time_may_have_no_beginning_or_no_end() -> None:
    assert spans(row(dates_read="2025/02/13-", read_status="currently-reading", read_count="0")) == [
        ("reading", "2025-02-13", None)
    ]
    assert spans(row(dates_read="-2025/03/15")) == [("finished", None, "2025-03-15")]
    assert spans(row(dates_read="2025/02/13-")) == [("finished", "2025-02-13", None)]


def test_the_last_time_of_a_book_given_up_was_given_up() -> None:
    told = row(dates_read="2020/01/02-2020/02/03, 2021/05/06-2021/05/07", read_status="did-not-finish", read_count="1")
    assert [outcome for outcome, _, _ in spans(told)] == ["finished", "stopped"]


def test_the_last_date_stands_in_when_there_is_no_other() -> None:
    assert spans(row(last="2021/05/12")) == [("finished", None, "2021-05-12")]
    told = row(dates_read="sometime, 2021/05/12-2021/04/01")
    assert spans(told) == [("finished", None, "2021-04-01")]
    assert len(told.remarks) == 2
    assert "Dates Read" in told.entry.detail.more


def test_how_it_felt_is_told_in_our_words() -> None:
    detail = row(
        moods="emotional, reflective",
        pace="Slow",
        character="A mix",
        strong="Yes",
        loveable="No",
        diverse="It's complicated",
        flawed="N/A",
        format="audio",
        content_warnings="Graphic: Sexual content, Death; Minor: Cancer; Grief;",
        content_warning_d="The <i>end</i>",
    ).entry.detail
    assert (detail.moods, detail.pace, detail.format) == (("emotional", "reflective"), "slow", "audio")
    assert detail.traits == {"drive": "mix", "development": "yes", "loveable": "no", "diverse": "complicated"}
    assert detail.warnings == (
        ("graphic", "Sexual content"),
        ("graphic", "Death"),
        ("minor", "Cancer"),
        ("", "Grief"),
    )
    assert detail.warning_note == "The *end*"
    assert not detail.more


def test_what_is_new_there_is_kept() -> None:
    told = row(pace="breakneck", loveable="Hmm", read_status="shelved")
    assert told.entry.detail.more == {"Pace": "breakneck", "Loveable Characters?": "Hmm", "Read Status": "shelved"}
    assert told.entry.state is None


def test_stars_tags_review_and_contributors() -> None:
    told = row(
        star="4.25",
        tags="space, cozy",
        owned="Yes",
        review="<div>Good.<br>But <spoiler>she leaves</spoiler></div>",
        contributors="Ann Onym (Narrator), Bob B. (Translator), Tim Hwang (Author), Eve",
    )
    entry = told.entry
    assert (entry.quarters, entry.tags, entry.is_owned) == (17, ("space", "cozy"), True)
    assert entry.review
    assert entry.review.text == "Good.\nBut >!she leaves!<"
    assert told.book.contributors == (("Ann Onym", "Narrator"), ("Bob B.", "Translator"), ("Eve", ""))
