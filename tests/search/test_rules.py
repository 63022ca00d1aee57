"""Words, keys and slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.search.postgres import BLOCKS, block_of
from bookapp.search.rules import closest, keys_of, respaced, words_of


def test_a_query_has_at_most_twelve_different_words_of_forty_characters() -> None:
    assert words_of("the The THE " + "x" * 50) == ("the", "x" * 40)
    assert len(words_of(" ".join(f"w{n}" for n in range(100)))) == 12


@given(st.text())
def test_words_are_lower_case_letters_and_digits(text: str) -> None:
    for word in words_of(text):
        assert word.isalnum()
        assert not any("A" <= letter <= "Z" for letter in word)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hary", "harry"),
        ("poter", "potter"),
        ("tolkein", "tolkien"),
        ("nabakav", "nabokov"),
        ("shakspere", "shakespeare"),
    ],
)
def test_a_word_and_its_misspelling_share_a_key(typed: str, meant: str) -> None:
    assert keys_of(typed) & keys_of(meant)
    assert closest(typed, [meant, "unrelated"]) == (meant,)


@given(st.text("abcdefgh", min_size=4, max_size=12), st.integers(0, 11), st.sampled_from("abcxyz"), st.integers(0, 3))
def test_one_slip_anywhere_keeps_a_key_in_common(word: str, at: int, letter: str, kind: int) -> None:
    at %= len(word)
    exchanged = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    slipped = (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        exchanged,
    )
    assert keys_of(word) & keys_of(slipped[kind])


def test_short_words_have_no_alternatives() -> None:
    assert closest("the", ["tho", "she"]) == ()
    assert closest("teh", ["the"]) == ()


def test_the_spaces_of_known_words_are_put_right() -> None:
    known = {"harry", "potter", "star", "wars", "warbreaker"}
    assert respaced(("harrypotter", "stone"), known) == ("harry", "potter", "stone")
    assert respaced(("the", "war", "breaker"), known) == ("the", "warbreaker")
    assert respaced(("hobbit",), known) is None


@given(st.integers(1, 2**63 - 1))
def test_every_id_lies_in_a_block(id_: int) -> None:
    assert block_of(id_) == max(first for first in BLOCKS if first <= id_)
