"""Titles with their series in brackets, and lines of names: no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.imports.formats.plain import line
from bookapp.imports.formats.titles import names, title_and_series


@pytest.mark.parametrize(
    ("text", "title", "series", "position"),
    [
        ("Emma", "Emma", None, None),
        ("Angels & Demons  (Robert Langdon, #1)", "Angels & Demons", "Robert Langdon", "1"),
        ("Four (Divergent, #0.1 - 0.4)", "Four", "Divergent", "0.1-0.4"),
        ("His Dark Materials (His Dark Materials #1-3)", "His Dark Materials", "His Dark Materials", "1-3"),
        ("Oresteia  (Ορέστεια, #1–3)", "Oresteia", "Ορέστεια", "1-3"),
        ("Mort (Death, #1; Discworld, #4)", "Mort", "Death", "1"),
        ("Night Play (Dark-Hunter #5, Were-Hunter #1)", "Night Play", "Dark-Hunter", "5"),
        ("Ranma ½, Vol. 1 (Ranma ½ (US 2nd), #1)", "Ranma ½, Vol. 1", "Ranma ½ (US 2nd)", "1"),
        ("Raising Steam (Discworld, #40, Moist von Lipwig #3 )", "Raising Steam", "Discworld", "40"),
        (
            "A Storm of Swords (A Song of Ice and Fire, #3: Part 2 of 2)",
            "A Storm of Swords",
            "A Song of Ice and Fire",
            "3",
        ),
        ("Two Tales (The Selection, #0.5, 2.5)", "Two Tales", "The Selection", "0.5, 2.5"),
        ("Saga (Twilight, #1-4 + 3.5)", "Saga", "Twilight", "1-4, 3.5"),
        ("A Touch (Sookie, #4.1, #4.3, #5.1, #7.1, #8.1)", "A Touch", "Sookie", "4.1, 4.3, 5.1, 7.1"),
        ("Beyond Exile (Day by Day Armageddon,# 2)", "Beyond Exile", "Day by Day Armageddon", "2"),
        ("Deep Kiss (Includes: Immortals, #8; Alien, #3.5)", "Deep Kiss", "Immortals", "8"),
        ("I Am America (And So Can You!)", "I Am America (And So Can You!)", None, None),
        (
            "Ten Things We Did (and Probably Shouldn't Have)",
            "Ten Things We Did (and Probably Shouldn't Have)",
            None,
            None,
        ),
        ("Nancy Drew: #1-64", "Nancy Drew: #1-64", None, None),
        ("(Alone, #1)", "(Alone, #1)", None, None),
        ("Broken) brackets (Here, #1", "Broken) brackets (Here, #1", None, None),
        (")(", ")(", None, None),
        ("", "", None, None),
    ],
)
def test_a_series_in_brackets_leaves_the_title(text: str, title: str, series: str | None, position: str | None) -> None:
    assert title_and_series(text) == (title, series, position)


@given(st.text(max_size=300))
def test_any_title_can_be_split(text: str) -> None:
    title, series, position = title_and_series(text)
    assert bool(title) == bool(line(text))
    assert (series is None) == (position is None)
    assert position is None or len(position) <= 20


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30),
    st.text(st.characters(categories=["L"]), min_size=1, max_size=30),
    st.integers(0, 999),
)
def test_what_was_put_into_brackets_comes_out_again(title: str, series: str, number: int) -> None:
    assert title_and_series(f"{title} ({series}, #{number})") == (line(title), line(series), str(number))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("J.R.R. Tolkien, Christopher Tolkien", ("J.R.R. Tolkien", "Christopher Tolkien")),
        ("William Shakespeare, Robert           Jackson", ("William Shakespeare", "Robert Jackson")),
        ("Kurt Vonnegut Jr.", ("Kurt Vonnegut Jr.",)),
        ("Martin Luther King, Jr., Clayborne Carson", ("Martin Luther King Jr.", "Clayborne Carson")),
        ("Louis Sachar, Louis Sachar", ("Louis Sachar",)),
        ("J. R. R. Tolkien, J.R.R. Tolkien", ("J. R. R. Tolkien",)),
        ("Jr., Ann Bee", ("Jr.", "Ann Bee")),
        (" , ,", ()),
        ("", ()),
    ],
)
def test_an_author_line_is_a_list_of_names(text: str, found: tuple[str, ...]) -> None:
    assert names(text) == found
