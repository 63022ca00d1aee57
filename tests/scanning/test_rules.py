"""What is read out of what people type, paste and scan."""

import pytest

from bookapp.scanning import rules
from bookapp.scanning.rules import Deed, Standing, Wish

EMMA, EMMA_10 = "9780141439587", "0141439580"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{EMMA}\n9780306406157\n", [EMMA, "9780306406157"]),
        (f"{EMMA}, 9780306406157;{EMMA_10}", [EMMA, "9780306406157", EMMA_10]),
        (f"{EMMA} 9780306406157", [EMMA, "9780306406157"]),
        ("978 0 14 143958 7\r\n0 306 40615 2", ["978 0 14 143958 7", "0 306 40615 2"]),
        ("  \n\n", []),
    ],
)
def test_each_isbn_of_a_paste_is_found(text: str, found: list[str]) -> None:
    assert rules.parts(text) == found


@pytest.mark.parametrize(
    "text",
    [EMMA, "978-0-14-143958-7", "0-14-143958-0", EMMA_10, f"ISBN {EMMA}", f"isbn-13: {EMMA}", "ISBN10:0141439580"],
)
def test_every_spelling_is_the_same_thirteen_digits(text: str) -> None:
    assert [piece.isbn for piece in rules.read([text])] == [EMMA]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9780141439588", "9780141439588 is not a valid ISBN: the last digit does not fit the others."),
        ("4006381333931", "4006381333931 is the barcode of something else: those of books begin with 978 or 979."),
        ("Emma", "Emma is no ISBN: those have 10 or 13 digits."),
    ],
)
def test_what_is_no_isbn_is_said(text: str, words: str) -> None:
    (piece,) = rules.read([text])
    assert (piece.isbn, piece.problem) == (None, words)


def test_the_same_book_in_two_spellings_comes_twice() -> None:
    assert [piece.is_again for piece in rules.read([EMMA, "9780306406157", "0-14-143958-0"])] == [False, False, True]


def test_a_book_that_is_read_is_not_moved_to_the_wishes_by_a_scan() -> None:
    deed = rules.to_do(Wish("want", "Want to read"), Standing(state="read"))
    assert not deed.put
    assert (
        rules.says("Emma", deed, Wish("want", "Want to read"), Standing("read"))
        == "Emma is on your shelf Read already."
    )


def test_it_may_still_be_marked_as_owned_and_stand_on_an_own_shelf() -> None:
    assert rules.to_do(Wish("want", "", is_owned=True), Standing("read")) == Deed(put=False, own=True)
    assert rules.to_do(Wish("attic", "Attic"), Standing("read", True, {"cellar": "Cellar"})) == Deed(put=True)


def test_an_address_keeps_what_was_done() -> None:
    assert rules.deeds("0s.12b.3o") == {0: Deed(put=True), 12: Deed(put=True, own=True), 3: Deed(own=True)}
    assert rules.deeds("x.0z.s.100s") == {}
