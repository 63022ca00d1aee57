"""Cursors come from outside: what we wrote reads back, anything else is refused politely."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.core.errors import Invalid
from bookapp.core.paging import address, read_cursor, write_cursor

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
NUMBER = st.integers(-(2**63) + 1, 2**63 - 1)
SHAPES = ((str, int), (float, int, int), (int,))


@given(st.one_of(st.tuples(TEXT, NUMBER), st.tuples(st.floats(-1e17, 1e17), NUMBER, NUMBER), st.tuples(NUMBER)))
def test_what_we_wrote_reads_back(values: tuple[str | int | float, ...]) -> None:
    assert read_cursor(write_cursor(values), *SHAPES) == values


@given(st.text())
def test_any_text_is_refused_politely(cursor: str) -> None:
    with contextlib.suppress(Invalid):
        assert len(read_cursor(cursor, *SHAPES)) in (1, 2, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_json_is_refused_politely(value: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    try:
        read = read_cursor(cursor, *SHAPES)
    except Invalid:
        return
    assert [type(v) in (str, int, float) for v in read]


@pytest.mark.parametrize(
    "values",
    [
        [True],
        [2**63],
        [-(2**63) - 1],
        ["\x00", 1],
        ["\ud800", 1],
        [float("inf"), 1, 1],
        [float("nan"), 1, 1],
        [1e18, 1, 1],
        [1.5],
        [],
        {"a": 1},
        "text",
        [10**400, 1, 1],
        [True, 1, 1],
    ],
)
def test_what_sql_cannot_take_is_refused(values: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    with pytest.raises(Invalid):
        read_cursor(cursor, *SHAPES)


@pytest.mark.parametrize(
    "cursor", ["é", "[[[[" * 5000, "W" * 4001, "=", "*", "W10", base64.b64encode(b"[" * 60_000).decode()]
)
def test_garbage_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor, *SHAPES)


def test_an_address_holds_what_is_set() -> None:
    assert address("/books") == "/books"
    assert address("/books", q="", cursor=None) == "/books"
    assert address("/books", q="a&b", year=0) == "/books?q=a%26b&year=0"
