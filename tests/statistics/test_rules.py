"""Months, stars, decades and pace, without a database."""

from datetime import date

import pytest

from bookapp.statistics import rules
from bookapp.statistics.results import Bar


@pytest.mark.parametrize(
    ("day", "exact", "words"),
    [
        (date(2024, 3, 12), "day", "12 March"),
        (date(2024, 3, 1), "month", "March"),
        (date(2024, 1, 1), "year", "some time in 2024"),
        (date(2024, 3, 12), None, "12 March"),
    ],
)
def test_no_date_is_told_more_exactly_than_it_is_known(day: date, exact: str | None, words: str) -> None:
    assert rules.finished_words(day, exact) == words


def test_what_only_the_year_is_known_of_is_in_no_month() -> None:
    bars = rules.month_bars({0: 3, 2: 1})
    assert len(bars) == 12
    assert [bar.label for bar in bars if bar.count] == ["February"]


def test_but_it_counts_towards_what_is_done_so_far() -> None:
    assert [bar.count for bar in rules.so_far({0: 2, 1: 1, 3: 4}, 4)] == [3, 3, 7, 7]


def test_the_longest_row_of_months_counts() -> None:
    assert rules.streak({1: 2, 2: 1, 4: 1, 5: 1, 6: 3, 0: 9}) == 3
    assert rules.streak({12: 1, 1: 1}) == 1
    assert rules.streak({}) == 0


def test_quarter_stars_go_into_halves() -> None:
    bars = {bar.label: bar.count for bar in rules.star_bars({1: 1, 2: 1, 17: 1, 18: 2, 20: 5})}
    assert list(bars) == ["½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5"]
    assert (bars["½"], bars["4½"], bars["5"], bars["4"]) == (2, 3, 5, 0)


def test_decades_stand_in_their_order_also_before_christ() -> None:
    assert rules.decade_bars({1815: 1, 1811: 2, -44: 1}) == (Bar("50–41 BCE", 1), Bar("1810s", 3))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 1, 1), 0),
        (date(2026, 7, 2), 12),
        (date(2026, 12, 31), 24),
        (date(2027, 1, 1), 24),
        (date(2025, 12, 31), 0),
    ],
)
def test_a_goal_is_spread_evenly_through_the_year(today: date, expected: int) -> None:
    assert rules.expected(24, 2026, today) == expected


def test_a_leap_year_has_a_day_more() -> None:
    assert rules.expected(366, 2024, date(2024, 3, 1)) == 61
    assert rules.expected(365, 2026, date(2026, 3, 1)) == 60


@pytest.mark.parametrize(
    ("done", "today", "words"),
    [
        (14, date(2026, 7, 2), "2 books ahead of your pace."),
        (9, date(2026, 7, 2), "3 books behind your pace."),
        (11, date(2026, 7, 2), "1 book behind your pace."),
        (12, date(2026, 7, 2), "Just on pace."),
        (24, date(2026, 7, 2), "Reached."),
        (26, date(2028, 7, 2), "Reached, and 2 books more."),
        (23, date(2027, 1, 1), "1 book short of it."),
        (0, date(2025, 12, 31), "The year has not begun."),
    ],
)
def test_pace_is_told_in_words(done: int, today: date, words: str) -> None:
    assert rules.pace_words(24, done, 2026, today) == words


def test_the_last_months_cross_the_new_year() -> None:
    months = rules.last_months(date(2026, 2, 28), 4)
    assert list(months) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert rules.next_month(date(2025, 12, 1)) == date(2026, 1, 1)


def test_nothing_is_said_of_nothing() -> None:
    assert rules.plot("Books", [Bar("May", 0)]).rows == ()
    assert rules.plot("Books", [Bar("May", 0), Bar("June", 1)]).description == "The most for June: 1 book."
