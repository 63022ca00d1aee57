"""What a typed date and a typed page mean."""

from datetime import date

import pytest

from bookapp.shelves import reading_rules as rules
from bookapp.shelves.reading_rules import Progress, When, typed_progress, typed_when, when_words, wrong_dates


@pytest.mark.parametrize(
    ("typed", "first", "exact", "last", "words"),
    [
        ("2024", date(2024, 1, 1), "year", date(2024, 12, 31), "2024"),
        ("2024-02", date(2024, 2, 1), "month", date(2024, 2, 29), "February 2024"),
        (" 2024-05-12 ", date(2024, 5, 12), "day", date(2024, 5, 12), "12 May 2024"),
    ],
)
def test_a_date_is_as_exact_as_it_is_typed(typed: str, first: date, exact: str, last: date, words: str) -> None:
    when = typed_when(typed)
    assert (when.first, when.exact, when.last, when.words, when.iso) == (first, exact, last, words, typed.strip())
    assert rules.stored_when(when.first, when.exact) == when


@pytest.mark.parametrize(
    "typed", ["", "24", "2024-13", "2024-02-30", "2024-5", "12.05.2024", "2024/05", "soon", "0000", "1899", "٢٠٢٤"]
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        typed_when(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("120", (120, None)), ("45%", (None, 45)), ("45 %", (None, 45)), ("page 7", (7, None)), ("0", (0, None))],
)
def test_progress_is_a_page_or_a_part(typed: str, meant: tuple[int | None, int | None]) -> None:
    progress = typed_progress(typed)
    assert (progress.page, progress.percent) == meant


@pytest.mark.parametrize("typed", ["", "half", "101%", "-3", "1.5", "100001", "12 of 300"])
def test_what_is_no_progress_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        typed_progress(typed)


def test_a_page_beyond_the_last_is_wrong() -> None:
    assert rules.wrong_progress(Progress(301, None), 300)
    assert rules.wrong_progress(Progress(300, None), 300) is None
    assert rules.wrong_progress(Progress(301, None), None) is None
    assert rules.wrong_progress(Progress(None, 100), 3) is None


def _when(typed: str) -> When | None:
    return typed_when(typed) if typed else None


@pytest.mark.parametrize(
    ("started", "finished", "outcome", "wrong"),
    [
        ("2026-11-18", "", "reading", set()),
        ("2026-11-19", "", "reading", {"started"}),
        ("2026", "2026", "finished", set()),
        ("2026-12", "", "reading", {"started"}),
        ("2027", "2027", "finished", {"started", "finished"}),
        ("2024-05", "2024", "finished", set()),
        ("2024-05-12", "2024-05", "finished", set()),
        ("2024-05-12", "2024-05-11", "finished", {"finished"}),
        ("2024-05", "2023", "stopped", {"finished"}),
        ("2024", "2024-03", "reading", {"finished"}),
    ],
)
def test_dates_that_cannot_be_are_told_beside_their_field(
    started: str, finished: str, outcome: rules.Outcome, wrong: set[str]
) -> None:
    assert wrong_dates(_when(started), _when(finished), outcome, date(2026, 11, 18)).keys() == wrong


@pytest.mark.parametrize(
    ("started", "finished", "outcome", "words"),
    [
        ("", "", "finished", ""),
        ("2024-05", "", "reading", "since May 2024"),
        ("2024-05-01", "2024-05-12", "finished", "1 to 12 May 2024"),
        ("2024-04-28", "2024-05-12", "finished", "28 April to 12 May 2024"),
        ("2024-04", "2024-05-12", "finished", "April to 12 May 2024"),
        ("2023-12", "2024", "finished", "December 2023 to 2024"),
        ("2024", "2024", "finished", "2024"),
        ("2024", "2024-05", "finished", "2024 to May 2024"),
        ("", "2024", "stopped", "stopped 2024"),
        ("2024", "", "finished", "begun 2024"),
    ],
)
def test_when_somebody_read_is_said_as_people_say_it(
    started: str, finished: str, outcome: rules.Outcome, words: str
) -> None:
    assert when_words(_when(started), _when(finished), outcome) == words
