"""What a typed date means, and what is due when, on the clock of the person."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.core import clock
from bookapp.lists import rules

BERLIN, NEW_YORK, ASUNCION = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("America/Asuncion")
KIRITIMATI, PAGO = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-31", "2026-03-31 21:59:59"),
        ("2026-01-31", "2026-01-31 22:59:59"),
        ("2026-03-31T18:00", "2026-03-31 16:00"),
        ("2026-03-31 18:00", "2026-03-31 16:00"),
        ("2026-03-31T18:00:30.5", "2026-03-31 16:00:30.5"),
        ("2026-03-31T18:00Z", "2026-03-31 18:00"),
        ("2026-03-31t18:00z", "2026-03-31 18:00"),
        ("2026-03-31T18:00-05:00", "2026-03-31 23:00"),
        ("31/03/2026 18:00:00", "2026-03-31 16:00"),
        ("1/3/2026 8:00:00", "2026-03-01 07:00"),
        (" 2026-03-31 ", "2026-03-31 21:59:59"),
        ("2026-03-29T02:30", "2026-03-29 01:30"),  # the clock goes from 2 to 3 there
        ("2026-10-25T02:30", "2026-10-25 00:30"),  # twice on that clock: the first one
    ],
)
def test_a_date_is_meant_on_the_persons_own_clock(typed: str, meant: str) -> None:
    assert rules.moment(rules.typed_date(typed), BERLIN, end_of_day=True) == utc(meant)


def test_a_day_begins_and_ends_on_the_persons_own_clock() -> None:
    day = rules.typed_date("2026-03-31")
    assert rules.moment(day, BERLIN) == utc("2026-03-30 22:00")
    assert rules.moment(day, KIRITIMATI, end_of_day=True) == utc("2026-03-31 09:59:59")
    assert rules.moment(day, PAGO, end_of_day=True) == utc("2026-04-01 10:59:59")


def test_a_day_whose_last_hour_comes_twice_ends_after_the_second_one() -> None:
    # In Paraguay the clock went back at midnight, from 24:00 to 23:00.
    assert rules.moment(date(2024, 3, 23), ASUNCION, end_of_day=True) == utc("2024-03-24 03:59:59")


@pytest.mark.parametrize(
    "typed",
    [
        *("", "soon", "2026", "20260331", "2026-W14-2", "18:00", "31.03.2026", "1e9", "٢٠٢٦-٠٣-٣١", "2026-03-31" * 9),
        *("2026-02-30", "31/02/2026 10:00:00", "31/03/2026", "2026-03-31T", "2026-03-31T25:00"),
        *("2026-03-31T18:00+99:00", "1899-12-31", "3000-01-01", "0001-01-01T00:00", "9999-12-31T23:59:59-23:00"),
    ],
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        rules.typed_date(typed)


@given(st.text(max_size=45))
def test_any_text_is_a_date_or_is_refused(text: str) -> None:
    try:
        typed = rules.typed_date(text)
    except ValueError:
        return
    assert rules.moment(typed, NEW_YORK, end_of_day=True).tzinfo is UTC


NOON = utc("2026-11-18 11:00")  # a Wednesday, noon in Berlin


@pytest.mark.parametrize(
    ("due", "group"),
    [
        ("2026-11-18 10:59:59", "overdue"),
        ("2026-11-18 11:00", "today"),
        ("2026-11-18 22:59:59", "today"),
        ("2026-11-18 23:00", "week"),
        ("2026-11-22 22:59:59", "week"),
        ("2026-11-22 23:00", "later"),
    ],
)
def test_each_task_stands_under_one_heading(due: str, group: str) -> None:
    assert rules.group_of(utc(due), False, NOON, BERLIN) == group
    assert rules.group_of(utc(due), True, NOON, BERLIN) == "done"
    assert rules.group_of(None, False, NOON, BERLIN) == "none"


def test_today_ends_at_the_persons_midnight() -> None:
    due = rules.moment(date(2026, 11, 18), BERLIN, end_of_day=True)
    for before in (utc("2026-11-17 23:00"), utc("2026-11-18 22:59:59")):
        assert rules.group_of(due, False, before, BERLIN) == "today"
    assert rules.group_of(due, False, utc("2026-11-18 23:00"), BERLIN) == "overdue"
    assert rules.group_of(due, False, utc("2026-11-17 22:59:59"), BERLIN) == "week"


def test_the_same_moment_is_another_day_elsewhere() -> None:
    now, due = utc("2026-11-18 09:00"), utc("2026-11-18 10:30")
    assert rules.group_of(due, False, now, BERLIN) == "today"
    assert rules.due_words(due, False, now, KIRITIMATI) == "tomorrow at 00:30"
    assert rules.group_of(due, False, now, PAGO) == "today"


def test_a_week_ends_on_sunday_night() -> None:
    sunday = utc("2026-11-22 12:00")
    assert rules.group_of(utc("2026-11-22 20:00"), False, sunday, BERLIN) == "today"
    assert rules.group_of(utc("2026-11-23 08:00"), False, sunday, BERLIN) == "later"
    monday = utc("2026-11-22 23:00")
    assert rules.group_of(utc("2026-11-29 22:00"), False, monday, BERLIN) == "week"
    assert rules.span("week", monday, BERLIN) == (monday, monday + timedelta(days=7))


def test_days_have_23_25_or_24_hours() -> None:
    def hours(name: str, now: str) -> float:
        first, after = rules.span(name, utc(now), BERLIN)  # type: ignore[arg-type]
        assert first
        return (after - first) / timedelta(hours=1)

    assert [hours("today", f"{day} 12:00") for day in ("2026-03-29", "2026-10-25", "2026-11-18")] == [23, 25, 24]
    assert [hours("week", f"{day} 12:00") for day in ("2026-03-25", "2026-10-20")] == [167, 169]


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-11-18 11:00", "today at 12:00"),
        ("2026-11-18 22:59:59", "today"),
        ("2026-11-19 22:59:59", "tomorrow"),
        ("2026-11-19 17:00", "tomorrow at 18:00"),
        ("2026-11-22 22:59:59", "on Sunday"),
        ("2026-11-24 22:59:59", "on Tuesday"),
        ("2026-11-25 22:59:59", "in 7 days"),
        ("2026-12-03 12:00", "in 2 weeks"),
        ("2027-02-18 12:00", "in 3 months"),
        ("2029-02-18 12:00", "in 2 years"),
        ("2026-11-18 10:59:40", "due now"),
        ("2026-11-18 10:58:30", "1 minute overdue"),
        ("2026-11-18 08:00", "3 hours overdue"),
        ("2026-11-17 22:59:59", "1 day overdue"),
        ("2026-11-05 22:59:59", "13 days overdue"),
        ("2026-10-01 12:00", "6 weeks overdue"),
    ],
)
def test_when_something_is_due_is_said_in_words(due: str, words: str) -> None:
    assert rules.due_words(utc(due), False, NOON, BERLIN) == words


def test_a_date_is_told_in_full_and_can_be_typed_back() -> None:
    whole, part = utc("2026-11-18 22:59:59"), utc("2026-11-18 17:05")
    assert (rules.exact(whole, BERLIN), rules.as_typed(whole, BERLIN)) == ("18 November 2026", "2026-11-18")
    assert (rules.exact(part, BERLIN), rules.as_typed(part, BERLIN)) == ("18 November 2026, 18:05", "2026-11-18 18:05")
    for due in (whole, part):
        assert rules.moment(rules.typed_date(rules.as_typed(due, BERLIN)), BERLIN, end_of_day=True) == due
    assert rules.due_words(whole, True, NOON, BERLIN) == "was due 18 November 2026"
    assert rules.due_words(None, False, NOON, BERLIN) == rules.as_typed(None, BERLIN) == ""


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "\x00"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert clock.zone_of(name).key == "UTC"


def test_a_feed_key_belongs_to_one_person_and_one_number() -> None:
    key = rules.feed_key(b"secret", 1, 1)
    assert rules.is_feed_key(key, b"secret", 1, 1)
    assert len({key, rules.feed_key(b"secret", 1, 2), rules.feed_key(b"secret", 2, 1), rules.feed_key(b"x", 1, 1)}) == 4
    for wrong in ("", "é", "\ud800", key.upper(), key[:-1], key + "0"):
        assert not rules.is_feed_key(wrong, b"secret", 1, 1)
