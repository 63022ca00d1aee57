"""Where a book stands among those that are recommended."""

from datetime import UTC, datetime, timedelta

from bookapp.advice import rules

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_what_was_praised_later_comes_first() -> None:
    assert rules.rank(NOON + timedelta(hours=1), 1) > rules.rank(NOON, 1)


def test_a_second_voice_is_worth_three_weeks_and_no_more() -> None:
    two = rules.rank(NOON, 2)
    assert two > rules.rank(NOON + timedelta(days=20), 1)
    assert two < rules.rank(NOON + timedelta(days=22), 1)


def test_a_favourite_of_everybody_does_not_stay_for_ever() -> None:
    assert rules.rank(NOON, 1000) == rules.rank(NOON, rules.MOST_VOICES)
    assert rules.rank(NOON + timedelta(days=365), 1) > rules.rank(NOON, 1000)


def test_several_books_are_named_with_their_numbers() -> None:
    words = rules.which_one([(7, "Emma", "Jane Austen"), (9, "Emma", "Alexander McCall Smith")])
    assert "Emma by Jane Austen is number 7" in words
    assert "number 9" in words
