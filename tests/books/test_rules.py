"""Decisions of the catalogue that need no database."""

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.books import rules
from bookapp.books.languages import NAMES, language_code
from bookapp.books.models import UNKNOWN_YEAR
from bookapp.core.text import plain_cell, safe_cell

DIGITS = st.text(string.digits, min_size=9, max_size=9)


def check_digit_10(nine: str) -> str:
    rest = sum((10 - i) * int(digit) for i, digit in enumerate(nine)) % 11
    return "0123456789X"[-rest % 11]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9780141439587", "9780141439587"),
        ("978-0-14-143958-7", "9780141439587"),
        ("978 0 14 143958 7", "9780141439587"),
        ("978–0–14–143958–7", "9780141439587"),
        ("0-14-143958-0", "9780141439587"),
        ("043942089X", "9780439420891"),
        ("043942089x", "9780439420891"),
        ("9791090636071", "9791090636071"),
    ],
)
def test_an_isbn_is_kept_as_thirteen_digits(typed: str, meant: str) -> None:
    assert rules.isbn13(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1",
        "9780141439588",
        "0141439581",
        "X141439580",
        "97801414395871",
        "9770141439587",
        "978014143958X",
        "٠١٤١٤٣٩٥٨٠",
    ],
)
def test_what_is_no_isbn_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="ISBN"):
        rules.isbn13(typed)


@given(DIGITS)
def test_every_ten_digit_isbn_becomes_a_valid_one_of_thirteen(nine: str) -> None:
    isbn = rules.isbn13(nine + check_digit_10(nine))
    assert isbn[:12] == f"978{nine}"
    assert rules.isbn13(isbn) == isbn


@given(DIGITS, st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(nine: str, place: int, slip: int) -> None:
    isbn = rules.isbn13(nine + check_digit_10(nine))
    place += 3
    wrong = isbn[:place] + str((int(isbn[place]) + slip) % 10) + isbn[place + 1 :]
    with pytest.raises(ValueError, match="last digit"):
        rules.isbn13(wrong)


@given(st.text(max_size=60))
def test_any_text_is_an_isbn_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert len(rules.isbn13(text)) == 13


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("eng", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("English", "en"),
        (" german ", "de"),
        ("ger", "de"),
        ("deu", "de"),
        ("fre", "fr"),
        ("fil", "fil"),
        ("Norwegian Bokmål", "nb"),
    ],
)
def test_a_language_is_known_by_its_codes_and_its_name(said: str, code: str) -> None:
    assert language_code(said) == code


@pytest.mark.parametrize("said", ["", "klingon", "xx", "e", "english please"])
def test_an_unknown_language_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="language code"):
        language_code(said)


@pytest.mark.parametrize("code", sorted(NAMES))
def test_every_language_is_its_own_code_and_fits_its_column(code: str) -> None:
    assert language_code(code) == code
    assert len(code) <= 8
    assert language_code(NAMES[code]) == code


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Jane Austen", "austen jane"),
        ("Gabriel García Márquez", "marquez gabriel garcia"),
        ("Plato", "plato"),
        ("Martin Luther King Jr.", "king martin luther jr"),
        ("  Ursula   K. Le Guin ", "guin ursula k le"),
        ("Henry IV", "henry iv"),
        ("Jr.", "jr"),
        ("!!!", "!!!"),
        ("村上春樹", "樹 村 上 春"),
    ],
)
def test_authors_stand_by_their_surname(name: str, place: str) -> None:
    assert rules.author_sort(name) == place


@given(st.text(min_size=1, max_size=200))
def test_the_place_of_any_author_fits_its_column(name: str) -> None:
    assert len(rules.author_sort(name)) <= 200


@pytest.mark.parametrize(
    ("position", "place"),
    [
        ("1", 1.0),
        ("0.5", 0.5),
        ("10", 10.0),
        ("1-3", 1.0),
        ("Book 2", 2.0),
        ("prequel", 1e9),
        (None, 1e9),
        ("", 1e9),
        ("٣", 1e9),
    ],
)
def test_the_place_in_a_series_is_a_number(position: str | None, place: float) -> None:
    assert rules.series_sort(position) == place


@given(st.one_of(st.none(), st.text(max_size=20)))
def test_any_place_in_a_series_can_be_sorted(position: str | None) -> None:
    assert 0 <= rules.series_sort(position) <= 1e9


def test_a_thousand_good_ratings_are_worth_more_than_a_single_best_one() -> None:
    assert rules.score(4.8, 1000) > rules.score(5.0, 1)
    assert rules.score(None, 0) == rules.score(5.0, 0) == 0.0


@given(st.floats(0.5, 5), st.integers(1, 10**9))
def test_a_score_lies_between_the_middle_and_the_average(average: float, count: int) -> None:
    low, high = sorted((3.5, average))
    assert low - 1e-9 <= rules.score(average, count) <= high + 1e-9


@pytest.mark.parametrize(
    ("year", "decade", "label"),
    [
        (1994, 1990, "1990s"),
        (1990, 1990, "1990s"),
        (2000, 2000, "2000s"),
        (5, 0, "0s"),
        (0, 0, "0s"),
        (-44, -50, "50–41 BCE"),
        (-50, -50, "50–41 BCE"),
        (-1, -10, "10–1 BCE"),
    ],
)
def test_a_year_lies_in_its_decade(year: int, decade: int, label: str) -> None:
    assert rules.decade_of(year) == decade
    assert rules.decade_label(decade) == label


@given(st.integers(-9999, 9999))
def test_no_decade_takes_in_the_unknown_year(year: int) -> None:
    assert rules.decade_of(year) <= year <= rules.decade_of(year) + 9
    assert rules.decade_of(year) > UNKNOWN_YEAR


def test_a_new_cover_has_a_new_address() -> None:
    assert rules.cover_url(7, None) == "/books/7/cover"
    assert rules.cover_url(7, "a" * 64) != rules.cover_url(7, "b" * 64)


@given(st.text())
def test_no_cell_of_a_table_is_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain_cell(cell) == text


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''-", "'tis", "-", "＝1", "\u200b@now", "'", "", "Emma"])
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


def test_a_shuffle_key_fits_its_column() -> None:
    assert all(0 <= rules.random_key() < 2**63 for _ in range(200))
